"""What the guides name is there: files, commands, settings, routes."""

from __future__ import annotations

import re

import pytest

from bot.cli import app
from bot.gateway.app import create_app
from bot.settings import ROOT, VARIABLES, Settings

GUIDES = [ROOT / "docs" / name for name in ("operations.md", "deploy.md")]
OF_OTHERS = {"HRBOT_SITE", "HRBOT_GATEWAYS", "UV_PYTHON_INSTALL_DIR", "CURRENT_TIMESTAMP"}


@pytest.fixture(params=GUIDES, ids=lambda path: path.stem)
def guide(request: pytest.FixtureRequest) -> str:
    """Give the text of each guide."""
    return request.param.read_text(encoding="utf-8")


def test_links_lead_somewhere(guide: str) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", guide)
    assert links
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []


def test_commands_are_ours(guide: str) -> None:
    merged = [group for group in app.registered_groups if not group.name]
    commands = {
        command.callback.__name__
        for typer in (app, *(group.typer_instance for group in merged))
        for command in typer.registered_commands
    } | {group.name for group in app.registered_groups if group.name}
    named = set(re.findall(r"(?:hrbot|python -m bot) ([a-z]+)\b", guide)) - {"may"}
    assert named
    assert named <= commands


def test_settings_are_ours(guide: str) -> None:
    named = set(re.findall(r"\b[A-Z]{2,}(?:_[A-Z]+)+\b", guide))
    assert named
    assert named - OF_OTHERS <= {variable.name for variable in VARIABLES}


def test_the_gateways_routes_are_there(settings: Settings) -> None:
    routes = {route.path for route in create_app(settings).routes}
    named = set(re.findall(r"`(/\w+z|/metrics)`", GUIDES[0].read_text(encoding="utf-8")))
    assert named == {"/healthz", "/readyz", "/metrics"}
    assert named <= routes

from __future__ import annotations

import ast
import json
import random
import threading
from pathlib import Path

import pytest

import bot.sandbox
from bot.errors import SettingsError
from bot.sandbox.app import SandboxServer
from bot.sandbox.model import RefusedError
from bot.sandbox.seed import BOT, HR_CHANNEL, ROBIN, SAM, make_workspace, read_manifest
from bot.sandbox.workspace import IdSource

from .app_double import AppDouble, Clock

MANIFEST = {
    "features": {
        "app_home": {"home_tab_enabled": True},
        "slash_commands": [{"command": "/hr"}],
    },
    "oauth_config": {"scopes": {"bot": ["chat:write", "im:history"]}},
    "settings": {"event_subscriptions": {"bot_events": ["message.im"]}},
}


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(MANIFEST))
    return path


def test_the_manifest_says_what_the_app_may_do(manifest: Path) -> None:
    app = read_manifest(manifest)
    assert app.scopes == {"chat:write", "im:history"}
    assert app.events == {"message.im"}
    assert app.commands == {"/hr"}
    assert app.has_home_tab


def test_without_a_manifest_everything_is_allowed(tmp_path: Path) -> None:
    workspace = make_workspace(manifest=tmp_path / "none.json")
    assert workspace.has_scope("anything")


def test_a_broken_manifest_is_named(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_text("{")
    with pytest.raises(SettingsError, match=r"manifest\.json is not valid JSON"):
        read_manifest(path)


def test_events_the_app_did_not_subscribe_to_are_not_sent(manifest: Path, app: AppDouble) -> None:
    with SandboxServer(app.url, manifest=manifest) as slack:
        slack.say("in the channel", user=SAM, channel=HR_CHANNEL)
        slack.say("in the DM")
        assert app.wait_for("message")[0].event["text"] == "in the DM"
        assert len(app.received) == 1


def test_timestamps_rise_even_when_the_clock_stands() -> None:
    workspace = make_workspace(manifest=None, clock=Clock())
    stamps = [workspace.new_ts() for _ in range(100)]
    assert stamps == sorted(set(stamps))
    assert stamps[0] == "1800000000.000000"


def test_ids_repeat_only_with_a_seed() -> None:
    first, second = (IdSource(random.Random(7)) for _ in range(2))
    assert first.new("Ev") == second.new("Ev")
    assert IdSource().new("Ev") != IdSource().new("Ev")


def test_waiting_ends_with_the_change_and_returns_its_value() -> None:
    workspace = make_workspace(manifest=None)
    waiting = threading.Event()
    found = []

    def wait() -> None:
        waiting.set()
        found.append(workspace.wait_for(lambda w: w.triggers))

    thread = threading.Thread(target=wait)
    thread.start()
    waiting.wait()
    trigger_id = workspace.new_trigger(ROBIN)
    thread.join(5)
    assert list(found[0]) == [trigger_id]


def test_waiting_in_vain_is_an_error() -> None:
    with pytest.raises(TimeoutError):
        make_workspace(manifest=None).wait_for(lambda w: w.calls, timeout=0.01)


def test_only_members_see_a_channel() -> None:
    workspace = make_workspace(manifest=None)
    assert workspace.seen_by(SAM, HR_CHANNEL) == []
    with pytest.raises(RefusedError):
        workspace.seen_by(ROBIN, HR_CHANNEL)
    assert set(workspace.dm(ROBIN).members) == {ROBIN, BOT}


def test_a_server_that_is_not_started_says_so() -> None:
    with pytest.raises(RuntimeError, match="not started"):
        SandboxServer(manifest=None).say("hello")


def test_the_sandbox_knows_nothing_of_what_it_tests() -> None:
    folder = Path(bot.sandbox.__file__).parent
    imported = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                imported.add(node.module)
            elif isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
    ours = {name for name in imported if name.split(".")[0] in ("bot", "rasa", "slack_bolt")}
    allowed = ("bot.sandbox", "bot.errors")
    assert all(name.startswith(allowed) for name in ours), ours

"""One trained model for all, one running product a module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import load_settings
from tests.conftest import HAS_POSTGRESQL, new_database
from tests.e2e.stack import Stack, running_stack, trained_model


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the trained model; it is kept in var/ between runs, under its files' hash."""
    none = tmp_path_factory.mktemp("settings") / "none.env"
    return trained_model(load_settings({}, none))


@pytest.fixture(
    scope="module",
    params=[
        "sqlite",
        pytest.param(
            "postgresql",
            marks=pytest.mark.skipif(not HAS_POSTGRESQL, reason="no PostgreSQL answers here"),
        ),
    ],
)
def stack(
    request: pytest.FixtureRequest, model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """Give a running product, once over each kind of database."""
    folder = tmp_path_factory.mktemp("var")
    if request.param == "sqlite":
        with running_stack(folder, model) as running:
            yield running
        return
    with (
        new_database("postgresql", folder) as url,
        running_stack(folder, model, url) as running,
    ):
        yield running

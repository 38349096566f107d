"""What every test may use: a migrated empty database of each kind, settings, a fixed clock."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from bot.db.migrate import upgrade
from bot.db.session import Database
from bot.settings import Settings, load_settings

POSTGRESQL = os.environ.get("HRBOT_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432")
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=timezone.utc)


def _postgresql_answers() -> bool:
    engine = create_engine(f"{POSTGRESQL}/postgres", connect_args={"connect_timeout": 2})
    try:
        with engine.connect():
            return True
    except SQLAlchemyError:
        return False
    finally:
        engine.dispose()


HAS_POSTGRESQL = _postgresql_answers()


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param(
            "postgresql",
            marks=pytest.mark.skipif(not HAS_POSTGRESQL, reason="no PostgreSQL answers here"),
        ),
    ]
)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of an empty database, dropped afterwards."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'test.db'}"
        return
    name = f"hrbot_test_{uuid4().hex[:12]}"
    server = create_engine(f"{POSTGRESQL}/postgres", isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    yield f"{POSTGRESQL}/{name}"
    with server.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    server.dispose()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Give a migrated empty database."""
    migrated = Database(database_url)
    upgrade(migrated)
    yield migrated
    migrated.dispose()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give development settings whose files are in a folder of their own."""
    return load_settings({"HRBOT_VAR_DIR": str(tmp_path / "var")}, tmp_path / "none.env")


@pytest.fixture
def now() -> datetime:
    """Give the time at which tests take place: 3 a.m. in the night shift."""
    return NOW

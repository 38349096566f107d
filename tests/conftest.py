"""What every test may use: a migrated empty database of each kind, settings, a fixed clock."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from bot.db.migrate import upgrade
from bot.db.models import Base
from bot.db.session import Database
from bot.settings import Settings, load_settings

from .privacy.left import LeftBehind
from .privacy.planted import IDENTIFIERS, filled, found_in_database, found_in_dump

POSTGRESQL = os.environ.get("HRBOT_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432")
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=timezone.utc)


def pytest_configure(config: pytest.Config) -> None:
    """Have all that the run leaves searched at its end, once."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(LeftBehind())


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


KINDS = [
    "sqlite",
    pytest.param(
        "postgresql",
        marks=pytest.mark.skipif(not HAS_POSTGRESQL, reason="no PostgreSQL answers here"),
    ),
]


@contextmanager
def new_database(kind: str, folder: Path) -> Iterator[str]:
    """Give the URL of an empty database of this kind, dropped afterwards."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'test.db'}"
        return
    name = f"hrbot_test_{uuid4().hex[:12]}"
    server = create_engine(f"{POSTGRESQL}/postgres", isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    url = f"{POSTGRESQL}/{name}"
    yield url
    left = found_in_dump(url, IDENTIFIERS)
    with server.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    server.dispose()
    assert left == set(), "planted identifiers are in the dump of a database"


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of an empty database without tables, dropped afterwards."""
    with new_database(request.param, tmp_path) as url:
        yield url


@pytest.fixture(scope="session", params=KINDS)
def _migrated(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    with new_database(request.param, tmp_path_factory.mktemp("database")) as url:
        migrated = Database(url)
        upgrade(migrated)
        yield migrated
        migrated.dispose()


@pytest.fixture
def database(_migrated: Database) -> Iterator[Database]:
    """Give a migrated database without rows, in which no planted identifier may be left."""
    yield _migrated
    left = found_in_database(_migrated, IDENTIFIERS)
    _empty(_migrated)
    assert left == set(), "planted identifiers are in the database"


OUR_VARIABLES = sorted(load_settings({}, Path("none.env")).environment())


@pytest.fixture(autouse=True)
def _environment_is_left_alone() -> Iterator[None]:
    """See that a test leaves our settings in the environment as they were.

    Libraries of later tests would read them. What libraries set when they are imported may stay.
    """
    before = {name: os.environ.get(name) for name in OUR_VARIABLES}
    yield
    changed = [name for name in OUR_VARIABLES if os.environ.get(name) != before[name]]
    for name in changed:
        os.environ.pop(name, None)
        if before[name] is not None:
            os.environ[name] = before[name]
    assert changed == [], "a test left the environment changed"


def _empty(database: Database) -> None:
    with database.write() as session:
        tables = filled(session, Base.metadata.tables)
        if database.engine.dialect.name == "postgresql":
            # As an owner may: the audit trail refuses it from everybody else.
            session.execute(text("SET LOCAL session_replication_role = replica"))
            for name in tables:
                session.execute(text(f"DELETE FROM {name}"))
            # Numbers begin anew too, or they would depend on the tests before.
            used = "SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL"
            for name in session.scalars(text(used)).all():
                session.execute(text(f"ALTER SEQUENCE {name} RESTART"))
            return
        triggers = session.execute(
            text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        ).all()
        for trigger in triggers:
            session.execute(text(f"DROP TRIGGER {trigger.name}"))
        for table in reversed(Base.metadata.sorted_tables):
            if table.name in tables:
                session.execute(table.delete())
        for trigger in triggers:
            session.execute(text(trigger.sql))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give development settings whose files are in a folder of their own."""
    return load_settings({"HRBOT_VAR_DIR": str(tmp_path / "var")}, tmp_path / "none.env")


@pytest.fixture
def now() -> datetime:
    """Give the time at which tests take place: 3 a.m. in the night shift."""
    return NOW

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from bot.db.migrate import downgrade, is_current, upgrade
from bot.db.models import Base
from bot.db.session import Database
from bot.errors import DatabaseUnreachableError


def _tables(database: Database) -> set[str]:
    # SQLite keeps a table of its own of the ids that it has given.
    others = {"alembic_version", "sqlite_sequence"}
    return set(inspect(database.engine).get_table_names()) - others


def test_up_down_to_nothing_and_up_again(database_url: str) -> None:
    database = Database(database_url)
    assert not is_current(database)
    upgrade(database)
    assert is_current(database)
    assert _tables(database) == set(Base.metadata.tables)
    downgrade(database, "base")
    assert _tables(database) == set()
    assert not is_current(database)
    upgrade(database)
    assert _tables(database) == set(Base.metadata.tables)
    database.dispose()


def test_migrations_make_what_the_models_say(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_a_second_upgrade_changes_nothing_and_keeps_rasas_tables(database_url: str) -> None:
    database = Database(database_url)
    upgrade(database)
    with database.engine.begin() as connection:
        connection.execute(text("CREATE TABLE events (id INTEGER PRIMARY KEY)"))
        connection.execute(text("INSERT INTO events VALUES (7)"))
    upgrade(database)
    with database.read() as session:
        assert session.execute(text("SELECT id FROM events")).scalar() == 7
    database.dispose()


def test_without_a_database_there_is_a_sentence() -> None:
    with pytest.raises(DatabaseUnreachableError, match="DATABASE_URL"):
        upgrade(Database("postgresql://hr@127.0.0.1:1/hr"))

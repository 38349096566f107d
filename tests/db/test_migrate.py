from __future__ import annotations

from datetime import datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, select, text

from bot.db.migrate import downgrade, is_current, upgrade
from bot.db.models import Base, Conversation
from bot.db.revision import known_revisions
from bot.db.session import Database
from bot.errors import DatabaseUnreachableError

from ..records import add_conversation


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


def _schema(database: Database) -> dict[str, tuple[set[str], set[str], int]]:
    """Return the columns (with what they allow), indexes and foreign keys of each table."""
    found = inspect(database.engine)
    return {
        table: (
            {f"{c['name']} {c['type']} {c['nullable']}" for c in found.get_columns(table)},
            {str(i["name"]) for i in found.get_indexes(table)}
            | {str(u["name"]) for u in found.get_unique_constraints(table)},
            len(found.get_foreign_keys(table)),
        )
        for table in found.get_table_names()
        if not _is_sqlites_own(table)
    }


def _is_sqlites_own(table: str) -> bool:
    return table.startswith("sqlite_")


def test_each_step_can_be_taken_back_and_again(database_url: str) -> None:
    database = Database(database_url)
    before, earlier = "base", {}
    for revision in known_revisions():
        upgrade(database, revision)
        schema = _schema(database)
        downgrade(database, before)
        if before != "base":
            assert _schema(database) == earlier
        upgrade(database, revision)
        assert _schema(database) == schema
        before, earlier = revision, schema
    database.dispose()


def test_rows_survive_a_step_back_and_again(database_url: str, now: datetime) -> None:
    database = Database(database_url)
    upgrade(database)
    add_conversation(database, now)
    # The first step makes the tables; all later ones are taken back.
    downgrade(database, known_revisions()[0])
    upgrade(database)
    with database.read() as session:
        assert session.scalars(select(Conversation.person_id)).all() == ["p:robin"]
    database.dispose()


def test_migrations_make_what_the_models_say(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = compare_metadata(context, Base.metadata)
    assert [d for d in found if d[0] != "remove_table" or not _is_sqlites_own(d[1].name)] == []


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

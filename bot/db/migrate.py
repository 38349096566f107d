"""Brings a database to the current schema with Alembic, from Python (no alembic.ini needed)."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.db.session import Database

MIGRATIONS = Path(__file__).parent / "migrations"


def alembic_config(url: str) -> Config:
    """Return Alembic's configuration for the database at `url`."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    return config


def upgrade(database: Database, revision: str = "head") -> None:
    """Run the migrations up to `revision`; nothing happens if it is there already."""
    database.check()
    command.upgrade(alembic_config(database.url), revision)


def downgrade(database: Database, revision: str) -> None:
    """Run the migrations back to `revision` (`base` for an empty database)."""
    command.downgrade(alembic_config(database.url), revision)


def is_current(database: Database) -> bool:
    """Say whether the database stands at the newest migration."""
    head = ScriptDirectory.from_config(alembic_config(database.url)).get_current_head()
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head

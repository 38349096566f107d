from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.db.migrate import upgrade
from bot.db.models import Person
from bot.db.session import Database
from bot.errors import HRBotError

from .records import add_conversation


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, now: datetime) -> Database:
    """Give the database that the command finds by its settings."""
    monkeypatch.setenv("HRBOT_VAR_DIR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    database = Database(f"sqlite:///{tmp_path / 'hrbot.db'}")
    upgrade(database)
    add_conversation(database, now)
    database.dispose()
    return database


def hrbot(*arguments: str, answer: str = "") -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments], input=answer)


def people(database: Database) -> list[str]:
    with database.read() as session:
        found = sorted(session.scalars(select(Person.id)))
    database.dispose()
    return found


def test_a_backup_is_restored_when_one_says_yes(
    database: Database, tmp_path: Path, now: datetime
) -> None:
    file = tmp_path / "backup"
    assert f"Written: {file}" in hrbot("db", "backup", file).output
    add_conversation(database, now, name="later")
    database.dispose()
    declined = hrbot("db", "restore", file, answer="n\n")
    assert declined.exit_code == 1
    assert "Replace all that is in sqlite" in declined.output
    assert people(database) == ["p:later", "p:robin"]
    assert "up to date" in hrbot("db", "restore", file, "--yes").output
    assert people(database) == ["p:robin"]


@pytest.mark.parametrize(
    ("revision", "words"), [("0001", "hrbot db upgrade"), ("9999", "made by a newer version")]
)
def test_tables_of_another_version_are_not_worked_on(
    database: Database, revision: str, words: str
) -> None:
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})
    database.dispose()
    found = hrbot("cases", "list").exception
    assert isinstance(found, HRBotError)
    assert words in str(found)
    assert str(found)[0] == "T"

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DatabaseError

from bot.db.audit import AuditEntry
from bot.db.session import Database
from bot.privacy import audit

from ..records import quick_database

TODAY = datetime.now(timezone.utc)


def add(database: Database, at: datetime = TODAY, **more: str) -> None:
    entry = {"actor": "p:sam", "action": audit.VIEWED, "subject": "HR-1001", **more}
    with database.write() as session:
        audit.write(session, at, **entry, where="history")


def count(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count(AuditEntry.id)))


@pytest.mark.parametrize(
    "attempt",
    [
        update(AuditEntry).values(actor="p:nobody"),
        delete(AuditEntry),
        text("DELETE FROM audit WHERE id = 1"),
        text("UPDATE audit SET at = '2001-01-01 00:00:00'"),
    ],
)
def test_what_is_written_stays(database: Database, attempt: object) -> None:
    add(database)
    with pytest.raises(DatabaseError, match="only grows"), database.write() as session:
        session.execute(attempt)
    with database.read() as session:
        (entry,) = audit.entries(session)
    assert (entry.actor, entry.at) == ("p:sam", TODAY)


def test_postgresql_does_not_truncate_it(database: Database) -> None:
    if database.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no TRUNCATE")
    add(database)
    with pytest.raises(DatabaseError, match="only grows"), database.write() as session:
        session.execute(text("TRUNCATE audit"))
    assert count(database) == 1


def test_after_a_year_it_may_be_forgotten(database: Database) -> None:
    add(database, TODAY - timedelta(days=366))
    add(database, TODAY - timedelta(days=364))
    before = TODAY - timedelta(days=365)
    with database.write() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.at < before))
    assert count(database) == 1


def test_the_models_alone_make_the_same_triggers(tmp_path: Path, database: Database) -> None:
    if database.engine.dialect.name != "sqlite":
        pytest.skip("compared where the text of a trigger can be read")
    quick = quick_database(tmp_path)
    triggers = text("SELECT sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
    found = []
    for one in (quick, database):
        with one.read() as session:
            found.append(session.execute(triggers).scalars().all())
    assert found[0] == found[1]
    assert len(found[0]) == 2
    quick.dispose()


def test_it_is_found_by_subject_actor_and_time(database: Database) -> None:
    add(database, subject="HR-1001", actor="p:sam")
    add(database, subject="HR-1002", actor="p:dana")
    add(database, TODAY + timedelta(hours=1), subject="HR-1003", actor="p:sam")

    def found(**wanted: object) -> list[str]:
        with database.read() as session:
            return [entry.subject for entry in audit.entries(session, **wanted)]

    assert found() == ["HR-1001", "HR-1002", "HR-1003"]
    assert found(at_most=2) == ["HR-1002", "HR-1003"]
    assert found(subject="HR-1002") == ["HR-1002"]
    assert found(actor="p:sam") == ["HR-1001", "HR-1003"]
    assert found(since=TODAY + timedelta(minutes=1)) == ["HR-1003"]
    with database.read() as session:
        named = audit.naming(session, ["p:dana", "HR-1003"])
    assert [entry.subject for entry in named] == ["HR-1002", "HR-1003"]


def test_whoever_uses_the_command_line_is_named() -> None:
    assert audit.operator().startswith("operator:")
    assert len(audit.operator()) > len("operator:")

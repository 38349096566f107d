from __future__ import annotations

import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, inspect, select, text
from sqlalchemy.engine import make_url

from bot.db import backup as backup_module
from bot.db.backup import BackupError, backup, restore
from bot.db.migrate import downgrade, is_current, upgrade
from bot.db.models import OutboxRow, Person
from bot.db.queues import enqueue
from bot.db.revision import known_revisions
from bot.db.session import Database

from ..conftest import HAS_POSTGRESQL, new_database
from ..records import add_conversation


@pytest.fixture
def filled(database_url: str, now: datetime) -> Iterator[Database]:
    """Give a database with a person, a conversation, a row on its way and a table of Rasa's."""
    database = Database(database_url)
    upgrade(database)
    add_conversation(database, now)
    with database.write() as session:
        session.execute(text("CREATE TABLE events (id INTEGER PRIMARY KEY, data TEXT)"))
        session.execute(text("INSERT INTO events VALUES (7, 'said')"))
        enqueue(
            session, delivery_key="reply:turn:1", kind="reply", lane="l", payload={}, now=now
        )  # fmt: skip
    yield database
    database.dispose()


def people(database: Database) -> list[str]:
    with database.read() as session:
        return sorted(session.scalars(select(Person.id)))


def rasas(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.execute(text("SELECT data FROM events")).scalars())


def test_all_comes_back_as_it_was(filled: Database, tmp_path: Path, now: datetime) -> None:
    file = tmp_path / "backups" / "monday"
    backup(filled, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["monday"]
    add_conversation(filled, now, name="later")
    with filled.write() as session:
        session.execute(text("DELETE FROM events"))
        session.execute(text("CREATE TABLE made_later (id INTEGER PRIMARY KEY)"))
    filled.dispose()
    restore(filled, file)
    assert people(filled) == ["p:robin"]
    assert rasas(filled) == ["said"]
    assert "made_later" not in inspect(filled.engine).get_table_names()
    add_conversation(filled, now, name="after")


def test_what_was_on_its_way_is_looked_for_before_it_is_sent_again(
    filled: Database, tmp_path: Path, now: datetime
) -> None:
    backup(filled, tmp_path / "b")
    filled.dispose()
    restore(filled, tmp_path / "b")
    with filled.read() as session:
        assert session.scalar(select(OutboxRow.attempted_at)) == now


def test_an_older_backup_is_brought_up_to_date(filled: Database, tmp_path: Path) -> None:
    with filled.write() as session:
        session.execute(text("DELETE FROM outbox"))
    downgrade(filled, "0003")
    backup(filled, tmp_path / "b")
    upgrade(filled)
    filled.dispose()
    assert restore(filled, tmp_path / "b") == "0003"
    assert is_current(filled)
    assert people(filled) == ["p:robin"]


def test_a_backup_of_a_newer_version_is_refused_and_nothing_changed(
    filled: Database, tmp_path: Path, now: datetime
) -> None:
    change = text("UPDATE alembic_version SET version_num = :revision")
    with filled.write() as session:
        session.execute(change, {"revision": "9999"})
    backup(filled, tmp_path / "b")
    with filled.write() as session:
        session.execute(change, {"revision": known_revisions()[-1]})
    add_conversation(filled, now, name="later")
    filled.dispose()
    with pytest.raises(BackupError, match=r"newer version.*9999.*update the program"):
        restore(filled, tmp_path / "b")
    assert people(filled) == ["p:later", "p:robin"]


def test_while_somebody_uses_the_database_it_says_to_stop_them(
    filled: Database, tmp_path: Path, now: datetime
) -> None:
    backup(filled, tmp_path / "b")
    add_conversation(filled, now, name="later")
    gateway = Database(filled.url)
    # It has a connection, and does nothing with it just now.
    assert len(people(gateway)) == 2
    with pytest.raises(BackupError, match="Stop the gateways"):
        restore(filled, tmp_path / "b")
    assert len(people(gateway)) == 2
    gateway.dispose()
    restore(filled, tmp_path / "b")
    assert people(filled) == ["p:robin"]


def test_a_backup_is_of_one_moment_while_others_write(
    filled: Database, tmp_path: Path, now: datetime
) -> None:
    enough, stop = threading.Event(), threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            with filled.write() as session:
                for half in ("a", "b"):
                    enqueue(
                        session, delivery_key=f"{half}:{number}", kind="k", lane=half, payload={},
                        now=now + timedelta(seconds=number),
                    )  # fmt: skip
            number += 1
            if number == 5:
                enough.set()

    writer = threading.Thread(target=write)
    writer.start()
    assert enough.wait(20)
    backup(filled, tmp_path / "b")
    stop.set()
    writer.join(20)
    filled.dispose()
    restore(filled, tmp_path / "b")
    with filled.read() as session:
        by_lane = select(OutboxRow.lane, func.count()).group_by(OutboxRow.lane)
        lanes = dict(session.execute(by_lane).all())
    assert lanes["a"] == lanes["b"] >= 5


@pytest.mark.parametrize(
    "content",
    [b"", b"no database at all", b"SQLite format 3\0" + b"x" * 99],
    ids=["empty", "text", "broken"],
)
def test_what_is_no_backup_is_refused_and_nothing_changed(
    filled: Database, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "b"
    file.write_bytes(content)
    filled.dispose()
    with pytest.raises(BackupError, match=r"no whole backup|pg_restore failed|no backup"):
        restore(filled, file)
    assert people(filled) == ["p:robin"]


def test_a_damaged_backup_is_refused(tmp_path: Path, now: datetime) -> None:
    database = Database(f"sqlite:///{tmp_path / 'live.db'}")
    upgrade(database)
    add_conversation(database, now)
    file = tmp_path / "b"
    backup(database, file)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BackupError, match="no whole backup"):
        restore(database, file)
    with closing(sqlite3.connect(tmp_path / "empty")) as other:
        other.execute("CREATE TABLE t (id INTEGER)")
    with pytest.raises(BackupError, match="no whole backup"):
        restore(database, tmp_path / "empty")
    assert people(database) == ["p:robin"]
    database.dispose()


def test_a_file_that_is_there_is_never_written_over(filled: Database, tmp_path: Path) -> None:
    file = tmp_path / "b"
    file.write_text("precious")
    with pytest.raises(BackupError, match="there already"):
        backup(filled, file)
    assert file.read_text() == "precious"
    with pytest.raises(BackupError, match="There is no file"):
        restore(filled, tmp_path / "nothing")


needs_postgresql = pytest.mark.skipif(not HAS_POSTGRESQL, reason="no PostgreSQL answers here")


@needs_postgresql
def test_without_postgresqls_tools_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with new_database("postgresql", tmp_path) as url:
        database = Database(url)
        upgrade(database)
        monkeypatch.setattr(backup_module.shutil, "which", lambda tool: None)
        with pytest.raises(BackupError, match=r"pg_dump is not installed.*postgresql-client"):
            backup(database, tmp_path / "b")
        assert list(tmp_path.iterdir()) == []
        database.dispose()


@needs_postgresql
def test_a_tool_that_fails_leaves_no_half_a_file(tmp_path: Path) -> None:
    with new_database("postgresql", tmp_path) as url:
        database = Database(url)
        upgrade(database)
        elsewhere = make_url(url).update_query_dict({"sslmode": "verify-full"})
        database.url = elsewhere.render_as_string(hide_password=False)
        with pytest.raises(BackupError, match="pg_dump failed"):
            backup(database, tmp_path / "b")
        assert list(tmp_path.iterdir()) == []
        database.dispose()

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from bot.db.models import Conversation, Person
from bot.db.session import Database, safe_url
from bot.errors import DatabaseUnreachableError

from ..records import quick_database


def _person(name: str, now: datetime) -> Person:
    return Person(id=f"p:{name}", address_hash=name, address_sealed="", created_at=now)


def test_writers_wait_for_each_other(tmp_path: Path, now: datetime) -> None:
    database = quick_database(tmp_path)
    with database.write() as session:
        session.add(_person("counter", now))

    def count_up(_: int) -> None:
        with database.write() as session:
            person = session.get(Person, "p:counter")
            person.address_sealed = str(int(person.address_sealed or 0) + 1)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count_up, range(20)))
    with database.read() as session:
        assert session.get(Person, "p:counter").address_sealed == "20"
    database.dispose()


def test_reading_goes_on_while_somebody_writes(database: Database, now: datetime) -> None:
    with database.write() as writing:
        writing.add(_person("new", now))
        writing.flush()
        with database.read() as reading:
            assert reading.scalars(select(Person)).all() == []


def test_reading_commits_nothing(database: Database, now: datetime) -> None:
    with database.read() as session:
        session.add(_person("new", now))
        session.flush()
    with database.read() as session:
        assert session.scalars(select(Person)).all() == []


def test_an_object_outlives_its_session(database: Database, now: datetime) -> None:
    with database.write() as session:
        session.add(_person("new", now))
    with database.read() as session:
        person = session.get(Person, "p:new")
    assert person.address_hash == "new"


def test_foreign_keys_hold(database: Database, now: datetime) -> None:
    orphan = Conversation(
        id="slack:1",
        person_id="p:nobody",
        audience="employee",
        address_hash="h",
        address_sealed="",
        created_at=now,
    )
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(orphan)


def test_errors_do_not_show_what_was_stored(database: Database, now: datetime) -> None:
    secret = "my knee hurts"
    with database.write() as session:
        session.add(_person("new", now))
    same = {"id": "p:new", "address_hash": "x", "address_sealed": secret, "created_at": now}
    with pytest.raises(IntegrityError) as caught, database.write() as session:
        session.execute(insert(Person).values(**same))
    assert secret not in str(caught.value)


def test_an_unreachable_database_is_named_without_its_password() -> None:
    database = Database("postgresql://hr:s3cret@127.0.0.1:1/hr")
    with pytest.raises(DatabaseUnreachableError) as caught:
        database.check()
    sentence = str(caught.value)
    assert "DATABASE_URL" in sentence
    assert "127.0.0.1:1" in sentence
    assert "s3cret" not in sentence
    assert "s3cret" not in safe_url(database.url)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("shopping list\n" * 100)
    with pytest.raises(DatabaseUnreachableError, match=r"DATABASE_URL.*notes\.txt"):
        Database(f"sqlite:///{tmp_path / 'notes.txt'}").check()


def test_a_folder_that_cant_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseUnreachableError, match=r"DATABASE_URL: the folder .*file"):
        Database(f"sqlite:///{tmp_path / 'file' / 'hr.db'}")


def test_missing_folders_are_made(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'a' / 'b' / 'hr.db'}")
    database.check()
    assert (tmp_path / "a" / "b" / "hr.db").exists()
    database.dispose()


def test_a_writer_in_the_way_is_waited_for(tmp_path: Path, now: datetime) -> None:
    database = quick_database(tmp_path)
    holds, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        with database.write() as session:
            session.add(_person("first", now))
            session.flush()
            holds.set()
            may_end.wait(5)

    thread = threading.Thread(target=hold)
    thread.start()
    holds.wait(5)
    threading.Timer(0.05, may_end.set).start()
    with database.write() as session:
        seen = [person.id for person in session.scalars(select(Person))]
    thread.join()
    assert seen == ["p:first"]
    database.dispose()


def test_compacting_leaves_no_byte_of_what_somebody_else_deleted(tmp_path: Path) -> None:
    database = quick_database(tmp_path)
    file = tmp_path / "quick.db"
    # Rasa's own engine doesn't overwrite what it deletes.
    with closing(sqlite3.connect(file)) as other:
        other.execute("PRAGMA secure_delete=OFF")
        other.execute("CREATE TABLE events (data TEXT)")
        other.execute("INSERT INTO events VALUES ('my kumquat hurts')")
        other.commit()
        other.execute("DELETE FROM events")
        other.commit()
    assert database.empty_log()
    assert b"kumquat" in file.read_bytes()
    assert database.compact()
    assert all(b"kumquat" not in part.read_bytes() for part in tmp_path.iterdir())
    database.dispose()


def test_a_log_that_somebody_reads_is_not_emptied(
    tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.db.session.SQLITE_BUSY_SECONDS", 0.05)
    database = quick_database(tmp_path)
    with database.read() as reading:
        reading.scalars(select(Person)).all()
        with database.write() as session:
            session.add(_person("new", now))
        assert not database.empty_log()
        assert not database.compact()
    assert database.compact()
    database.dispose()

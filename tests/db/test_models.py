from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import StatementError

from bot.db.models import Case, Person
from bot.db.session import Database


def _person(created_at: datetime) -> Person:
    return Person(id="p:1", address_hash="h", address_sealed="s", created_at=created_at)


def test_times_come_back_as_utc(database: Database) -> None:
    chicago = timezone(timedelta(hours=-6))
    with database.write() as session:
        session.add(_person(datetime(2026, 11, 22, 21, 0, tzinfo=chicago)))
    with database.read() as session:
        kept = session.get(Person, "p:1").created_at
    assert kept == datetime(2026, 11, 23, 3, 0, tzinfo=timezone.utc)
    assert kept.utcoffset() == timedelta(0)


def test_a_time_without_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="naive"), database.write() as session:
        session.add(_person(datetime(2026, 11, 23, 3, 0)))


def test_people_see_case_numbers_from_1001() -> None:
    assert Case(id=1).reference == "HR-1001"


def test_no_row_is_half_written(database: Database, now: datetime) -> None:
    def break_off() -> None:
        with database.write() as session:
            session.add(_person(now))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    with database.read() as session:
        assert session.get(Person, "p:1") is None

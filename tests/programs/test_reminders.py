"""A reminder comes once, a week before the day that the catalogue has then, or not at all."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.db.models import OutboxRow, Person, Program, ProgramDate
from bot.db.reminders import ProgramReminder
from bot.db.session import Database
from bot.programs import reminders
from bot.programs.catalogue import import_programs
from bot.programs.reminders import Day
from bot.settings import ROOT

CHICAGO = ZoneInfo("America/Chicago")
SPRING = Day(
    "tuition-assistance", "Tuition assistance", "Spring term 2027", "closes", date(2026, 12, 15)
)


@pytest.fixture(autouse=True)
def _robin(database: Database, now: datetime) -> None:
    with database.write() as session:
        session.add(Person(id="p:robin", address_hash="r", address_sealed="", created_at=now))
        import_programs(session, ROOT / "data" / "programs.yml")


def next_day(database: Database, today: date) -> Day | None:
    with database.read() as session:
        return reminders.day_to_remind_of(session.get(Program, SPRING.program_id), today)


def ask(database: Database, now: datetime, day: Day = SPRING) -> int:
    with database.write() as session:
        return reminders.ask(session, "p:robin", day, now).id


def tick(database: Database, at: str) -> int:
    moment = datetime.fromisoformat(at).replace(tzinfo=CHICAGO).astimezone(timezone.utc)
    with database.write() as session:
        return reminders.put_due(session, moment, CHICAGO)


def status(database: Database, number: int) -> str:
    with database.read() as session:
        return session.get(ProgramReminder, number).status


def cancel(database: Database, number: int, now: datetime, person: str = "p:robin") -> bool:
    with database.write() as session:
        return reminders.cancel(session, person, number, now)


def rows(database: Database) -> list[OutboxRow]:
    with database.read() as session:
        return list(session.scalars(select(OutboxRow)))


@pytest.mark.parametrize(
    ("today", "stage", "day"),
    [
        (date(2026, 10, 20), "opens", date(2026, 11, 1)),
        (date(2026, 10, 25), "closes", date(2026, 12, 15)),
        (date(2026, 12, 7), "closes", date(2026, 12, 15)),
        (date(2026, 12, 8), "opens", date(2027, 3, 15)),
        (date(2027, 5, 1), None, None),
    ],
)
def test_it_is_offered_for_the_next_day_more_than_a_week_ahead(
    database: Database, today: date, stage: str | None, day: date | None
) -> None:
    found = next_day(database, today)
    assert (found and found.stage, found and found.day) == (stage, day)


def test_it_comes_once_a_week_before(database: Database, now: datetime) -> None:
    number = ask(database, now)
    assert ask(database, now + timedelta(days=1)) == number
    days = ("2026-12-07 23:59", "2026-12-08 00:00", "2026-12-08 00:01", "2026-12-15 12:00")
    assert [tick(database, at) for at in days] == [0, 1, 0, 0]
    (row,) = rows(database)
    assert (row.kind, row.payload) == ("program_reminder", {"reminder": number})
    assert status(database, number) == "due"


def test_if_the_day_moves_so_does_the_reminder(database: Database, now: datetime) -> None:
    number = ask(database, now)
    with database.write() as session:
        window = session.scalar(select(ProgramDate).where(ProgramDate.name == SPRING.window))
        window.closes = date(2026, 12, 22)
    assert [tick(database, f"2026-12-{day:02} 12:00") for day in (8, 14, 15)] == [0, 0, 1]
    assert status(database, number) == "due"


def test_what_was_missed_is_not_sent_late(database: Database, now: datetime) -> None:
    number = ask(database, now)
    assert tick(database, "2026-12-16 00:00") == 0
    assert status(database, number) == "missed"


def test_a_day_that_left_the_catalogue_is_given_up_in_the_end(
    database: Database, now: datetime
) -> None:
    number = ask(database, now, Day("gone", "Gone", "Never", "closes", date(2027, 1, 1)))
    assert tick(database, "2027-01-01 12:00") == 0
    assert status(database, number) == "on"
    tick(database, "2028-02-01 12:00")
    assert status(database, number) == "missed"


def test_it_can_be_cancelled_by_whoever_asked_and_asked_for_again(
    database: Database, now: datetime
) -> None:
    number = ask(database, now)
    with database.read() as session:
        ((_, day),) = reminders.waiting_of(session, "p:robin")
    assert day == SPRING
    assert not cancel(database, number, now, "p:casey")
    assert cancel(database, number, now)
    assert not cancel(database, number, now)
    with database.read() as session:
        assert reminders.waiting_of(session, "p:robin") == []
        assert not reminders.is_asked(session, "p:robin", SPRING)
    assert tick(database, "2026-12-08 12:00") == 0
    assert ask(database, now + timedelta(days=2)) == number
    assert tick(database, "2026-12-08 12:01") == 1

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.db.models import OutboxRow
from bot.db.session import Database
from bot.listening.weekly import post_weekly

from ..desk.office import ROUTING, chicago
from .log import add_asker, add_turn


def tick(database: Database, at: str) -> int:
    with database.write() as session:
        return post_weekly(session, ROUTING, chicago(at))


@pytest.fixture
def _asked(database: Database) -> None:
    with database.write() as session:
        asker = add_asker(session, "robin", chicago("2026-11-10 09:00"))
        add_turn(session, asker, chicago("2026-11-10 09:00"))


@pytest.mark.usefixtures("_asked")
def test_last_week_is_reported_once_on_monday_morning(database: Database) -> None:
    assert tick(database, "2026-11-15 12:00") == 0
    assert tick(database, "2026-11-16 08:29") == 0
    assert tick(database, "2026-11-16 08:30") == 1
    assert tick(database, "2026-11-16 08:31") == 0
    assert tick(database, "2026-11-17 08:31") == 0
    with database.read() as session:
        (row,) = session.scalars(select(OutboxRow)).all()
    assert (row.kind, row.audience) == ("weekly_report", "employee")
    assert row.payload == {"until": "2026-11-16"}


@pytest.mark.usefixtures("_asked")
def test_a_monday_that_was_missed_is_made_up_for(database: Database) -> None:
    assert tick(database, "2026-11-16 17:00") == 0
    assert tick(database, "2026-11-17 09:00") == 1


@pytest.mark.usefixtures("_asked")
def test_a_week_without_questions_has_no_report(database: Database) -> None:
    assert tick(database, "2026-11-23 09:00") == 0

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.db.session import Database
from bot.desk import asking, cases, work
from bot.desk.cases import Actor
from bot.listening.intervals import Share
from bot.listening.outcomes import Group
from bot.listening.periods import Period
from bot.listening.waiting import QueueFigures, figures_of_all, queue_figures
from bot.privacy.sealing import opaque_id

from ..desk.office import ROUTING, SAM, chicago
from .log import add_asker

MONDAY = chicago("2026-11-09 00:00")
WEEK = Period(MONDAY, MONDAY + timedelta(days=7))
LATER = chicago("2026-11-25 12:00")
OPENED = chicago("2026-11-10 09:00")


@pytest.fixture
def askers(database: Database) -> list[str]:
    with database.write() as session:
        add_asker(session, "sam", MONDAY)
        return [add_asker(session, f"asker{number}", MONDAY) for number in range(6)]


def open_one(database: Database, asker: str, at: datetime = OPENED, **more: object) -> int:
    values = {"topic": "benefits/dental", **more}
    with database.write() as session:
        return cases.open_case(
            session,
            turn_id=opaque_id("turn"),
            conversation_id=asker,
            question="Is a crown paid?",
            routing=ROUTING,
            now=at,
            **values,
        ).id


def answer(database: Database, case: int, hours: float, text: str = "Half.") -> None:
    with database.write() as session:
        work.answer(session, case, SAM, text, OPENED + timedelta(hours=hours))


def say(database: Database, case: int, asker: str, word: str, score: int | None = None) -> None:
    actor = Actor("asker", asker.replace("slack:", "p:"))
    with database.write() as session:
        at = LATER - timedelta(days=7)
        if word == "no":
            asking.reopen(session, case, actor, at, routing=ROUTING)
        elif word == "back":
            asking.withdraw(session, case, actor, at)
        else:
            asking.confirm_helpful(session, case, actor, at)
            asking.rate(session, case, actor, score, at)


def benefits(database: Database) -> QueueFigures:
    with database.read() as session:
        (found,) = queue_figures(session, ROUTING, WEEK, LATER)
    assert found.name == "benefits"
    return found


def test_a_queue_is_told_by_service_time_and_by_what_askers_said(
    database: Database, askers: list[str]
) -> None:
    opened = [open_one(database, asker) for asker in askers]
    # The office is open from eight to five: 24 hours later are nine of service.
    for case, hours in zip(opened[:5], (1, 2, 3, 5, 24), strict=True):
        answer(database, case, hours)
    for case, asker, score in zip(opened[:4], askers, (5, 4, 5, 2), strict=False):
        say(database, case, asker, "yes", score)
    found = benefits(database)
    assert found.cases == Group(6, 6)
    assert (found.first_reply.people, found.first_reply.usual) == (5, timedelta(hours=3))
    assert found.first_reply.long == timedelta(hours=7, minutes=24)
    assert found.answer == found.first_reply
    # Of the sixth nobody ever heard, and both of its deadlines are over.
    assert found.first_reply_in_time == Share(3, 6)
    assert found.resolved_in_time == Share(5, 6)
    assert (found.satisfied, found.mean_score) == (None, None)
    assert found.by_outcome["solved"] == Group(4, 4)
    assert found.by_outcome["silent"] == Group(1, 1)
    assert found.by_outcome["running"] == Group(1, 1)


def test_satisfaction_is_told_from_five_people_on(database: Database, askers: list[str]) -> None:
    for asker, score in zip(askers, (5, 4, 5, 2, 4), strict=False):
        case = open_one(database, asker)
        answer(database, case, 1)
        say(database, case, asker, "yes", score)
    found = benefits(database)
    assert (found.satisfied, found.mean_score) == (Share(4, 5), 4.0)


def test_one_person_is_no_group_however_often_they_ask(
    database: Database, askers: list[str]
) -> None:
    for minutes in range(8):
        case = open_one(database, askers[0], OPENED + timedelta(minutes=minutes))
        answer(database, case, 2)
    found = benefits(database)
    assert found.cases == Group(8, 1)
    assert (found.first_reply.usual, found.first_reply_in_time) == (None, None)


def test_what_is_still_in_time_is_neither_kept_nor_broken(
    database: Database, askers: list[str]
) -> None:
    for asker in askers:
        open_one(database, asker)
    with database.read() as session:
        (found,) = queue_figures(session, ROUTING, WEEK, OPENED + timedelta(hours=3))
    assert (found.first_reply_in_time, found.resolved_in_time) == (None, None)


def test_a_case_that_was_opened_again_is_measured_by_its_last_answer(
    database: Database, askers: list[str]
) -> None:
    for asker in askers:
        case = open_one(database, asker)
        answer(database, case, 1)
        say(database, case, asker, "no")
    found = benefits(database)
    assert found.by_outcome["came_back"] == Group(6, 6)
    # Opened again on the 18th with 18 hours of service time: until the 20th.
    assert found.resolved_in_time == Share(0, 6)
    assert found.answer.usual == timedelta(hours=1)


def test_who_takes_a_question_back_has_no_deadline(database: Database, askers: list[str]) -> None:
    for asker in askers:
        say(database, open_one(database, asker), asker, "back")
    found = benefits(database)
    assert (found.first_reply_in_time, found.resolved_in_time) == (None, None)
    assert found.by_outcome["taken_back"] == Group(6, 6)


def test_anonymous_and_sensitive_cases_are_in_no_figure(
    database: Database, askers: list[str]
) -> None:
    for asker in askers:
        open_one(database, asker, anonymous=True)
        open_one(database, asker, topic="relations/union")
        open_one(database, asker, sensitive=True)
        open_one(database, asker, MONDAY - timedelta(minutes=1))
        open_one(database, asker, WEEK.until)
    with database.read() as session:
        assert queue_figures(session, ROUTING, WEEK, LATER) == []
        everything = figures_of_all(session, ROUTING, WEEK, LATER, "All")
    assert everything.cases == Group(0, 0)
    assert everything.first_reply.usual is None

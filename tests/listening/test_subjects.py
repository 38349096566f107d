from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.db.models import Program
from bot.db.session import Database
from bot.listening.intervals import Share
from bot.listening.outcomes import Group
from bot.listening.periods import Period
from bot.listening.subjects import ProgramFigures, TopicFigures, programs_asked, topics_asked

from ..desk.office import ROUTING
from .log import add_asker, add_turn


@pytest.fixture
def week(now: datetime) -> Period:
    return Period(now, now + timedelta(days=7))


@pytest.fixture
def askers(database: Database, now: datetime) -> list[str]:
    with database.write() as session:
        return [add_asker(session, f"asker{number}", now) for number in range(6)]


def program(name: str, topic: str | None = None, *, active: bool = True) -> Program:
    nothing = dict.fromkeys(("aliases", "keywords", "employment_types", "job_families", "sites"))
    return Program(
        id=name,
        name=name.title(),
        topic=topic,
        active=active,
        category="money",
        audience="employee",
        summary="",
        how_to_apply="",
        owner="HR",
        **{key: [] for key in nothing},
    )


def test_topics_are_told_by_those_who_asked_and_weren_t_helped(
    database: Database, week: Period, askers: list[str]
) -> None:
    with database.write() as session:
        for asker in askers:
            add_turn(session, asker, week.since, feedback="not_helped")
            add_turn(session, asker, week.since, topic="pay/payday")
        for asker in askers[:4]:
            add_turn(session, asker, week.since, topic="pay/payday", feedback="not_helped")
            add_turn(session, asker, week.since, topic="leave/vacation")
        add_turn(session, askers[0], week.since, feedback="helped")
        add_turn(session, askers[0], week.since, topic="pay/payday", decision="handover")
    with database.read() as session:
        found = topics_asked(session, ROUTING, week)
    assert found == [
        TopicFigures("pay/payday", Group(10, 6), None),
        TopicFigures("benefits/dental", Group(7, 6), Share(6, 7)),
    ]


def test_programs_are_counted_by_name_and_by_topic(
    database: Database, week: Period, askers: list[str]
) -> None:
    with database.write() as session:
        session.add_all(
            [
                program("dental", "benefits/dental"),
                program("tuition"),
                program("mentors", "careers/mentors"),
                program("closed", "pay/payday", active=False),
            ]
        )
        for asker in askers:
            add_turn(session, asker, week.since)
            add_turn(session, asker, week.since)
            add_turn(session, asker, week.since, topic="pay/payday")
        about = {"topic": None, "kind": "program", "program": "tuition"}
        add_turn(session, askers[0], week.since, **about)
    with database.read() as session:
        found = programs_asked(session, ROUTING, week)
    assert found == [
        ProgramFigures("mentors", "Mentors", 0),
        ProgramFigures("tuition", "Tuition", 1),
        ProgramFigures("dental", "Dental", 6),
    ]


def test_the_order_of_programs_doesn_t_tell_how_few_asked(
    database: Database, week: Period, askers: list[str]
) -> None:
    with database.write() as session:
        session.add_all([program("adoption"), program("buddies"), program("coaching")])
        for name, people in (("adoption", 3), ("buddies", 1)):
            about = {"topic": None, "kind": "program", "program": name}
            for asker in askers[:people]:
                add_turn(session, asker, week.since, **about)
    with database.read() as session:
        found = programs_asked(session, ROUTING, week)
    assert [one.id for one in found] == ["coaching", "adoption", "buddies"]

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.db.models import Case, Employee, Person
from bot.db.session import Database
from bot.desk import asking, cases, work
from bot.desk.cases import Actor
from bot.desk.routing import Routing, ServiceLevel

from .office import ROUTING, SAM, add_people, chicago, open_one, queue

MONDAY_NINE = chicago("2026-11-23 09:00")
ROBIN = Actor("asker", "p:robin")


@pytest.fixture(autouse=True)
def _people(database: Database) -> None:
    add_people(database, MONDAY_NINE)


def case_of(database: Database, number: int) -> Case:
    with database.read() as session:
        return session.get(Case, number)


def deadlines(database: Database, number: int) -> tuple[datetime | None, datetime | None]:
    case = case_of(database, number)
    return case.first_reply_due_at, case.resolution_due_at


def test_a_case_has_its_queues_deadlines_from_the_start(database: Database) -> None:
    number = open_one(database, chicago("2026-11-20 16:00"))
    assert deadlines(database, number) == (
        chicago("2026-11-23 11:00"),
        chicago("2026-11-24 16:00"),
    )


def test_a_move_brings_the_new_queues_deadlines_from_when_it_was_asked(database: Database) -> None:
    slow = queue("default", sla=ServiceLevel(timedelta(hours=9)))
    routing = Routing({**ROUTING.queues, "default": slow})
    number = open_one(database, MONDAY_NINE)
    with database.write() as session:
        at = chicago("2026-11-23 15:00")
        work.move(session, number, SAM, at, queue="default", routing=routing)
    assert deadlines(database, number) == (chicago("2026-11-24 09:00"), None)


def test_what_was_in_a_restricted_queue_stays_in_this_circle(database: Database) -> None:
    number = open_one(database, MONDAY_NINE)
    assert not case_of(database, number).sensitive
    with database.write() as session:
        work.move(session, number, SAM, MONDAY_NINE, queue="relations", routing=ROUTING)
    assert case_of(database, number).sensitive


@pytest.mark.parametrize("reply", [work.answer, work.ask_back])
def test_the_first_reply_is_the_one_that_counts(database: Database, reply: object) -> None:
    number = open_one(database, MONDAY_NINE)
    with database.write() as session:
        reply(session, number, SAM, "Which tooth?", MONDAY_NINE + timedelta(hours=1))
    with database.write() as session:
        if reply is work.ask_back:
            work.answer(session, number, SAM, "Half of it.", MONDAY_NINE + timedelta(hours=2))
    assert case_of(database, number).first_replied_at == MONDAY_NINE + timedelta(hours=1)


def test_while_hr_waits_for_the_asker_the_resolutions_time_stands_still(
    database: Database,
) -> None:
    number = open_one(database, MONDAY_NINE)
    _, before = deadlines(database, number)
    with database.write() as session:
        work.ask_back(session, number, SAM, "Which tooth?", chicago("2026-11-23 16:00"))
    with database.write() as session:
        at = chicago("2026-11-24 10:00")
        asking.add(session, number, ROBIN, "The left one.", at, routing=ROUTING)
    _, after = deadlines(database, number)
    # Three open hours lay between the question and the reply.
    assert (before, after) == (chicago("2026-11-25 09:00"), chicago("2026-11-25 12:00"))


def test_a_case_that_is_opened_again_has_a_new_deadline(database: Database) -> None:
    number = open_one(database, MONDAY_NINE)
    with database.write() as session:
        work.answer(session, number, SAM, "Half of it.", MONDAY_NINE)
    with database.write() as session:
        at = chicago("2026-12-07 09:00")
        asking.add(session, number, ROBIN, "And the other half?", at, routing=ROUTING)
    first_reply, resolution = deadlines(database, number)
    assert (first_reply, resolution) == (
        chicago("2026-11-23 13:00"),
        chicago("2026-12-09 09:00"),
    )


# Where a case goes


def open_with(database: Database, routing: Routing, **more: object) -> Case:
    values: dict[str, object] = {"topic": "benefits/dental", "routing": routing, **more}
    with database.write() as session:
        return cases.open_case(
            session,
            turn_id="turn:1",
            conversation_id="slack:robin",
            question="Is a crown paid?",
            now=MONDAY_NINE,
            **values,
        )


def test_a_question_goes_to_the_queue_of_the_askers_site(database: Database) -> None:
    with database.write() as session:
        session.add(
            Employee(
                slack_hash=session.get(Person, "p:robin").address_hash,
                address_sealed="",
                site="lakeview",
                updated_at=MONDAY_NINE,
            )
        )
    local = queue("lakeview", "benefits", sites=("lakeview",))
    elsewhere = queue("riverside", "benefits", sites=("riverside",))
    routing = Routing({"riverside": elsewhere, "lakeview": local, **ROUTING.queues})
    assert open_with(database, routing).queue == "lakeview"


@pytest.mark.parametrize(
    ("more", "queue_name", "sensitive"),
    [
        ({}, "benefits", False),
        ({"sensitive": True}, "relations", True),
        ({"topic": "relations/union"}, "relations", True),
        ({"topic": None, "sensitive": True}, "relations", True),
    ],
)
def test_what_is_sensitive_is_opened_in_a_restricted_queue(
    database: Database, more: dict[str, object], queue_name: str, sensitive: bool
) -> None:
    case = open_with(database, ROUTING, **more)
    assert (case.queue, case.sensitive) == (queue_name, sensitive)

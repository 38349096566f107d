from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from bot.db.models import Case, CaseReminder, OutboxRow
from bot.db.session import Database
from bot.desk import work
from bot.desk.reminders import OvertakenError, remind
from bot.desk.routing import Routing, ServiceLevel

from .office import DANA, PEOPLE, ROUTING, SAM, add_people, chicago, open_one, queue

MONDAY_NINE = chicago("2026-11-23 09:00")


@pytest.fixture(autouse=True)
def _people(database: Database) -> None:
    add_people(database, MONDAY_NINE)


def tick(database: Database, at: datetime, routing: Routing = ROUTING) -> int:
    with database.write() as session:
        return remind(session, routing, PEOPLE, at)


def do(database: Database, change: Callable[..., Case], *arguments: object, **more: object) -> None:
    with database.write() as session:
        change(session, *arguments, **more)


def sent(database: Database) -> list[tuple[str, list[tuple[int, str, str]]]]:
    """Who was reminded of what, in order."""
    wanted = select(OutboxRow).where(OutboxRow.kind == "reminder").order_by(OutboxRow.id)
    with database.read() as session:
        rows = session.scalars(wanted).all()
    return [
        (
            row.lane.removeprefix("reminders:"),
            [(r["case"], r["deadline"], r["stage"]) for r in row.payload["reminders"]],
        )
        for row in rows
    ]


def test_an_unclaimed_case_goes_to_on_call_and_then_to_the_escalation_contact(
    database: Database,
) -> None:
    case = open_one(database, MONDAY_NINE)
    assert tick(database, chicago("2026-11-23 11:59")) == 0
    assert tick(database, chicago("2026-11-23 12:00")) == 1
    assert tick(database, chicago("2026-11-23 12:59")) == 0
    assert tick(database, chicago("2026-11-23 13:00")) == 1
    assert tick(database, chicago("2026-11-23 16:00")) == 0
    assert sent(database) == [
        ("p:oncall", [(case, "first_reply", "soon")]),
        ("p:lead", [(case, "first_reply", "overdue")]),
    ]


def test_a_claimed_case_is_its_assignees(database: Database) -> None:
    case = open_one(database, MONDAY_NINE)
    do(database, work.claim, case, SAM, MONDAY_NINE)
    tick(database, chicago("2026-11-23 12:00"))
    tick(database, chicago("2026-11-23 13:00"))
    assert sent(database) == [
        ("p:sam", [(case, "first_reply", "soon")]),
        ("p:sam", [(case, "first_reply", "overdue")]),
    ]


def test_the_resolution_has_a_deadline_of_its_own(database: Database) -> None:
    case = open_one(database, MONDAY_NINE)
    do(database, work.claim, case, SAM, MONDAY_NINE)
    with database.write() as session:
        session.get(Case, case).first_replied_at = MONDAY_NINE
    # 18 open hours from Monday 9:00 end on Wednesday at 9:00.
    tick(database, chicago("2026-11-24 13:29"))
    assert sent(database) == []
    tick(database, chicago("2026-11-24 13:30"))
    tick(database, chicago("2026-11-25 09:00"))
    assert sent(database) == [
        ("p:sam", [(case, "resolution", "soon")]),
        ("p:sam", [(case, "resolution", "overdue")]),
    ]


@pytest.mark.parametrize("end", [work.answer, work.resolve])
def test_what_is_done_is_no_ones_to_be_reminded_of(
    database: Database, end: Callable[..., Case]
) -> None:
    case = open_one(database, MONDAY_NINE)
    text = ("Half of it.",) if end is work.answer else ()
    do(database, end, case, SAM, *text, MONDAY_NINE)
    for at in ("2026-11-23 12:30", "2026-11-24 10:00", "2026-12-01 10:00"):
        assert tick(database, chicago(at)) == 0


def test_a_question_back_is_a_first_reply_and_the_case_waits(database: Database) -> None:
    case = open_one(database, MONDAY_NINE)
    do(database, work.ask_back, case, SAM, "Which tooth?", MONDAY_NINE)
    for at in ("2026-11-23 12:30", "2026-11-24 14:00", "2026-12-01 10:00"):
        assert tick(database, chicago(at)) == 0
    with database.read() as session:
        assert session.get(Case, case).first_replied_at == MONDAY_NINE


def test_a_snoozed_case_is_quiet_until_it_wakes(database: Database) -> None:
    case = open_one(database, MONDAY_NINE)
    until = chicago("2026-11-24 10:00")
    do(database, work.snooze, case, SAM, MONDAY_NINE, until=until)
    assert tick(database, chicago("2026-11-23 13:00")) == 0
    assert tick(database, until) == 1
    assert sent(database) == [("p:lead", [(case, "first_reply", "overdue")])]


@pytest.mark.parametrize(
    "at", ["2026-11-23 17:00", "2026-11-24 07:59", "2026-11-26 12:00", "2026-11-28 12:00"]
)
def test_outside_service_hours_nobody_hears_anything(database: Database, at: str) -> None:
    open_one(database, MONDAY_NINE)
    assert tick(database, chicago(at)) == 0


def test_what_is_due_together_comes_in_one_message_a_person(database: Database) -> None:
    numbers = [open_one(database, MONDAY_NINE + timedelta(minutes=m)) for m in range(5)]
    other = open_one(database, MONDAY_NINE, "relations")
    assert tick(database, chicago("2026-11-23 12:10")) == 6
    ((person, told),) = sent(database)
    assert person == "p:oncall"
    assert {number for number, _, _ in told} == {*numbers, other}


def test_a_person_gets_at_most_one_message_in_fifteen_minutes(database: Database) -> None:
    first, second = open_one(database, MONDAY_NINE), open_one(database, chicago("2026-11-23 09:01"))
    assert [tick(database, chicago(f"2026-11-23 12:{m:02}")) for m in range(16)] == [
        1, *[0] * 14, 1,
    ]  # fmt: skip
    assert [told[0][0] for _, told in sent(database)] == [first, second]


def test_everybody_who_is_on_call_hears_of_it_and_a_group_is_rung_in_the_channel(
    database: Database,
) -> None:
    many = queue("default", on_call=("U0ONCALL", "lead@cedar.example", "S0GROUP", "U0GONE"))
    open_one(database, MONDAY_NINE, "default")
    assert tick(database, chicago("2026-11-23 12:00"), Routing({"default": many})) == 1
    assert [to for to, _ in sent(database)] == ["p:oncall", "p:lead", "queue:default:S0GROUP"]


@pytest.mark.parametrize("on_call", [(), ("U0GONE",)])
def test_where_nobody_is_on_call_the_channel_hears_it(
    database: Database, on_call: tuple[str, ...]
) -> None:
    nobody = Routing({"default": queue("default", on_call=on_call, escalation=())})
    open_one(database, MONDAY_NINE, "default")
    tick(database, chicago("2026-11-23 12:00"), nobody)
    tick(database, chicago("2026-11-23 13:00"), nobody)
    assert [to for to, _ in sent(database)] == ["queue:default:"] * 2


def test_a_new_deadline_counts_anew(database: Database) -> None:
    case = open_one(database, MONDAY_NINE)
    tick(database, chicago("2026-11-23 13:00"))
    slower = replace(ROUTING.default, sla=ServiceLevel(timedelta(hours=6)))
    routing = Routing({**ROUTING.queues, "default": slower})
    at = chicago("2026-11-23 13:01")
    do(database, work.move, case, SAM, at, queue="default", routing=routing)
    for at in ("2026-11-23 13:30", "2026-11-23 14:45", "2026-11-23 15:00"):
        tick(database, chicago(at), routing)
    assert [(to, told[0][2]) for to, told in sent(database)] == [
        ("p:lead", "overdue"),
        ("p:oncall", "soon"),
        ("p:lead", "overdue"),
    ]


def test_without_a_limit_there_is_no_reminder(database: Database) -> None:
    open_one(
        database, MONDAY_NINE, routing=Routing({"default": queue("default", sla=ServiceLevel())})
    )
    assert tick(database, chicago("2026-12-01 10:00")) == 0


def test_of_several_gateways_one_reminds(database: Database) -> None:
    numbers = {open_one(database, MONDAY_NINE + timedelta(minutes=m)) for m in range(8)}
    start = threading.Barrier(4)

    def run(_: int) -> int:
        start.wait(5)
        try:
            return tick(database, chicago("2026-11-23 12:10"))
        except (OvertakenError, IntegrityError):
            return 0

    with ThreadPoolExecutor(4) as pool:
        counts = sorted(pool.map(run, range(4)))
    assert counts == [0, 0, 0, 8]
    ((_, told),) = sent(database)
    assert {number for number, _, _ in told} == numbers
    with database.read() as session:
        assert len(session.scalars(select(CaseReminder)).all()) == 8


def test_what_a_reminder_holds_tells_nothing_of_the_question(database: Database) -> None:
    case = open_one(database, MONDAY_NINE, "relations")
    do(database, work.claim, case, DANA, MONDAY_NINE)
    tick(database, chicago("2026-11-23 12:00"))
    with database.read() as session:
        (row,) = session.scalars(select(OutboxRow).where(OutboxRow.kind == "reminder"))
    assert row.payload == {
        "person": "p:dana",
        "queue": None,
        "group": None,
        "reminders": [{"case": case, "deadline": "first_reply", "stage": "soon"}],
    }
    assert row.audience == "employee"

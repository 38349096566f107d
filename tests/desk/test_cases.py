from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from sqlalchemy import select

from bot.db.models import Case, CaseEvent, Conversation, OutboxRow
from bot.db.session import Database
from bot.desk import cases, work
from bot.desk.cases import DeskError

from ..records import ROUTING, add_conversation
from .life import SAM, do, history, open_one, outbox


def test_a_case_is_opened_with_its_card_and_history(
    database: Database, conversation: str, now: datetime
) -> None:
    number = open_one(database, conversation, now)
    with database.read() as session:
        case = session.get(Case, number)
    assert (case.status, case.queue, case.audience) == ("open", "benefits", "employee")
    assert (case.person_id, case.created_at) == ("p:robin", now)
    assert history(database, number) == [("opened", "asker", "p:robin")]
    (card,) = outbox(database)
    assert (card.kind, card.case_id, card.lane) == ("case_card", number, f"case:{number}")
    assert card.audience == "employee"


def test_a_turn_opens_one_case(database: Database, conversation: str, now: datetime) -> None:
    first = open_one(database, conversation, now)
    again = open_one(database, conversation, now, question="Something else")
    assert again == first
    assert len(history(database, first)) == 1
    assert len(outbox(database)) == 1
    assert open_one(database, conversation, now, turn_id="turn:2") != first


def test_a_turn_opens_one_case_from_two_threads(
    database: Database, conversation: str, now: datetime
) -> None:
    start = threading.Barrier(2)

    def open_together(_: int) -> int:
        start.wait(5)
        return open_one(database, conversation, now)

    with ThreadPoolExecutor(2) as pool:
        numbers = set(pool.map(open_together, range(2)))
    assert len(numbers) == 1
    assert len(history(database, numbers.pop())) == 1
    assert len(outbox(database)) == 1


def test_case_and_card_are_written_together_or_not_at_all(
    database: Database, conversation: str, now: datetime
) -> None:
    def break_off() -> None:
        with database.write() as session:
            cases.open_case(
                session,
                turn_id="turn:1",
                conversation_id=conversation,
                question="Is a crown paid?",
                topic=None,
                routing=ROUTING,
                now=now,
            )
            assert session.scalar(select(Case)) is not None
            assert session.scalar(select(OutboxRow)) is not None
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    with database.read() as session:
        for table in (Case, CaseEvent, OutboxRow):
            assert session.scalars(select(table)).all() == [], table


def test_an_unknown_conversation_has_no_case(database: Database, now: datetime) -> None:
    with pytest.raises(DeskError, match="isn't known"):
        open_one(database, "slack:nobody", now)


def test_a_candidates_case_is_a_candidates(database: Database, now: datetime) -> None:
    talk = add_conversation(database, now, name="visitor", audience="candidate")
    number = open_one(database, talk, now)
    with database.read() as session:
        assert (session.get(Case, number).audience, session.get(Case, number).queue) == (
            "candidate",
            "default",
        )
    assert [row.audience for row in outbox(database)] == ["candidate"]


@pytest.mark.parametrize("reference", ["HR-{}", "hr-{}", "{}"])
def test_a_case_is_found_by_the_number_people_see(
    database: Database, conversation: str, now: datetime, reference: str
) -> None:
    number = open_one(database, conversation, now)
    written = reference.format(1000 + number)
    assert do(database, cases.case_by_reference, written).id == number


@pytest.mark.parametrize("reference", ["HR-", "", "dental", "HR-²", "HR-99999999999999", "-5"])
def test_what_is_no_case_number_is_said_to_be_none(database: Database, reference: str) -> None:
    with pytest.raises(DeskError, match="is not a case number"):
        do(database, cases.case_by_reference, reference)


@pytest.mark.parametrize("reference", ["HR-5", "HR-999999999", "0"])
def test_a_number_without_a_case_is_named(database: Database, reference: str) -> None:
    with pytest.raises(DeskError, match=f"no case HR-{reference.removeprefix('HR-')}"):
        do(database, cases.case_by_reference, reference)


def test_people_see_their_own_cases_newest_first(
    database: Database, conversation: str, now: datetime
) -> None:
    other = add_conversation(database, now, name="alex")
    with database.write() as session:
        session.add(
            Conversation(
                id="slack:robin-thread",
                person_id="p:robin",
                audience="employee",
                address_hash="thread",
                address_sealed="",
                created_at=now,
            )
        )
    first = open_one(database, conversation, now)
    open_one(database, other, now, turn_id="turn:2")
    second = open_one(database, "slack:robin-thread", now, turn_id="turn:3")
    with database.read() as session:
        mine = [case.id for case in cases.cases_of_person(session, conversation)]
        assert mine == [second, first]
        assert cases.cases_of_person(session, "slack:nobody") == []


def test_cases_by_status(database: Database, conversation: str, now: datetime) -> None:
    open_id = open_one(database, conversation, now)
    done_id = open_one(database, conversation, now, turn_id="turn:2")
    do(database, work.resolve, done_id, SAM, now)
    with database.read() as session:
        assert [case.id for case in cases.open_cases(session)] == [open_id]
        assert [case.id for case in cases.open_cases(session, "resolved")] == [done_id]

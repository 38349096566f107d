from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.db.models import Case, CaseEvent, Conversation, OutboxRow, Person
from bot.db.session import Database
from bot.desk import cases
from bot.desk.cases import Actor, DeskError

from ..records import ROUTING, add_conversation

SAM, DANA = Actor("hr", "p:sam"), Actor("hr", "p:dana")
ROBIN, CASEY = Actor("asker", "p:robin"), Actor("asker", "p:casey")


@pytest.fixture
def conversation(database: Database, now: datetime) -> str:
    with database.write() as session:
        for name in ("sam", "dana", "casey"):
            session.add(
                Person(id=f"p:{name}", address_hash=name, address_sealed="", created_at=now)
            )
    return add_conversation(database, now)


def open_one(
    database: Database, conversation: str, now: datetime, turn_id: str = "turn:1", **more: object
) -> int:
    values: dict[str, object] = {"topic": "benefits/dental", "question": "Is a crown paid?", **more}
    with database.write() as session:
        return cases.open_case(
            session,
            turn_id=turn_id,
            conversation_id=conversation,
            routing=ROUTING,
            now=now,
            **values,
        ).id


def do(database: Database, change: Callable[..., Case], *arguments: object) -> Case:
    with database.write() as session:
        return change(session, *arguments)


def history(database: Database, case_id: int) -> list[tuple[str, str, str | None]]:
    with database.read() as session:
        found = session.get(Case, case_id).history
        return [(event.action, event.actor, event.person_id) for event in found]


def outbox(database: Database, *kinds: str) -> list[OutboxRow]:
    with database.read() as session:
        rows = session.scalars(select(OutboxRow).order_by(OutboxRow.id)).all()
    return [row for row in rows if not kinds or row.kind in kinds]


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


def test_from_opening_to_resolving(database: Database, conversation: str, now: datetime) -> None:
    number = open_one(database, conversation, now)
    later = now + timedelta(hours=2)
    do(database, cases.claim, number, SAM, later)
    do(database, cases.answer, number, SAM, "  Half of it, up to $1,500.  ", later)
    case = do(database, cases.confirm_helpful, number, ROBIN, later)
    assert (case.status, case.feedback, case.assignee_id) == ("resolved", "helpful", "p:sam")
    assert (case.created_at, case.updated_at) == (now, later)
    assert history(database, number) == [
        ("opened", "asker", "p:robin"),
        ("claimed", "hr", "p:sam"),
        ("answered", "hr", "p:sam"),
        ("helpful", "asker", "p:robin"),
    ]
    (sent,) = outbox(database, "case_answer")
    assert sent.payload == {"text": "Half of it, up to $1,500."}
    assert (sent.conversation_id, sent.lane) == (conversation, conversation)
    cards = [row.delivery_key for row in outbox(database, "case_card")]
    assert cards == [f"card:{number}:{revision}" for revision in (1, 2, 3, 4)]


def test_the_answer_goes_out_word_for_word_and_redacted_to_the_tracker(
    database: Database, conversation: str, now: datetime
) -> None:
    number = open_one(database, conversation, now)
    text = "Call Dana, 515-555-0123.\n<b>Really</b>"
    do(database, cases.answer, number, SAM, text, now)
    (sent,) = outbox(database, "case_answer")
    assert sent.payload["text"] == text
    (kept,) = outbox(database, "tracker_events")
    (event,) = kept.payload["events"]
    assert event["text"] == "Call Dana, [phone].\n<b>Really</b>"
    assert event["metadata"]["audience"] == "employee"
    assert kept.lane != sent.lane


def test_of_two_people_who_answer_one_wins(
    database: Database, conversation: str, now: datetime
) -> None:
    number = open_one(database, conversation, now)
    start = threading.Barrier(2)

    def answer(actor: Actor) -> str:
        start.wait(5)
        try:
            do(database, cases.answer, number, actor, f"From {actor.person_id}", now)
        except DeskError as error:
            return str(error)
        return "sent"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(answer, (SAM, DANA)))
    reference = f"HR-{1000 + number}"
    assert outcomes == [f"{reference} is answered already; yours was not sent.", "sent"]
    (sent,) = outbox(database, "case_answer")
    with database.read() as session:
        case = session.get(Case, number)
    assert sent.payload["text"] == case.answer == f"From {case.assignee_id}"
    assert len(outbox(database, "tracker_events")) == 1
    assert [action for action, _, _ in history(database, number)] == ["opened", "answered"]


def test_the_same_answer_twice_is_sent_once(
    database: Database, conversation: str, now: datetime
) -> None:
    number = open_one(database, conversation, now)
    for _ in range(2):
        do(database, cases.answer, number, SAM, "Yes.", now)
    assert len(outbox(database, "case_answer")) == 1
    with pytest.raises(DeskError, match="not sent"):
        do(database, cases.answer, number, DANA, "Yes.", now)


@pytest.mark.parametrize("text", ["", "  \n "])
def test_an_empty_answer_is_refused(
    database: Database, conversation: str, now: datetime, text: str
) -> None:
    number = open_one(database, conversation, now)
    with pytest.raises(DeskError, match="needs some text"):
        do(database, cases.answer, number, SAM, text, now)


def test_claiming_again_is_no_news_and_a_colleague_may_take_over(
    database: Database, conversation: str, now: datetime
) -> None:
    number = open_one(database, conversation, now)
    for actor in (SAM, SAM, DANA):
        case = do(database, cases.claim, number, actor, now)
    assert case.assignee_id == "p:dana"
    assert [person for _, _, person in history(database, number)][1:] == ["p:sam", "p:dana"]


@pytest.mark.parametrize("end", ["answered", "resolved"])
def test_a_finished_case_cant_be_claimed_or_answered(
    database: Database, conversation: str, now: datetime, end: str
) -> None:
    number = open_one(database, conversation, now)
    if end == "answered":
        do(database, cases.answer, number, SAM, "Yes.", now)
    else:
        do(database, cases.resolve, number, SAM, now)
    before = len(outbox(database))
    for change in (
        lambda: do(database, cases.claim, number, DANA, now),
        lambda: do(database, cases.answer, number, DANA, "No.", now),
    ):
        with pytest.raises(DeskError, match=f"is {end} already"):
            change()
    assert len(outbox(database)) == before


def test_whoever_got_no_answer_is_told_that_the_case_is_closed_once(
    database: Database, conversation: str, now: datetime
) -> None:
    number = open_one(database, conversation, now)
    for _ in range(2):
        case = do(database, cases.resolve, number, SAM, now)
    assert (case.status, case.assignee_id) == ("resolved", "p:sam")
    (told,) = outbox(database, "case_closed")
    assert told.conversation_id == conversation
    assert [action for action, _, _ in history(database, number)] == ["opened", "resolved"]


def test_whoever_got_an_answer_is_not_told_of_the_closing(
    database: Database, conversation: str, now: datetime
) -> None:
    number = open_one(database, conversation, now)
    do(database, cases.answer, number, SAM, "Yes.", now)
    do(database, cases.resolve, number, DANA, now)
    assert outbox(database, "case_closed") == []


def test_an_answer_that_did_not_help_opens_the_case_again(
    database: Database, conversation: str, now: datetime
) -> None:
    number = open_one(database, conversation, now)
    do(database, cases.answer, number, SAM, "Yes.", now)
    for _ in range(2):
        case = do(database, cases.reopen, number, ROBIN, now)
    assert (case.status, case.feedback, case.assignee_id) == ("claimed", "not_helpful", "p:sam")
    assert len(outbox(database, "case_reopened")) == 1
    case = do(database, cases.answer, number, DANA, "Half of it.", now)
    assert (case.status, case.feedback, case.answer_count) == ("answered", None, 2)
    keys = [row.delivery_key for row in outbox(database, "case_answer")]
    assert keys == [f"answer:{number}:1", f"answer:{number}:2"]
    assert [action for action, _, _ in history(database, number)] == [
        "opened",
        "answered",
        "reopened",
        "answered",
    ]


def test_a_helpful_answer_is_noted_once_and_can_still_be_taken_back(
    database: Database, conversation: str, now: datetime
) -> None:
    number = open_one(database, conversation, now)
    do(database, cases.answer, number, SAM, "Yes.", now)
    for _ in range(2):
        do(database, cases.confirm_helpful, number, ROBIN, now)
    assert [action for action, _, _ in history(database, number)].count("helpful") == 1
    assert do(database, cases.reopen, number, ROBIN, now).status == "claimed"


def test_without_an_answer_nothing_was_helpful(
    database: Database, conversation: str, now: datetime
) -> None:
    number = open_one(database, conversation, now)
    with pytest.raises(DeskError, match="no answer yet"):
        do(database, cases.confirm_helpful, number, ROBIN, now)


@pytest.mark.parametrize("change", [cases.confirm_helpful, cases.reopen])
def test_only_the_asker_says_whether_it_helped(
    database: Database, conversation: str, now: datetime, change: Callable[..., Case]
) -> None:
    number = open_one(database, conversation, now)
    do(database, cases.answer, number, SAM, "Yes.", now)
    for somebody in (CASEY, SAM, Actor("asker")):
        with pytest.raises(DeskError, match="Only the person who asked"):
            do(database, change, number, somebody, now)
    assert [action for action, _, _ in history(database, number)] == ["opened", "answered"]


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
    do(database, cases.resolve, done_id, SAM, now)
    with database.read() as session:
        assert [case.id for case in cases.open_cases(session)] == [open_id]
        assert [case.id for case in cases.open_cases(session, "resolved")] == [done_id]


def test_the_asker_takes_a_question_back_once(
    database: Database, conversation: str, now: datetime
) -> None:
    case_id = open_one(database, conversation, now)
    for _ in range(2):
        case = do(database, cases.withdraw, case_id, ROBIN, now)
        assert (case.status, case.feedback) == (cases.RESOLVED, cases.WITHDRAWN)

    assert history(database, case_id)[1:] == [("withdrawn", "asker", "p:robin")]
    assert outbox(database, "case_closed") == [], "who took it back needs no message"


def test_only_the_asker_takes_a_question_back(
    database: Database, conversation: str, now: datetime
) -> None:
    case_id = open_one(database, conversation, now)
    with pytest.raises(DeskError):
        do(database, cases.withdraw, case_id, CASEY, now)


def test_an_answered_question_is_not_taken_back(
    database: Database, conversation: str, now: datetime
) -> None:
    case_id = open_one(database, conversation, now)
    do(database, cases.answer, case_id, SAM, "Yes.", now)
    with pytest.raises(DeskError, match="answered"):
        do(database, cases.withdraw, case_id, ROBIN, now)

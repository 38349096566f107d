from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest

from bot.db.models import Case
from bot.db.session import Database
from bot.desk import work
from bot.desk.cases import Actor, DeskError
from bot.desk.routing import Routing

from ..records import ROUTING
from .life import DANA, SAM, do, history, open_one, outbox


def test_the_answer_goes_out_word_for_word_and_redacted_to_the_tracker(
    database: Database, conversation: str, now: datetime
) -> None:
    number = open_one(database, conversation, now)
    text = "Call Dana, 515-555-0123.\n<b>Really</b>"
    do(database, work.answer, number, SAM, text, now)
    (sent,) = outbox(database, "case_answer")
    assert sent.payload["text"] == text
    (kept,) = outbox(database, "tracker_events")
    (event,) = kept.payload["events"]
    assert event["text"] == "Call [name], [phone].\n<b>Really</b>"
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
            do(database, work.answer, number, actor, f"From {actor.person_id}", now)
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
        do(database, work.answer, number, SAM, "Yes.", now)
    assert len(outbox(database, "case_answer")) == 1
    with pytest.raises(DeskError, match="not sent"):
        do(database, work.answer, number, DANA, "Yes.", now)


@pytest.mark.parametrize("text", ["", "  \n "])
def test_an_empty_answer_is_refused(
    database: Database, conversation: str, now: datetime, text: str
) -> None:
    number = open_one(database, conversation, now)
    with pytest.raises(DeskError, match="needs some text"):
        do(database, work.answer, number, SAM, text, now)


def test_claiming_again_is_no_news_and_a_colleague_must_assign(
    database: Database, conversation: str, now: datetime
) -> None:
    number = open_one(database, conversation, now)
    for _ in range(2):
        do(database, work.claim, number, SAM, now)
    with pytest.raises(DeskError, match="A colleague has claimed"):
        do(database, work.claim, number, DANA, now)
    for _ in range(2):
        case = do(database, work.assign, number, DANA, now, assignee="p:dana")
    assert case.assignee_id == "p:dana"
    assert history(database, number)[1:] == [
        ("claimed", "hr", "p:sam"),
        ("assigned", "hr", "p:dana"),
    ]


@pytest.mark.parametrize("end", ["answered", "resolved"])
def test_a_finished_case_cant_be_claimed_or_answered(
    database: Database, conversation: str, now: datetime, end: str
) -> None:
    number = open_one(database, conversation, now)
    if end == "answered":
        do(database, work.answer, number, SAM, "Yes.", now)
    else:
        do(database, work.resolve, number, SAM, now)
    before = len(outbox(database))
    for change in (
        lambda: do(database, work.claim, number, DANA, now),
        lambda: do(database, work.answer, number, DANA, "No.", now),
    ):
        with pytest.raises(DeskError, match=f"is {end} already"):
            change()
    assert len(outbox(database)) == before


def test_whoever_got_no_answer_is_told_that_the_case_is_closed_once(
    database: Database, conversation: str, now: datetime
) -> None:
    number = open_one(database, conversation, now)
    for _ in range(2):
        case = do(database, work.resolve, number, SAM, now)
    assert (case.status, case.assignee_id) == ("resolved", "p:sam")
    (told,) = outbox(database, "case_closed")
    assert told.conversation_id == conversation
    assert [action for action, _, _ in history(database, number)] == ["opened", "resolved"]


def test_whoever_got_an_answer_is_not_told_of_the_closing(
    database: Database, conversation: str, now: datetime
) -> None:
    number = open_one(database, conversation, now)
    do(database, work.answer, number, SAM, "Yes.", now)
    do(database, work.resolve, number, DANA, now)
    assert outbox(database, "case_closed") == []


def test_whoever_gets_a_case_is_told_in_its_thread(
    database: Database, conversation: str, now: datetime
) -> None:
    number = open_one(database, conversation, now)
    do(database, work.assign, number, SAM, now, assignee="p:sam")
    assert outbox(database, "case_thread") == [], "who takes it needs no message"
    do(database, work.assign, number, SAM, now, assignee="p:dana")
    (told,) = outbox(database, "case_thread")
    assert told.payload == {"says": "thread_assigned", "person": "p:dana"}


def decisions(until: datetime) -> dict[str, Callable[..., Case]]:
    return {
        "assigned": partial(work.assign, assignee="p:casey"),
        "moved": partial(work.move, queue="default", routing=ROUTING),
        "resolved": partial(work.resolve, reason="other"),
        "snoozed": partial(work.snooze, until=until),
    }


@pytest.mark.parametrize("name", ["assigned", "moved", "resolved", "snoozed"])
def test_a_form_that_a_colleague_has_overtaken_decides_nothing(
    database: Database, conversation: str, now: datetime, name: str
) -> None:
    number = open_one(database, conversation, now)
    seen = 1
    do(database, work.claim, number, DANA, now)
    change = decisions(now + timedelta(days=1))[name]
    with pytest.raises(DeskError, match="A colleague has changed"):
        do(database, change, number, SAM, now, seen=seen)
    assert len(history(database, number)) == 2
    do(database, change, number, DANA, now, seen=seen)
    assert history(database, number)[-1] == (name, "hr", "p:dana")


@pytest.mark.parametrize("name", ["assigned", "moved", "snoozed"])
def test_a_finished_case_takes_no_decision(
    database: Database, conversation: str, now: datetime, name: str
) -> None:
    number = open_one(database, conversation, now)
    do(database, work.resolve, number, SAM, now, reason="duplicate")
    with pytest.raises(DeskError, match="resolved already"):
        do(database, decisions(now + timedelta(days=1))[name], number, SAM, now)


def test_a_question_back_goes_out_once_and_the_case_waits(
    database: Database, conversation: str, now: datetime
) -> None:
    number = open_one(database, conversation, now)
    for _ in range(2):
        case = do(database, work.ask_back, number, SAM, "Call 319-555-0123?", now)
    assert (case.status, case.assignee_id, case.waiting_since) == ("claimed", "p:sam", now)
    assert case.first_replied_at == now
    (sent,) = outbox(database, "case_asked")
    assert sent.payload["text"] == "Call 319-555-0123?"
    (kept,) = outbox(database, "tracker_events")
    assert "[phone]" in str(kept.payload)
    do(database, work.ask_back, number, SAM, "Or the PPO?", now)
    assert len(outbox(database, "case_asked")) == 2


def test_a_note_is_kept_redacted_once_and_no_row_that_leaves_has_it(
    database: Database, conversation: str, now: datetime
) -> None:
    number = open_one(database, conversation, now)
    for _ in range(2):
        do(
            database,
            work.add_note,
            number,
            SAM,
            "A zebra of a case, 319-555-0123",
            now,
            key="f" * 64,
        )
    with database.read() as session:
        (entry,) = session.get(Case, number).entries
    assert (entry.kind, entry.text) == ("note", "A zebra of a case, [phone]")
    assert entry.person_id == "p:sam"
    assert all("zebra" not in str(row.payload) for row in outbox(database))
    assert len(outbox(database, "case_thread")) == 1
    do(database, work.add_note, number, SAM, "written there", now, said_in_thread=True)
    assert len(outbox(database, "case_thread")) == 1


def test_a_case_moves_with_its_history_to_a_card_of_its_own(
    database: Database, conversation: str, now: datetime
) -> None:
    number = open_one(database, conversation, now)
    with database.write() as session:
        case = session.get(Case, number)
        case.card_channel, case.card_ts = "C0BENEFITS", "1.1"
    do(database, work.claim, number, SAM, now)
    for _ in range(2):
        case = do(database, work.move, number, SAM, now, queue="default", routing=ROUTING)
    assert (case.queue, case.status, case.assignee_id) == ("default", "open", None)
    assert (case.card_channel, case.card_ts, case.moves) == (None, None, 1)
    (pointer,) = outbox(database, "case_moved")
    assert pointer.payload == {"channel": "C0BENEFITS", "ts": "1.1"}
    assert [action for action, _, _ in history(database, number)] == ["opened", "claimed", "moved"]
    with pytest.raises(DeskError, match="no such queue"):
        do(database, work.move, number, SAM, now, queue="gone", routing=ROUTING)


def test_a_sensitive_case_moves_to_restricted_queues_only(
    database: Database, conversation: str, now: datetime
) -> None:
    routing = Routing(
        {
            **ROUTING.queues,
            "relations": replace(ROUTING.queues["benefits"], name="relations", restricted=True),
            "legal": replace(ROUTING.queues["benefits"], name="legal", restricted=True),
        }
    )
    number = open_one(database, conversation, now, sensitive=True)
    do(database, work.move, number, SAM, now, queue="relations", routing=routing)
    for queue in ("default", "benefits"):
        with pytest.raises(DeskError, match="sensitive"):
            do(database, work.move, number, SAM, now, queue=queue, routing=routing)
    assert do(database, work.move, number, SAM, now, queue="legal", routing=routing).sensitive


def test_the_reason_of_closing_is_kept(
    database: Database, conversation: str, now: datetime
) -> None:
    number = open_one(database, conversation, now)
    case = do(database, work.resolve, number, SAM, now, reason="duplicate")
    assert (case.reason, case.resolved_at, case.assignee_id) == ("duplicate", now, "p:sam")


def test_a_snoozed_case_comes_back_by_itself_once(
    database: Database, conversation: str, now: datetime
) -> None:
    number = open_one(database, conversation, now)
    until = now + timedelta(hours=8)
    with pytest.raises(DeskError, match="passed"):
        do(database, work.snooze, number, SAM, now, until=now)
    for _ in range(2):
        do(database, work.snooze, number, SAM, now, until=until)

    def wake(at: datetime) -> int:
        with database.write() as session:
            return work.wake_snoozed(session, at)

    assert wake(until - timedelta(seconds=1)) == 0
    assert [wake(until), wake(until)] == [1, 0]
    assert history(database, number)[1:] == [("snoozed", "hr", "p:sam"), ("woke", "system", None)]
    (told,) = outbox(database, "case_thread")
    assert told.payload["broadcast"]


def test_claiming_a_snoozed_case_wakes_it(
    database: Database, conversation: str, now: datetime
) -> None:
    number = open_one(database, conversation, now)
    do(database, work.claim, number, SAM, now)
    do(database, work.snooze, number, SAM, now, until=now + timedelta(days=1))
    assert do(database, work.claim, number, SAM, now).snoozed_until is None

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest

from bot.db.models import Case
from bot.db.session import Database
from bot.desk import asking, cases, work
from bot.desk.cases import Actor, DeskError

from ..privacy.planted import PHONE
from ..records import ROUTING
from .life import CASEY, DANA, ROBIN, SAM, do, history, open_one, outbox


def test_from_opening_to_resolving(database: Database, conversation: str, now: datetime) -> None:
    number = open_one(database, conversation, now)
    later = now + timedelta(hours=2)
    do(database, work.claim, number, SAM, later)
    do(database, work.answer, number, SAM, "  Half of it, up to $1,500.  ", later)
    case = do(database, asking.confirm_helpful, number, ROBIN, later)
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


def test_an_answer_that_did_not_help_opens_the_case_again(
    database: Database, conversation: str, now: datetime
) -> None:
    number = open_one(database, conversation, now)
    do(database, work.answer, number, SAM, "Yes.", now)
    for _ in range(2):
        case = do(database, asking.reopen, number, ROBIN, now, routing=ROUTING)
    assert (case.status, case.feedback, case.assignee_id) == ("claimed", "not_helpful", "p:sam")
    (told,) = outbox(database, "case_thread")
    assert (told.payload["says"], told.payload["broadcast"]) == ("thread_reopened", True)
    case = do(database, work.answer, number, DANA, "Half of it.", now)
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
    do(database, work.answer, number, SAM, "Yes.", now)
    for _ in range(2):
        do(database, asking.confirm_helpful, number, ROBIN, now)
    assert [action for action, _, _ in history(database, number)].count("helpful") == 1
    assert do(database, asking.reopen, number, ROBIN, now, routing=ROUTING).status == "claimed"


def test_without_an_answer_nothing_was_helpful(
    database: Database, conversation: str, now: datetime
) -> None:
    number = open_one(database, conversation, now)
    with pytest.raises(DeskError, match="no answer yet"):
        do(database, asking.confirm_helpful, number, ROBIN, now)


@pytest.mark.parametrize(
    "change", [asking.confirm_helpful, partial(asking.reopen, routing=ROUTING)]
)
def test_only_the_asker_says_whether_it_helped(
    database: Database, conversation: str, now: datetime, change: Callable[..., Case]
) -> None:
    number = open_one(database, conversation, now)
    do(database, work.answer, number, SAM, "Yes.", now)
    for somebody in (CASEY, SAM, Actor("asker")):
        with pytest.raises(DeskError, match="Only the person who asked"):
            do(database, change, number, somebody, now)
    assert [action for action, _, _ in history(database, number)] == ["opened", "answered"]


def test_the_asker_takes_a_question_back_once(
    database: Database, conversation: str, now: datetime
) -> None:
    case_id = open_one(database, conversation, now)
    for _ in range(2):
        case = do(database, asking.withdraw, case_id, ROBIN, now)
        assert (case.status, case.feedback) == (cases.RESOLVED, cases.WITHDRAWN)

    assert history(database, case_id)[1:] == [("withdrawn", "asker", "p:robin")]
    assert outbox(database, "case_closed") == [], "who took it back needs no message"


def test_only_the_asker_takes_a_question_back(
    database: Database, conversation: str, now: datetime
) -> None:
    case_id = open_one(database, conversation, now)
    with pytest.raises(DeskError):
        do(database, asking.withdraw, case_id, CASEY, now)


def test_an_answered_question_is_not_taken_back(
    database: Database, conversation: str, now: datetime
) -> None:
    case_id = open_one(database, conversation, now)
    do(database, work.answer, case_id, SAM, "Yes.", now)
    with pytest.raises(DeskError, match="answered"):
        do(database, asking.withdraw, case_id, ROBIN, now)


def add(database: Database, number: int, text: str, now: datetime, **more: object) -> Case:
    return do(database, asking.add, number, ROBIN, text, now, routing=ROUTING, **more)


def entries(database: Database, number: int) -> list[tuple[str, str]]:
    with database.read() as session:
        found = session.get(Case, number).entries
        return [(entry.kind, entry.text) for entry in found]


def test_what_is_added_is_kept_redacted_and_shown_to_hr_once(
    database: Database, conversation: str, now: datetime
) -> None:
    number = open_one(database, conversation, now)
    for _ in range(2):
        add(database, number, f" My number is {PHONE}. ", now, key="f" * 64)
    assert entries(database, number) == [("addition", "My number is [phone].")]
    assert [action for action, _, _ in history(database, number)] == ["opened", "added"]
    (told,) = outbox(database, "case_thread")
    assert told.payload["says"] == "thread_added"
    assert "number" not in str(told.payload), "texts of people stay in their own rows"


def test_a_reply_wakes_a_case_that_waits_or_sleeps(
    database: Database, conversation: str, now: datetime
) -> None:
    number = open_one(database, conversation, now)
    do(database, work.ask_back, number, SAM, "Which plan?", now)
    do(database, work.snooze, number, SAM, now, until=now + timedelta(days=1))
    case = add(database, number, "The PPO.", now)
    assert (case.waiting_since, case.snoozed_until, case.status) == (None, None, "claimed")


def test_adding_to_a_finished_case_opens_it_again(
    database: Database, conversation: str, now: datetime
) -> None:
    number = open_one(database, conversation, now)
    do(database, work.answer, number, SAM, "Yes.", now)
    case = add(database, number, "And for my son?", now)
    assert (case.status, case.feedback) == ("claimed", None)
    assert do(database, work.answer, number, SAM, "Yes, too.", now).answer_count == 2


def test_a_question_is_changed_until_it_is_answered(
    database: Database, conversation: str, now: datetime
) -> None:
    number = open_one(database, conversation, now)
    for _ in range(2):
        case = do(database, asking.edit, number, ROBIN, "Is a bridge paid?", now)
    assert case.question == "Is a bridge paid?"
    assert [action for action, _, _ in history(database, number)] == ["opened", "edited"]
    do(database, work.answer, number, SAM, "Yes.", now)
    with pytest.raises(DeskError, match="answered already"):
        do(database, asking.edit, number, ROBIN, "Is gold paid?", now)


@pytest.mark.parametrize("change", [asking.add, asking.edit])
def test_an_empty_text_changes_nothing(
    database: Database, conversation: str, now: datetime, change: Callable[..., Case]
) -> None:
    number = open_one(database, conversation, now)
    more = {"routing": ROUTING} if change is asking.add else {}
    with pytest.raises(DeskError, match="needs some text"):
        do(database, change, number, ROBIN, "  ", now, **more)
    assert len(history(database, number)) == 1


def test_nobody_else_adds_changes_or_rates(
    database: Database, conversation: str, now: datetime
) -> None:
    number = open_one(database, conversation, now)
    for change in (
        partial(asking.add, routing=ROUTING),
        asking.edit,
        partial(lambda session, case, actor, text, at: asking.rate(session, case, actor, 5, at)),
    ):
        for somebody in (CASEY, SAM):
            with pytest.raises(DeskError, match="Only the person who asked"):
                do(database, change, number, somebody, "mine", now)


def test_the_first_rating_counts(database: Database, conversation: str, now: datetime) -> None:
    number = open_one(database, conversation, now)
    with pytest.raises(DeskError, match="can't be rated now"):
        do(database, asking.rate, number, ROBIN, 4, now)
    do(database, work.answer, number, SAM, "Yes.", now)
    do(database, asking.confirm_helpful, number, ROBIN, now)
    with pytest.raises(DeskError, match="can't be rated now"):
        do(database, asking.rate, number, ROBIN, 6, now)
    for score in (4, 1):
        case = do(database, asking.rate, number, ROBIN, score, now)
    assert case.csat == 4
    assert [action for action, _, _ in history(database, number)].count("rated") == 1


def test_whether_it_is_solved_is_asked_once_and_silence_stays_silence(
    database: Database, conversation: str, now: datetime
) -> None:
    number = open_one(database, conversation, now)
    for _ in range(2):
        do(database, work.answer, number, SAM, "Yes.", now)
        case = do(database, work.resolve, number, SAM, now)
        assert (case.feedback, case.csat) == (None, None)
        add(database, number, "One more thing", now)
    assert len(outbox(database, "case_followup")) == 1

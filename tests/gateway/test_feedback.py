from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bot.db.models import Choice, Conversation, OutboxRow, TurnLog
from bot.db.session import Database
from bot.faq.next_questions import NextQuestions
from bot.gateway.addresses import AddressBook
from bot.gateway.feedback import Feedback
from bot.gateway.replies import Replies
from bot.gateway.wording import Wording

from ..records import RHYTHM, Clock
from .places import BOOK, DIRECT, TEAM

ROBIN = DIRECT.user
GUESSES = [
    {"label": "benefits/dental", "confidence": 0.8},
    {"label": "benefits/fsa", "confidence": 0.4},
    {"label": "greet", "confidence": 0.3},
    {"label": "benefits/hsa", "confidence": 0.1},
    {"label": "benefits/secret", "confidence": 0.1},
    {"label": "benefits/vision", "confidence": 0.01},
]


class Asked:
    """An answer that Robin got, and what is said of it."""

    def __init__(
        self, database: Database, addresses: AddressBook, wording: Wording, clock: Clock
    ) -> None:
        self.database, self.clock, self.wording = database, clock, wording
        self.woken = 0
        replies = Replies(BOOK, wording, NextQuestions(clock), RHYTHM)
        self.feedback = Feedback(database, addresses, replies, clock, self._wake)
        with database.write() as session:
            self.conversation = addresses.conversation(session, DIRECT, clock()).id
            session.add(
                TurnLog(
                    turn_id="turn:1",
                    conversation_id=self.conversation,
                    audience="employee",
                    kind="faq",
                    decision="answer",
                    topic="benefits/dental",
                    topics=["benefits/dental"],
                    candidates=GUESSES,
                    question="Is a crown paid?",
                    created_at=clock(),
                )
            )

    def _wake(self) -> None:
        self.woken += 1

    def say(self, word: str, user: str = ROBIN, turn: str = "turn:1") -> bool:
        return self.feedback.say(TEAM, user, turn, word)

    def tap(self, title: str) -> None:
        """Tap the newest button with this title."""
        with self.database.write() as session:
            rows = session.scalars(select(OutboxRow).order_by(OutboxRow.id.desc())).all()
            buttons = [b for row in rows for b in row.payload["messages"][0]["buttons"]]
            number = next(b["choice"] for b in buttons if b["title"] == title)
            choice = session.get(Choice, number)
            conversation = session.get(Conversation, self.conversation)
            assert choice.meaning["gateway"] == "missing"
            self.feedback.missing(session, conversation, choice.meaning)

    @property
    def row(self) -> TurnLog:
        with self.database.read() as session:
            return session.scalar(select(TurnLog))

    def change(self, **values: Any) -> None:
        with self.database.write() as session:
            for name, value in values.items():
                setattr(session.scalar(select(TurnLog)), name, value)

    def said(self) -> list[tuple[str, list[str]]]:
        with self.database.read() as session:
            rows = session.scalars(select(OutboxRow).order_by(OutboxRow.id)).all()
        messages = [row.payload["messages"][0] for row in rows]
        return [(m["text"], [b["title"] for b in m["buttons"]]) for m in messages]


@pytest.fixture
def asked(quick: Database, addresses: AddressBook, wording: Wording, clock: Clock) -> Asked:
    return Asked(quick, addresses, wording, clock)


def test_the_last_word_counts(asked: Asked) -> None:
    for word in ("helped", "helped", "not_helped", "helped"):
        assert asked.say(word)
        assert asked.row.feedback == word
    assert asked.row.feedback_detail is None


def test_what_was_missing_is_asked_once(asked: Asked) -> None:
    for word in ("not_helped", "not_helped", "helped", "not_helped"):
        asked.say(word)
    ((text, titles),) = asked.said()
    assert "What was missing?" in text
    assert titles == ["Not what I asked", "Out of date or wrong", "Too general", "I want a person"]
    assert asked.woken == 3


@pytest.mark.parametrize(("user", "turn"), [("U0EMPLOYEE2", "turn:1"), (ROBIN, "turn:none")])
def test_nobody_else_has_a_say(asked: Asked, user: str, turn: str) -> None:
    assert not asked.say("not_helped", user, turn)
    assert asked.row.feedback is None
    assert asked.said() == []


@pytest.mark.parametrize(
    ("title", "detail"),
    [
        ("Not what I asked", "not_asked"),
        ("Out of date or wrong", "wrong"),
        ("Too general", "too_general"),
    ],
)
def test_one_tap_is_kept_and_near_topics_come_then_hr(
    asked: Asked, title: str, detail: str
) -> None:
    asked.say("not_helped")
    asked.tap(title)
    asked.tap(title)
    assert (asked.row.feedback, asked.row.feedback_detail) == ("not_helped", detail)
    _, (_, titles) = asked.said()
    assert titles == ["Fsa", "Hsa", "I want a person"]
    asked.tap("I want a person")
    assert asked.row.feedback_detail == detail
    (text, titles) = asked.said()[-1]
    assert "> Is a crown paid?" in text
    assert titles == ["Send to HR"]


def test_who_wants_a_person_gets_the_offer_at_once(asked: Asked) -> None:
    asked.say("not_helped")
    asked.tap("I want a person")
    assert asked.row.feedback_detail == "person"
    text, titles = asked.said()[-1]
    assert ("> Is a crown paid?" in text, titles) == (True, ["Send to HR"])


@pytest.mark.parametrize(
    ("changes", "sensitive"),
    [
        ({}, False),
        ({"kind": "sensitive"}, True),
        ({"candidates": [{"label": "x", "kind": "sensitive", "confidence": 0.3}]}, True),
        ({"candidates": [{"label": "x", "kind": "sensitive", "confidence": 0.1}]}, False),
    ],
)
def test_hr_gets_what_may_be_sensitive_as_such(
    asked: Asked, changes: dict[str, Any], sensitive: bool
) -> None:
    asked.change(**changes)
    asked.say("not_helped")
    asked.tap("I want a person")
    with asked.database.read() as session:
        meanings = [choice.meaning for choice in session.scalars(select(Choice))]
    (opens,) = [meaning for meaning in meanings if meaning["gateway"] == "open_case"]
    assert opens["sensitive"] is sensitive


def test_without_near_topics_hr_is_offered(asked: Asked) -> None:
    asked.change(candidates=[], topic=None)
    asked.say("not_helped")
    asked.tap("Too general")
    assert asked.said()[-1][1] == ["Send to HR"]


def test_after_a_button_the_question_is_asked_for(asked: Asked) -> None:
    asked.change(question=None)
    asked.say("not_helped")
    asked.tap("I want a person")
    text, titles = asked.said()[-1]
    assert "type your question" in text
    assert titles == []

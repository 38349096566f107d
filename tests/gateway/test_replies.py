from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from bot.db.models import Choice, Conversation, InboxRow, Program, TurnLog
from bot.db.session import Database
from bot.faq.next_questions import NextQuestions
from bot.gateway.addresses import AddressBook
from bot.gateway.inbox import accept_text
from bot.gateway.replies import Issuer, Replies
from bot.gateway.wording import Wording
from bot.privacy.suppression import LEAST_GROUP
from bot.programs.catalogue import import_programs
from bot.settings import ROOT

from ..records import RHYTHM, Clock
from .places import BOOK, DIRECT
from .servers import reply

ABOUT_DENTAL = {
    "audience": "employee",
    "source": "Guide",
    "related": ["benefits/dental", "benefits/vision", "benefits/hsa", "benefits/secret"],
}


@pytest.fixture
def replies(wording: Wording, clock: Clock) -> Replies:
    return Replies(BOOK, wording, NextQuestions(clock), RHYTHM)


class Writer:
    """Writes the payload of a reply to a question of Robin's."""

    def __init__(self, database: Database, addresses: AddressBook, clock: Clock) -> None:
        self.database, self.clock = database, clock
        with database.write() as session:
            conversation = addresses.conversation(session, DIRECT, clock())
            self.id = conversation.id
            self.row: InboxRow = accept_text(
                session, conversation, key="k", text="Crown?", now=clock()
            )

    def write(self, replies: Replies, told: Any, reader: str = "employee") -> dict[str, Any]:
        with self.database.write() as session:
            conversation = session.get(Conversation, self.id)
            conversation.audience = reader
            return replies.payload(session, self.row, conversation, told, self.clock())

    def meaning(self, button: dict[str, str]) -> Any:
        with self.database.read() as session:
            return session.get(Choice, button["choice"]).meaning


@pytest.fixture
def writer(quick: Database, addresses: AddressBook, clock: Clock) -> Writer:
    return Writer(quick, addresses, clock)


def answer(buttons: int = 0, about: dict[str, Any] = ABOUT_DENTAL, **more: Any) -> dict[str, Any]:
    own = [{"title": f"B{n}", "meaning": {"intent": f"i{n}"}} for n in range(buttons)]
    return reply(messages=[{"text": "Half.", "buttons": own, "metadata": about}], **more)


def test_related_questions_are_those_that_this_reader_may_see(
    replies: Replies, writer: Writer
) -> None:
    payload = writer.write(replies, answer())
    assert [button["title"] for button in payload["related"]] == ["Vision", "Hsa"]
    assert writer.meaning(payload["related"][0]) == {"intent": "benefits/vision"}
    outside = writer.write(replies, answer(), "candidate")
    assert [button["title"] for button in outside["related"]] == ["Vision"]


def test_what_people_asked_next_comes_first(replies: Replies, writer: Writer, clock: Clock) -> None:
    with writer.database.write() as session:
        for person in range(LEAST_GROUP):
            for minutes, topic in enumerate(
                ("benefits/dental", "benefits/fsa", "benefits/dental", "benefits/secret",
                 "benefits/dental", "benefits/hsa")
            ):  # fmt: skip
                session.add(asked(f"c{person}", topic, clock() - timedelta(minutes=9 - minutes)))
    told = answer(topic="benefits/dental")
    payload = writer.write(replies, told)
    assert [button["title"] for button in payload["related"]] == ["Fsa", "Hsa", "Vision"]
    outside = writer.write(replies, told, "candidate")
    assert [button["title"] for button in outside["related"]] == ["Vision"]
    asked_back = writer.write(replies, {**told, "decision": "clarify"})
    assert [button["title"] for button in asked_back["related"]] == ["Vision", "Hsa"]


def asked(conversation: str, topic: str, at: datetime) -> TurnLog:
    return TurnLog(
        turn_id=f"{conversation} {at}",
        conversation_id=conversation,
        audience="employee",
        kind="faq",
        decision="answer",
        topic=topic,
        topics=[topic],
        candidates=[],
        created_at=at,
    )


@pytest.mark.parametrize(
    ("own", "related", "asks"), [(0, 2, True), (2, 1, True), (3, 0, True), (4, 1, False)]
)
def test_there_are_five_buttons_at_most_and_its_own_come_first(
    replies: Replies, writer: Writer, own: int, related: int, asks: bool
) -> None:
    payload = writer.write(replies, answer(own))
    assert len(payload["messages"][0]["buttons"]) == own
    assert len(payload.get("related", [])) == related
    assert ("feedback" in payload) is asks


def test_a_topic_that_is_a_button_already_is_no_related_question(
    replies: Replies, writer: Writer
) -> None:
    told = answer(1)
    told["messages"][0]["buttons"][0]["meaning"] = {"intent": "benefits/hsa"}
    payload = writer.write(replies, told)
    assert [button["title"] for button in payload["related"]] == ["Vision"]


@pytest.mark.parametrize(
    ("more", "about"),
    [
        ({"kind": "dialogue"}, ABOUT_DENTAL),
        ({"kind": "crisis"}, ABOUT_DENTAL),
        ({"decision": "clarify"}, ABOUT_DENTAL),
        ({"decision": "handover"}, ABOUT_DENTAL),
        ({"kind": "program"}, {"audience": "both", "is_answer": False}),
        ({"kind": "program"}, {"audience": "both"}),
    ],
)
def test_what_is_no_answer_is_not_asked_about(
    replies: Replies, writer: Writer, more: dict[str, str], about: dict[str, Any]
) -> None:
    assert "feedback" not in writer.write(replies, answer(about=about, **more))


@pytest.mark.parametrize("kind", ["faq", "sensitive", "program"])
def test_an_answer_is_asked_about_once(replies: Replies, writer: Writer, kind: str) -> None:
    told = answer(about={"audience": "both", "is_answer": True}, kind=kind)
    told["messages"] *= 2
    feedback = writer.write(replies, told)["feedback"]
    assert feedback["turn"] == writer.row.turn_id


def test_an_offer_of_hr_shows_what_hr_gets(replies: Replies, writer: Writer) -> None:
    with writer.database.write() as session:
        issue = Issuer(session, writer.id, writer.clock())
        message = replies.offer_of_case(
            issue, "Sorry.", question="One.\nTwo.", turn_id="turn:1", topic="benefits/dental"
        )
    assert "> One.\n> Two." in message["text"]
    (button,) = message["buttons"]
    assert writer.meaning(button) == {
        "gateway": "open_case",
        "question": "One.\nTwo.",
        "turn_id": "turn:1",
        "topic": "benefits/dental",
    }


@pytest.mark.parametrize(
    ("about", "is_overdue"),
    [
        ({"reviewed": "2025-11-22"}, True),
        ({"reviewed": "2025-11-24"}, False),
        ({"reviewed": "2026-01-01", "review_by": "2026-11-22"}, True),
        ({"reviewed": "2025-01-01", "review_by": "2026-11-23"}, False),
        ({}, False),
    ],
)
def test_what_should_have_been_checked_again_says_when_it_was(
    replies: Replies, writer: Writer, about: dict[str, Any], is_overdue: bool
) -> None:
    (message,) = writer.write(replies, answer(about={**ABOUT_DENTAL, **about}))["messages"]
    assert message["text"].startswith("Half.")
    assert ("waiting to be checked again" in message["text"]) is is_overdue


def test_a_program_says_so_too(replies: Replies, writer: Writer) -> None:
    with writer.database.write() as session:
        import_programs(session, ROOT / "data" / "programs.yml")
        session.get(Program, "tuition-assistance").reviewed = date(2025, 1, 2)
    about = {"audience": "employee", "is_answer": True, "programs": ["tuition-assistance"]}
    (message,) = writer.write(replies, answer(about=about))["messages"]
    assert "last checked on January 2, 2025" in message["text"]
    (listed,) = writer.write(replies, answer(about={**about, "programs": ["a", "b"]}))["messages"]
    assert listed["text"] == "Half."

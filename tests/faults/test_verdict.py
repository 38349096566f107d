"""A verdict must be able to be a bad one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import select, text

from bot.db.models import Case, InboxRow
from bot.db.queues import enqueue, finish
from bot.db.session import Database
from bot.desk.cases import open_case
from bot.gateway.addresses import AddressBook, SlackAddress
from bot.gateway.inbox import accept_text
from bot.privacy.sealing import Seal
from bot.sandbox.app import SandboxServer
from bot.sandbox.model import Attempt, Message
from bot.sandbox.seed import HR_CHANNEL, ROBIN
from bot.settings import load_settings

from ..records import ROUTING, quick_database
from .people import People, Question
from .plan import Ask, Say
from .verdict import judge

PAYDAY = "when is payday?"
ASK = Ask(1, 0, "who feeds the old ferret", anonymous=False)


@dataclass
class Scene:
    """A run in which everything went well, of two messages and a question to HR."""

    database: Database
    slack: SandboxServer
    people: People
    now: datetime

    def __post_init__(self) -> None:
        self.seal = Seal(self.people.product.settings.encryption_key)
        self.dm = self.slack.dm()
        with self.database.write() as session:
            session.execute(text("CREATE TABLE events (type_name TEXT, data TEXT)"))
        self.turns = [
            self.answered(PAYDAY, "Payday is Friday."),
            self.answered(PAYDAY, "Payday is"),
        ]
        self.asked = Question(ASK, [self.say(ASK.question)], True, True, "done")
        self.people.questions.append(self.asked)
        asked_in = self.take_in(self.asked.said[0])
        self.post(self.dm, f"reply:{asked_in}", f"> {ASK.question}")
        with self.database.write() as session:
            row = session.scalar(select(InboxRow).where(InboxRow.turn_id == self.turns[0]))
            case = open_case(
                session,
                turn_id="turn:case",
                conversation_id=row.conversation_id,
                question=ASK.question,
                topic=None,
                routing=ROUTING,
                now=self.now,
            )
            card = self.post(HR_CHANNEL, f"card:{case.id}:0", ASK.question)
            case.card_channel, case.card_ts = card.channel, card.ts
            case.answer_count = 1
            session.execute(text("UPDATE outbox SET status = 'sent'"))
        self.post(self.dm, "answer:1:1", ASK.answer)

    def say(self, words: str) -> Message:
        message = Message(self.slack.workspace.new_ts(), self.dm, ROBIN, words)
        self.slack.workspace.add_message(message)
        about = (message.channel, message.ts)
        self.slack.workspace.attempts.append(
            Attempt("event", "Ev", 0, False, 200, None, 0.0, about=about)
        )
        return message

    def take_in(self, message: Message) -> str:
        address = SlackAddress(self.slack.workspace.team_id, ROBIN, self.dm, "", direct=True)
        key = self.seal.fingerprint("message", address.team, message.channel, message.ts)
        with self.database.write() as session:
            place = AddressBook(self.seal).conversation(session, address, self.now)
            row = accept_text(session, place, key=key, text=message.text, now=self.now)
            finish(row, "answered", self.now)
            return row.turn_id

    def answered(self, question: str, words: str) -> str:
        message = self.say(question)
        self.people.said.append((Say(0, question, in_thread=False), message))
        turn_id = self.take_in(message)
        self.post(self.dm, f"reply:{turn_id}", words)
        return turn_id

    def post(self, channel: str, key: str, words: str) -> Message:
        message = self.slack.sandbox.bot_message(
            channel, words, metadata={"event_type": "d", "event_payload": {"key": key}}
        )
        return self.slack.workspace.add_message(message)

    def posted(self, key: str) -> Message:
        every = self.slack.workspace.from_bot(self.dm)
        return next(m for m in every if m.metadata["event_payload"]["key"] == key)

    def wrong(self) -> str:
        return "\n".join(judge(self.people, self.database).wrong)


@pytest.fixture
def scene(tmp_path: Path, now: datetime) -> Iterator[Scene]:
    database, slack = quick_database(tmp_path), SandboxServer(manifest=None)
    settings = load_settings({"HRBOT_VAR_DIR": str(tmp_path)}, tmp_path / "none.env")
    product = SimpleNamespace(slack=slack, settings=settings, people=[ROBIN])
    people = People(product, database, patience=1.0)
    yield Scene(database, slack, people, now)
    people.finish()
    database.dispose()


def test_where_all_went_well_nothing_is_wrong(scene: Scene) -> None:
    verdict = judge(scene.people, scene.database)
    assert verdict.wrong == []
    assert (verdict.figures["answered"], verdict.figures["answers"]) == (3, 1)


def test_a_message_that_was_acknowledged_and_is_gone(scene: Scene) -> None:
    scene.people.said.append((Say(0, PAYDAY, in_thread=False), scene.say(PAYDAY)))
    assert "lost: “when is payday?”" in scene.wrong()


def test_no_final_reply(scene: Scene) -> None:
    scene.take_in(scene.say("hello"))
    assert "has 0 final replies" in scene.wrong()


def test_two_final_replies(scene: Scene) -> None:
    scene.post(scene.dm, f"reply:{scene.turns[0]}", "Payday is Friday.")
    assert "has 2 final replies" in scene.wrong()


def test_a_reply_to_something_else(scene: Scene) -> None:
    scene.posted(f"reply:{scene.turns[0]}").text = "Dental is paid."
    assert "got another reply" in scene.wrong()


def test_replies_out_of_order(scene: Scene) -> None:
    first, second = (scene.posted(f"reply:{turn}") for turn in scene.turns)
    first.ts, second.ts = second.ts, first.ts
    assert "before an earlier message" in scene.wrong()


def test_two_notices_and_one_that_comes_late(scene: Scene) -> None:
    for _ in range(2):
        scene.post(scene.dm, f"hold:{scene.turns[0]}", "Still looking")
    assert "was posted 2 times" in scene.wrong()
    assert "held after its reply" in scene.wrong()


def test_a_reply_elsewhere(scene: Scene) -> None:
    scene.posted(f"reply:{scene.turns[0]}").thread_ts = "1.000001"
    assert "answered elsewhere" in scene.wrong()


@pytest.mark.parametrize("status", ["pending", "dead", "sent"])
def test_what_did_not_leave(scene: Scene, status: str) -> None:
    with scene.database.write() as session:
        enqueue(
            session, delivery_key="n", kind="notice", lane="l", payload={}, now=scene.now
        ).status = status
    assert ("isn't in Slack" if status == "sent" else "left over") in scene.wrong()


def test_a_case_that_hr_sees_twice(scene: Scene) -> None:
    scene.post(HR_CHANNEL, "card:1:0:again", ASK.question)
    assert "HR sees 2 cards" in scene.wrong()


def test_a_case_that_is_gone(scene: Scene) -> None:
    with scene.database.write() as session:
        session.scalar(select(Case)).question = "something else"
    assert "has 0 cases" in scene.wrong()
    assert "nobody asked for" in scene.wrong()


def test_a_question_to_hr_that_is_answered_anew(scene: Scene) -> None:
    # As when it was sent without a name, its row is gone, and Slack delivers it again.
    scene.post(scene.dm, "reply:turn:new", f"> {ASK.question}")
    assert "was asked 1 times and got 2 replies" in scene.wrong()


def test_an_answer_that_came_twice_or_never(scene: Scene) -> None:
    scene.post(scene.dm, "answer:1:2", ASK.answer)
    assert "the asker got 2 answers" in scene.wrong()
    for message in scene.slack.workspace.from_bot(scene.dm):
        if message.text == ASK.answer:
            scene.slack.workspace.remove_message(message)
    assert "the asker got 0 answers" in scene.wrong()


def test_an_answer_that_the_assistant_knows_twice(scene: Scene) -> None:
    with scene.database.write() as session:
        event = '{"metadata": {"delivery_key": "tracker:answer:1:1"}}'
        for _ in range(2):
            session.execute(text("INSERT INTO events VALUES ('bot', :event)"), {"event": event})
    assert "the assistant knows tracker:answer:1:1 2 times" in scene.wrong()

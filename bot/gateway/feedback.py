"""What people say of an answer: helped or not, what was missing, and what is done about it.

The last word counts. Who wasn't helped is asked once what was missing, and one tap later gets
the topics that come near, and HR.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.models import Conversation, TurnLog
from bot.db.queues import enqueue
from bot.db.session import Database
from bot.gateway.addresses import AddressBook
from bot.gateway.discretion import LEAST_CONFIDENCE as LEAST_OF_A_GUESS
from bot.gateway.discretion import PRIVATE_KINDS
from bot.gateway.replies import (
    HELPED,
    NOT_HELPED,
    Issuer,
    Message,
    Replies,
    is_visible,
    public,
)
from bot.privacy.audience import BOTH

PERSON = "person"
# What may have been missing, and the wording of its button.
DETAILS = {
    "not_asked": "feedback_not_asked",
    "wrong": "feedback_wrong",
    "too_general": "feedback_too_general",
    PERSON: "feedback_person",
}
MOST_NEAR = 3
# Guesses beside an answer are weak by nature; below this they are noise.
LEAST_CONFIDENCE = 0.05


@dataclass(frozen=True)
class Feedback:
    """Takes in what people say of answers."""

    database: Database
    addresses: AddressBook
    replies: Replies
    clock: Callable[[], datetime]
    on_outbox: Callable[[], None]

    def say(self, team: str, user: str, turn_id: str, word: str) -> bool:
        """Take the asker's word on the answer of a turn.

        Args:
            word: helped or not_helped.

        Returns:
            False if nobody with this turn is known, or somebody else asked.
        """
        with self.database.write() as session:
            now = self.clock()
            answer = _answer(session, turn_id)
            conversation = answer and session.get(Conversation, answer.conversation_id)
            person = self.addresses.person(session, team, user, now)
            if conversation is None or conversation.person_id != person.id:
                return False
            is_new = self._note(session, answer, word, now)
        if is_new:
            self.on_outbox()
        return True

    def say_in(self, session: Session, conversation: Conversation, turn_id: str, word: str) -> None:
        """Take the word on the answer of a turn from whoever talks in its conversation."""
        answer = _answer(session, turn_id)
        if answer is not None and answer.conversation_id == conversation.id:
            self._note(session, answer, word, self.clock())

    def missing(
        self, session: Session, conversation: Conversation, meaning: dict[str, Any]
    ) -> None:
        """Take one tap on what was missing; offer what comes near, then HR."""
        answer = _answer(session, meaning["turn"])
        if answer is None:
            return
        now = self.clock()
        answer.feedback = NOT_HELPED
        if not meaning.get("after"):
            answer.feedback_detail = meaning["detail"]
        issue = Issuer(session, conversation.id, now)
        near = () if meaning["detail"] == PERSON else self._near(answer, conversation.audience)
        buttons = [issue(*button) for button in list(near)[:MOST_NEAR]]
        say = self.replies.wording.say
        if buttons:
            ask = {"gateway": "missing", "turn": answer.turn_id, "detail": PERSON, "after": True}
            buttons.append(issue(say("feedback_person"), ask))
            message = public(say("feedback_near"), buttons)
        else:
            message = self._offer_of_hr(issue, answer, conversation)
        _say(session, conversation, f"near:{answer.turn_id}:{meaning['detail']}", message, now)

    def _note(self, session: Session, answer: TurnLog, word: str, now: datetime) -> bool:
        """Note a word; return whether it is another than before."""
        if answer.feedback == word:
            return False
        answer.feedback = word
        if word == HELPED:
            answer.feedback_detail = None
        else:
            self._ask_what_was_missing(session, answer, now)
        return True

    def _ask_what_was_missing(self, session: Session, answer: TurnLog, now: datetime) -> None:
        conversation = session.get(Conversation, answer.conversation_id)
        issue = Issuer(session, conversation.id, now)
        say = self.replies.wording.say
        buttons = [
            issue(say(key), {"gateway": "missing", "turn": answer.turn_id, "detail": detail})
            for detail, key in DETAILS.items()
        ]
        message = public(say("feedback_missing"), buttons)
        _say(session, conversation, f"missing:{answer.turn_id}", message, now)

    def _near(self, answer: TurnLog, reader: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield title and meaning of what else may be meant; what is related was shown already."""
        book = self.replies.book
        for guess in answer.candidates:
            topic = guess["label"]
            is_likely = guess["confidence"] >= LEAST_CONFIDENCE
            is_new = topic != answer.topic and topic not in answer.topics
            if is_likely and is_new and is_visible(book, topic, reader):
                yield book.title_of(topic, reader), {"intent": topic}

    def _offer_of_hr(self, issue: Issuer, answer: TurnLog, conversation: Conversation) -> Message:
        say = self.replies.wording.say
        if conversation.is_outside:
            return public(say("outside"))
        if not answer.question:
            # It was a button; what the person wants to know stands nowhere yet.
            return public(say("feedback_ask_hr"))
        return self.replies.offer_of_case(
            issue,
            say("feedback_offer"),
            question=answer.question,
            turn_id=answer.turn_id,
            topic=answer.topic,
            candidates=[guess["topic"] for guess in answer.candidates if guess.get("topic")],
            sensitive=_may_be_sensitive(answer),
        )


def _may_be_sensitive(answer: TurnLog) -> bool:
    """Say whether the question may be for few people in HR only; a hunch doesn't count."""
    likely = [g for g in answer.candidates if g["confidence"] >= LEAST_OF_A_GUESS]
    return bool({answer.kind, *(guess.get("kind") for guess in likely)} & PRIVATE_KINDS)


def _answer(session: Session, turn_id: str) -> TurnLog | None:
    return session.scalar(select(TurnLog).where(TurnLog.turn_id == turn_id).with_for_update())


def _say(
    session: Session, conversation: Conversation, key: str, message: Message, now: datetime
) -> None:
    enqueue(
        session,
        delivery_key=key,
        kind="notice",
        lane=conversation.id,
        payload={"messages": [message]},
        audience=BOTH,
        conversation_id=conversation.id,
        now=now,
    )

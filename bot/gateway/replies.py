"""Makes what was said in a turn ready to be posted: buttons, related questions, the feedback ask.

Whatever a button means stays here, as a `Choice`; only its id travels. At most five buttons
go with a reply: its own come first, then feedback, then related questions as far as there is
room.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.db.models import Choice, Conversation, InboxRow, Program
from bot.desk.freshness import Rhythm
from bot.faq.book import AnswerBook
from bot.faq.next_questions import NextQuestions
from bot.gateway.program_offers import ProgramOffers
from bot.gateway.wording import Wording
from bot.privacy.audience import BOTH
from bot.privacy.sealing import opaque_id
from bot.programs.terms import day_text

MOST_BUTTONS = 5
MOST_RELATED = 3
FEEDBACK_BUTTONS = 2
BUTTON_TITLE_LENGTH = 75
TO_HR = {"handover", "talk_to_person", "affirm", "deny"}
HELPED, NOT_HELPED = "helped", "not_helped"
ANSWERING_KINDS = {"faq", "sensitive", "program"}

Message = dict[str, Any]


@dataclass(frozen=True)
class Replies:
    """Writes the payloads of replies; see the module."""

    book: AnswerBook
    wording: Wording
    next_questions: NextQuestions
    rhythm: Rhythm
    offers: ProgramOffers | None = None

    def payload(
        self,
        session: Session,
        row: InboxRow,
        conversation: Conversation,
        reply: dict[str, Any],
        now: datetime,
    ) -> dict[str, Any]:
        """Return what is posted for the assistant's reply, its choices added to the session."""
        if conversation.is_outside:
            reply = self._for_outsiders(reply)
        if self.offers is not None:
            reply = self.offers.added_to(session, conversation, reply, now)
        issue = Issuer(session, conversation.id, now)
        messages, room = [], MOST_BUTTONS
        for message in reply["messages"]:
            buttons = message.get("buttons", [])[:room]
            room -= len(buttons)
            issued = [issue(button["title"], button["meaning"]) for button in buttons]
            messages.append({**self._dated(session, message, now), "buttons": issued})
            asked = message.get("date")
            if asked is not None:
                picker = issue(asked["label"], asked["meaning"])
                messages[-1]["date"] = {"label": picker["title"], "choice": picker["choice"]}
        asks = _is_answer(reply) and room >= FEEDBACK_BUTTONS
        room -= FEEDBACK_BUTTONS if asks else 0
        related = self._related(session, reply, conversation.audience)
        related = list(related)[: min(room, MOST_RELATED)]
        payload: dict[str, Any] = {"messages": messages}
        if related:
            payload["related"] = [
                issue(self.book.title_of(topic, conversation.audience), {"intent": topic})
                for topic in related
            ]
        if asks:
            payload["feedback"] = {
                "turn": row.turn_id,
                HELPED: self.wording.say("feedback_helped"),
                NOT_HELPED: self.wording.say("feedback_not_helped"),
            }
        return payload

    def offer_of_case(
        self,
        issue: Issuer,
        text: str,
        *,
        question: str,
        turn_id: str,
        topic: str | None = None,
        **more: Any,
    ) -> Message:
        """Return a text with what HR would get, and the button that sends it.

        Args:
            more: what else the desk's intake knows of a question, such as `sensitive`.
        """
        meaning = {
            "gateway": "open_case",
            "question": question,
            "turn_id": turn_id,
            "topic": topic,
            **more,
        }
        shown = f"{text}\n\n{self.wording.say('apology_quote')}\n\n{quoted(question)}"
        return public(shown, [issue(self.wording.say("apology_button"), meaning)])

    def _dated(self, session: Session, message: Message, now: datetime) -> Message:
        """Return a message; if it should have been checked again by now, it says so."""
        about = message.get("metadata") or {}
        program = program_of(session, about)
        reviewed, review_by = about.get("reviewed"), about.get("review_by")
        if program is not None:
            reviewed, review_by = program.reviewed, program.review_by
        due = self.rhythm.due(reviewed, review_by)
        if not reviewed or due is None or due >= now.date():
            return message
        checked = day_text(date.fromisoformat(str(reviewed)))
        overdue = self.wording.say("answer_overdue", date=checked)
        return {**message, "text": f"{message['text']}\n\n{overdue}"}

    def _for_outsiders(self, reply: dict[str, Any]) -> dict[str, Any]:
        """Return a reply without any way to HR; where it is nothing else, what they can do."""
        told = [message.get("metadata") or {} for message in reply["messages"]]
        if reply["decision"] == "handover" or any(about.get("refused") for about in told):
            return {**reply, "messages": [public(self.wording.say("outside"))]}
        messages = [
            {
                **message,
                "buttons": [
                    button
                    for button in message.get("buttons", ())
                    if button["meaning"].get("intent") not in TO_HR
                ],
            }
            for message in reply["messages"]
        ]
        return {**reply, "messages": messages}

    def _related(self, session: Session, reply: dict[str, Any], reader: str) -> Iterator[str]:
        """Yield topics this reader may see: what people asked next, then what belongs to them."""
        answered = dict.fromkeys(t for t in (reply.get("topic"), *reply.get("topics", ())) if t)
        seen = set(answered)
        for message in reply["messages"]:
            seen |= {button["meaning"].get("intent") for button in message.get("buttons", ())}
        about = [message.get("metadata") or {} for message in reply["messages"]]
        topics = answered if _is_answer(reply) else ()
        asked_next = [t for topic in topics for t in self.next_questions.after(session, topic)]
        belonging = [topic for metadata in about for topic in metadata.get("related") or ()]
        for topic in asked_next + belonging:
            if topic not in seen and is_visible(self.book, topic, reader):
                seen.add(topic)
                yield topic


@dataclass(frozen=True)
class Issuer:
    """Issues buttons to one conversation."""

    session: Session
    conversation_id: str
    now: datetime

    def __call__(self, title: str, meaning: dict[str, Any]) -> dict[str, str]:
        """Return a button with the id under which what it means is kept."""
        choice = Choice(
            id=opaque_id("choice"),
            conversation_id=self.conversation_id,
            title=title[:BUTTON_TITLE_LENGTH],
            meaning=meaning,
            created_at=self.now,
        )
        self.session.add(choice)
        return {"title": choice.title, "choice": choice.id}


def public(text: str, buttons: Iterable[dict[str, str]] = ()) -> Message:
    """Return a message of the gateway's own; everybody may see those."""
    return {"text": text, "buttons": list(buttons), "metadata": {"audience": BOTH}}


def quoted(text: str) -> str:
    """Return what somebody wrote as a quote."""
    return "\n".join(f"> {line}" for line in text.splitlines())


def is_visible(book: AnswerBook, topic: str, reader: str) -> bool:
    """Say whether the book has an answer about this topic for this reader."""
    return book.is_visible(topic, reader)


def program_of(session: Session, about: Mapping[str, Any]) -> Program | None:
    """Return the one program that a message tells about, by the message's metadata."""
    told = about.get("programs") or ()
    return session.get(Program, told[0]) if about.get("is_answer") and len(told) == 1 else None


def _is_answer(reply: dict[str, Any]) -> bool:
    """Say whether something was answered, rather than asked back or talked about."""
    if reply["decision"] != "answer" or reply["kind"] not in ANSWERING_KINDS:
        return False
    told = [message.get("metadata") or {} for message in reply["messages"]]
    return any(about.get("source") or about.get("is_answer") for about in told)

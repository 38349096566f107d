"""What goes with an answer about one program: a reminder of its day, and one more program."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.models import Conversation, Program
from bot.gateway.addresses import AddressBook
from bot.gateway.wording import Wording
from bot.privacy.audience import BOTH, CANDIDATE, EMPLOYEE
from bot.programs import reminders
from bot.programs.openings import is_announced_later
from bot.programs.terms import first_sentence
from bot.telling import did_you_know

REMIND, TELL_ME = "remind", "tell_me"
"""The gateway's own buttons, by the name that their meaning gives."""
OFFERED_WITH = {"faq", "program"}
# Its own buttons, ours, and the two that ask whether it helped.
ROOM = 3
BUTTON_TITLE_LENGTH = 75

Reply = dict[str, Any]


@dataclass(frozen=True)
class ProgramOffers:
    """Adds offers to replies; what is sensitive, unsure or no answer stays as it is.

    `by_email`: candidates can be written to. `hint_days`: days between two “did you know” for
    one person; None: there are none.
    """

    wording: Wording
    addresses: AddressBook
    by_email: bool = False
    hint_days: int | None = None

    def added_to(
        self, session: Session, conversation: Conversation, reply: Reply, now: datetime
    ) -> Reply:
        """Return a reply with what can be offered beside it."""
        program = self._program(session, conversation, reply)
        if program is None or _buttons(reply) + 1 > ROOM:
            return reply
        if conversation.is_web:
            button = self._opening(program, now)
        else:
            button = self._reminder(session, conversation, program, now)
        if button:
            reply = _with_button(reply, button)
        if self.hint_days is None or _buttons(reply) + 1 > ROOM:
            return reply
        hint = self._hint(session, conversation, program, now)
        return {**reply, "messages": [*reply["messages"], hint]} if hint else reply

    def _reminder(
        self, session: Session, conversation: Conversation, program: Program, now: datetime
    ) -> dict[str, Any] | None:
        day = reminders.day_to_remind_of(program, now.date())
        if day is None or reminders.is_asked(session, conversation.person_id, day):
            return None
        meaning = {
            "gateway": REMIND,
            "program": day.program_id,
            "window": day.window,
            "stage": day.stage,
        }
        return {"title": self.wording.say("remind_button"), "meaning": meaning}

    def _hint(
        self, session: Session, conversation: Conversation, program: Program, now: datetime
    ) -> dict[str, Any] | None:
        """Return the line about one more program, noted as told; in direct messages alone.

        For whom somebody's job makes them eligible is nobody else's business.
        """
        if conversation.is_web or conversation.audience != EMPLOYEE:
            return None
        if self.addresses.place_of(session, conversation.id) != "private":
            return None
        if not did_you_know.is_welcome(session, conversation, now, self.hint_days):
            return None
        person = conversation.person_id
        other = did_you_know.related_program(session, person, program, now.date())
        if other is None:
            return None
        did_you_know.note(session, person, program, other, now)
        about = first_sentence(other.summary)
        text = self.wording.say("did_you_know", program=other.name, about=about)
        meaning = {"intent": "program_details", "entities": {"program": other.id}}
        return {
            "text": text,
            "buttons": [{"title": other.name[:BUTTON_TITLE_LENGTH], "meaning": meaning}],
            "metadata": {"audience": other.audience},
        }

    def _opening(self, program: Program, now: datetime) -> dict[str, Any] | None:
        if not self.by_email or not is_announced_later(program, now.date()):
            return None
        meaning = {"gateway": TELL_ME, "program": program.id}
        return {"title": self.wording.say("tell_me_button"), "meaning": meaning}

    def _program(
        self, session: Session, conversation: Conversation, reply: Reply
    ) -> Program | None:
        """Return the one program that a reply answers about, if it may be spoken of further."""
        is_answer = reply["decision"] == "answer" and reply["kind"] in OFFERED_WITH
        if not is_answer or conversation.is_outside or len(reply.get("topics") or ()) > 1:
            return None
        reader = conversation.audience
        public = (BOTH, EMPLOYEE) if reader == EMPLOYEE else (BOTH, CANDIDATE)
        visible = select(Program).where(Program.active, Program.audience.in_(public))
        told = [message.get("metadata") or {} for message in reply["messages"]]
        named = {program for about in told for program in about.get("programs") or ()}
        if reply["kind"] == "program":
            if not all(about.get("is_answer") for about in told if about.get("programs")):
                return None
            wanted = visible.where(Program.id.in_(named))
        else:
            wanted = visible.where(Program.topic == reply.get("topic"))
        found = list(session.scalars(wanted.limit(2)))
        return found[0] if len(found) == 1 else None


def _buttons(reply: Reply) -> int:
    return sum(len(message.get("buttons") or ()) for message in reply["messages"])


def _with_button(reply: Reply, button: dict[str, Any]) -> Reply:
    *before, last = reply["messages"]
    return {**reply, "messages": [*before, {**last, "buttons": [*last.get("buttons", ()), button]}]}

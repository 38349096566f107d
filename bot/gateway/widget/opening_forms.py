"""The form with which a candidate leaves an address to be told when a program opens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.db.models import Choice, Conversation, Program, WidgetEvent
from bot.db.queues import enqueue
from bot.gateway.addresses import Contact
from bot.gateway.program_offers import TELL_ME
from bot.gateway.replies import Issuer, public
from bot.gateway.widget.events import FORM, FORM_DONE, append, event_with
from bot.gateway.widget.refusals import refusal
from bot.gateway.widget.tokens import new_id
from bot.gateway.wording import Wording
from bot.privacy.audience import BOTH, CANDIDATE
from bot.privacy.sealing import Seal
from bot.programs import openings

OPENING_FORM = "opening_form"


@dataclass(frozen=True)
class OpeningForms:
    """Offers the form, shows it, and takes it in."""

    seal: Seal
    wording: Wording
    clock: Callable[[], datetime]

    def offer(self, session: Session, conversation: Conversation, meaning: dict[str, Any]) -> None:
        """Answer the press of “Tell me when it opens” with the form."""
        program, now, say = _program(session, meaning), self.clock(), self.wording.say
        if program is None:
            raise refusal("choice_unknown")
        issue = Issuer(session, conversation.id, now)
        form = issue(say("tell_me_button"), {"gateway": OPENING_FORM, "program": program.id})
        text = say("tell_me_form", program=program.name)
        enqueue(
            session,
            delivery_key=f"{TELL_ME}:{form['choice']}",
            kind="notice",
            lane=conversation.id,
            payload={"messages": [public(text, [form])]},
            audience=BOTH,
            conversation_id=conversation.id,
            now=now,
        )

    def show(self, session: Session, conversation_id: str, choice: Choice, key: str) -> None:
        """Add the event that shows the form. `key` is that of what offers it."""
        say = self.wording.say
        payload = {
            "form": choice.id,
            "text": say("tell_me_consent_hint"),
            "title": say("tell_me_button"),
            "consent": say("tell_me_consent"),
            "submit": say("tell_me_submit"),
        }
        append(
            session,
            conversation_id,
            key=f"{key}:form",
            kind=FORM,
            payload=payload,
            now=self.clock(),
        )

    def fill_in(
        self, session: Session, conversation: Conversation, choice: Choice, contact: Contact
    ) -> WidgetEvent:
        """Have the address asked for its word; a form that was filled in asks once.

        Returns:
            The event that confirms it.

        Raises:
            Refusal: if the program is gone.
        """
        known = event_with(session, f"done:{choice.id}")
        if known is not None:
            return known
        program, now = _program(session, choice.meaning), self.clock()
        if program is None:
            raise refusal("form_unknown")
        given = {"email": contact.email, "token": new_id(), "now": now}
        openings.ask(session, self.seal, conversation.id, program.id, **given)
        text = self.wording.say("tell_me_done", program=program.name)
        return append(
            session,
            conversation.id,
            key=f"done:{choice.id}",
            kind=FORM_DONE,
            payload={"form": choice.id, "text": text},
            now=now,
        )


def is_opening_form(choice: Choice) -> bool:
    """Say whether a button stands for this form."""
    return choice.meaning.get("gateway") == OPENING_FORM


def _program(session: Session, meaning: dict[str, Any]) -> Program | None:
    program = session.get(Program, meaning["program"])
    is_public = program is not None and program.active and program.audience in (BOTH, CANDIDATE)
    return program if is_public else None

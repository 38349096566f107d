"""The form with which a candidate's question goes to a person: who is told, and by when.

A form is a button that sends a question to HR, shown as a form instead: its id is the choice's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from email_validator import EmailNotValidError, validate_email
from limits import RateLimitItem
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.models import Case, Choice, Conversation, InboxRow, TurnLog, WidgetEvent
from bot.desk.cases import open_case
from bot.desk.routing import Queue, Routing
from bot.gateway.addresses import AddressBook, Contact
from bot.gateway.discretion import LEAST_CONFIDENCE, PRIVATE_KINDS
from bot.gateway.widget.events import FORM, FORM_DONE, append, event_with
from bot.gateway.widget.limits import seconds_to_wait
from bot.gateway.widget.opening_forms import OpeningForms, is_opening_form
from bot.gateway.widget.refusals import refusal
from bot.gateway.widget.reply_times import reply_by
from bot.gateway.wording import Wording
from bot.nlu import crisis
from bot.privacy.audience import CANDIDATE

OPEN_CASE, AFFIRM, DENY = "open_case", "affirm", "deny"


@dataclass(frozen=True)
class Asked:
    """A question that waits for its sender's contact; see `bot.desk.cases.open_case`."""

    turn_id: str
    question: str
    topic: str | None
    candidates: tuple[str, ...]
    sensitive: bool


@dataclass(frozen=True)
class Forms:
    """Shows forms, and takes them in. `case_rates`: how many cases a conversation may open."""

    addresses: AddressBook
    routing: Routing
    wording: Wording
    clock: Callable[[], datetime]
    case_rates: Sequence[RateLimitItem]
    openings: OpeningForms

    def show(self, session: Session, conversation_id: str, choice: Choice, key: str) -> None:
        """Add the event that shows the form for a choice. `key` is that of what offers it."""
        if is_opening_form(choice):
            self.openings.show(session, conversation_id, choice, key)
            return
        now = self.clock()
        asked = self._asked(session, choice)
        due = reply_by(self._queue(asked), now) if asked is not None else None
        payload = {"form": choice.id, "text": self.wording.say("widget_form")}
        append(
            session,
            conversation_id,
            key=f"{key}:form",
            kind=FORM,
            payload={**payload, **({"reply_by": due} if due else {})},
            now=now,
        )

    def fill_in(
        self, session: Session, conversation: Conversation, form: str, contact: Contact
    ) -> WidgetEvent:
        """Keep the contact and open the case; a form that was filled in opens it once.

        Returns:
            The event that confirms it.

        Raises:
            Refusal: if there is no such form in this conversation, or it has opened too many
                cases.
        """
        choice = session.get(Choice, form)
        asked = None
        if choice is not None and choice.conversation_id == conversation.id:
            if is_opening_form(choice):
                return self.openings.fill_in(session, conversation, choice, contact)
            asked = self._asked(session, choice)
        if asked is None:
            raise refusal("form_unknown")
        self.addresses.keep_contact(conversation, contact)
        known = event_with(session, f"done:{form}")
        if known is not None:
            return known
        now = self.clock()
        self._require_room(session, conversation, now)
        case = open_case(
            session,
            turn_id=asked.turn_id,
            conversation_id=conversation.id,
            question=asked.question,
            topic=asked.topic,
            candidates=asked.candidates,
            routing=self.routing,
            now=now,
            sensitive=asked.sensitive,
        )
        return append(
            session,
            conversation.id,
            key=f"done:{form}",
            kind=FORM_DONE,
            payload={"form": form, "text": self._confirmation(case, now)},
            now=now,
            case_id=case.id,
        )

    def _require_room(self, session: Session, conversation: Conversation, now: datetime) -> None:
        opened = (
            select(Case.created_at)
            .where(Case.conversation_id == conversation.id)
            .order_by(Case.id.desc())
            .limit(max(rate.amount for rate in self.case_rates))
        )
        wait = seconds_to_wait(self.case_rates, session.scalars(opened).all(), now)
        if wait > 0:
            raise refusal("too_many_cases", retry_after=wait)

    def _confirmation(self, case: Case, now: datetime) -> str:
        due = reply_by(self.routing.queue_of(case), now)
        if due is None:
            return self.wording.say("widget_form_done", reference=case.reference)
        return self.wording.say("widget_form_done_by", reference=case.reference, reply_by=due)

    def _queue(self, asked: Asked) -> Queue:
        return self.routing.queue_for(asked.topic, CANDIDATE, sensitive=asked.sensitive)

    def _asked(self, session: Session, choice: Choice) -> Asked | None:
        """Return the question that a button sends to HR, if it does."""
        if is_opening_form(choice) or not asks_for_contact(choice):
            return None
        meaning = choice.meaning
        if meaning.get("gateway") == OPEN_CASE:
            question = meaning["question"]
            danger = crisis.detect(question) is not None
            return Asked(
                turn_id=meaning["turn_id"],
                question=question,
                topic=meaning.get("topic"),
                candidates=tuple(meaning.get("candidates") or ()),
                sensitive=bool(meaning.get("sensitive")) or danger,
            )
        return self._of_turn(session, choice.conversation_id, meaning["entities"]["turn"])

    def _of_turn(self, session: Session, conversation_id: str, turn_id: str) -> Asked | None:
        """Return what was asked in a turn of this conversation, as far as it was understood."""
        row = session.scalar(select(InboxRow).where(InboxRow.turn_id == turn_id))
        if row is None or row.conversation_id != conversation_id:
            return None
        pressed = session.get(Choice, row.choice_id) if row.choice_id else None
        question = row.text or (pressed.title if pressed else "")
        turn = session.scalar(select(TurnLog).where(TurnLog.turn_id == turn_id))
        guesses = turn.candidates if turn is not None else []
        likely = [guess for guess in guesses if guess["confidence"] >= LEAST_CONFIDENCE]
        own = [turn.topic] if turn is not None and turn.topic else []
        topics = own + [guess["topic"] for guess in likely if guess.get("topic")]
        possible = own + [guess["topic"] for guess in guesses if guess.get("topic")]
        kinds = {guess.get("kind") for guess in likely} | (
            {turn.kind} if turn is not None else set()
        )
        return Asked(
            turn_id=turn_id,
            question=question,
            topic=next(iter(topics), None),
            candidates=tuple(dict.fromkeys(possible)),
            sensitive=bool(kinds & PRIVATE_KINDS)
            or any(map(self.routing.is_sensitive, topics))
            or crisis.detect(question) is not None,
        )


def contact_from(email: str, name: str, *, consent: bool) -> Contact:
    """Return a contact that somebody wrote into a form.

    Raises:
        Refusal: if they don't consent, or it is no e-mail address.
    """
    if not consent:
        raise refusal("consent_missing")
    try:
        found = validate_email(email.strip(), check_deliverability=False)
    except EmailNotValidError:
        raise refusal("email_invalid") from None
    printable = "".join(character if character.isprintable() else " " for character in name)
    return Contact(found.normalized, " ".join(printable.split()))


def asks_for_contact(choice: Choice) -> bool:
    """Say whether a button needs a contact, so that a form takes its place."""
    meaning = choice.meaning
    if meaning.get("gateway") == OPEN_CASE or is_opening_form(choice):
        return True
    return meaning.get("intent") == AFFIRM and "turn" in (meaning.get("entities") or {})


def declines(choice: Choice) -> bool:
    """Say whether a button refuses to send a question: the form has its own for that."""
    return choice.meaning.get("intent") == DENY

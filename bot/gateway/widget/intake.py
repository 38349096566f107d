"""What candidates' browsers write, in one transaction each: messages, choices, forms, feedback."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.db.models import Choice, Conversation
from bot.db.session import Database
from bot.gateway.addresses import Contact, locked
from bot.gateway.feedback import Feedback
from bot.gateway.inbox import accept_choice, accept_text, redacted_text
from bot.gateway.metrics import ACCEPTED
from bot.gateway.replies import HELPED, NOT_HELPED
from bot.gateway.widget.deleting import Deletion
from bot.gateway.widget.events import ME, MESSAGE, add, event_numbered, event_with
from bot.gateway.widget.forms import Forms, asks_for_contact
from bot.gateway.widget.own_cases import CASE, OwnCases
from bot.gateway.widget.plain import message
from bot.gateway.widget.refusals import refusal
from bot.gateway.widget.sessions import Sessions
from bot.privacy.sealing import Seal

OwnChoice = Callable[[Session, Conversation, dict[str, Any]], None]
"""What the gateway itself does when a button of its own is pressed."""
Said = tuple[str, "str | None"]
"""What is shown of what somebody did, and the turn that it began."""


@dataclass(frozen=True)
class WidgetIntake:
    """Takes in what browsers send.

    `on_event` is called with the conversation in which there is something new to show.
    """

    database: Database
    seal: Seal
    sessions: Sessions
    own_cases: OwnCases
    forms: Forms
    answers: Feedback
    deletion: Deletion
    own_choices: Mapping[str, OwnChoice]
    clock: Callable[[], datetime]
    on_inbox: Callable[[], None]
    on_outbox: Callable[[], None]
    on_event: Callable[[str], None]

    def text(self, session_id: str, client_id: str, text: str) -> int:
        """Take a message in; the same client id counts once.

        Returns:
            The number of the event that shows it.

        Raises:
            Refusal: if the session has ended.
        """

        def take(session: Session, conversation: Conversation, key: str) -> Said:
            if self.own_cases.take(session, conversation, key, text):
                return redacted_text(text), None
            given = {"now": self.clock(), "seal": self.seal}
            row = accept_text(session, conversation, key=key, text=text, **given)
            return row.text, row.turn_id

        return self._once(session_id, client_id, take)

    def choice(self, session_id: str, client_id: str, choice_id: str) -> int:
        """Take the press of a button in. Returns as `text`.

        Raises:
            Refusal: if the session has ended, or the button isn't one of this conversation's.
        """

        def take(session: Session, conversation: Conversation, key: str) -> Said:
            choice = session.get(Choice, choice_id)
            if (
                choice is None
                or choice.conversation_id != conversation.id
                or asks_for_contact(choice)
            ):
                raise refusal("choice_unknown")
            self.own_cases.leave(session, conversation)
            own = choice.meaning.get("gateway")
            if own is not None:
                self._press(session, conversation, choice, key)
                return choice.title, None
            row = accept_choice(session, conversation, key=key, choice=choice, now=self.clock())
            return choice.title, row.turn_id

        return self._once(session_id, client_id, take)

    def contact(self, session_id: str, form: str, contact: Contact) -> int:
        """Take a contact in and send the question of its form to HR. Returns as `text`.

        Raises:
            Refusal: if the session has ended, or there is no such form.
        """
        with self.database.write() as session:
            conversation = self._conversation(session, session_id)
            event = self.forms.fill_in(session, conversation, form, contact)
        self._tell(conversation.id)
        return event.number

    def feedback(self, session_id: str, number: int, *, helped: bool) -> None:
        """Take the word on whether the answer that an event shows helped.

        Raises:
            Refusal: if the session has ended, or the event shows no answer.
        """
        with self.database.write() as session:
            conversation = self._conversation(session, session_id)
            event = event_numbered(session, conversation.id, number)
            if event is None or not event.payload.get("feedback"):
                raise refusal("bad_request")
            if event.case_id is not None:
                self.own_cases.tell_helped(session, conversation, event.case_id, helped=helped)
            else:
                word = HELPED if helped else NOT_HELPED
                self.answers.say_in(session, conversation, event.turn_id, word)
        self._tell(conversation.id)

    def delete(self, session_id: str) -> None:
        """Delete the conversation.

        Raises:
            Refusal: if the session has ended.
        """
        with self.database.write() as session:
            conversation = self._conversation(session, session_id)
            self.deletion.delete(session, conversation.id)
        self._tell(conversation.id)

    def _press(
        self, session: Session, conversation: Conversation, choice: Choice, key: str
    ) -> None:
        what = choice.meaning["gateway"]
        if what == CASE:
            self.own_cases.press(session, conversation, choice.meaning, key)
        elif what in self.own_choices:
            self.own_choices[what](session, conversation, choice.meaning)
        else:
            raise refusal("choice_unknown")

    def _once(
        self,
        session_id: str,
        client_id: str,
        take: Callable[[Session, Conversation, str], Said],
    ) -> int:
        """Take something in and show it as said; what was taken before is only named again."""
        key = self.seal.fingerprint("widget", session_id, client_id)
        with self.database.write() as session:
            conversation = self._conversation(session, session_id)
            known = event_with(session, key)
            if known is not None:
                return known.number
            text, turn_id = take(session, conversation, key)
            event = add(
                session,
                conversation.id,
                key=key,
                kind=MESSAGE,
                payload=message(ME, text, [], id=client_id),
                now=self.clock(),
                turn_id=turn_id,
            )
        ACCEPTED.labels(kind="message").inc()
        self.on_event(conversation.id)
        # What begins no turn is the gateway's own to answer, or may begin another one.
        self.on_inbox()
        if turn_id is None:
            self.on_outbox()
        return event.number

    def _conversation(self, session: Session, session_id: str) -> Conversation:
        return locked(session, self.sessions.use(session, session_id))

    def _tell(self, conversation_id: str) -> None:
        self.on_event(conversation_id)
        self.on_inbox()
        self.on_outbox()

"""What candidates' browsers write, in one transaction each: messages, choices, feedback."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.db.models import Choice, Conversation, WidgetEvent
from bot.db.session import Database
from bot.gateway.inbox import accept_choice, accept_text, redacted_text
from bot.gateway.metrics import ACCEPTED
from bot.gateway.widget.events import ME, MESSAGE, append, event_with, locked
from bot.gateway.widget.plain import message
from bot.gateway.widget.refusals import refusal
from bot.gateway.widget.sessions import Sessions
from bot.privacy.sealing import Seal


@dataclass(frozen=True)
class WidgetIntake:
    """Takes in what browsers send. `on_event` is called when there is something new to show."""

    database: Database
    seal: Seal
    sessions: Sessions
    clock: Callable[[], datetime]
    on_inbox: Callable[[], None]
    on_outbox: Callable[[], None]
    on_event: Callable[[], None]

    def text(self, session_id: str, client_id: str, text: str) -> int:
        """Take a message in; the same client id counts once.

        Returns:
            The number of the event that shows it.

        Raises:
            Refusal: if the session has ended.
        """
        key = self._key(session_id, client_id)
        with self.database.write() as session:
            conversation = self._conversation(session, session_id)
            known = event_with(session, key)
            if known is not None:
                return known.number
            now = self.clock()
            row = accept_text(session, conversation, key=key, text=text, now=now)
            said = self._said(session, conversation, key, client_id, redacted_text(text), now)
            said.turn_id = row.turn_id
        ACCEPTED.labels(kind="message").inc()
        self._tell()
        return said.number

    def choice(self, session_id: str, client_id: str, choice_id: str) -> int:
        """Take the press of a button in. Returns and raises as `text`."""
        key = self._key(session_id, client_id)
        with self.database.write() as session:
            conversation = self._conversation(session, session_id)
            known = event_with(session, key)
            if known is not None:
                return known.number
            choice = session.get(Choice, choice_id)
            if choice is None or choice.conversation_id != conversation.id:
                raise refusal("choice_unknown")
            now = self.clock()
            row = accept_choice(session, conversation, key=key, choice=choice, now=now)
            said = self._said(session, conversation, key, client_id, choice.title, now)
            said.turn_id = row.turn_id
        ACCEPTED.labels(kind="choice").inc()
        self._tell()
        return said.number

    def _conversation(self, session: Session, session_id: str) -> Conversation:
        return locked(session, self.sessions.use(session, session_id))

    def _said(
        self,
        session: Session,
        conversation: Conversation,
        key: str,
        client_id: str,
        text: str,
        now: datetime,
    ) -> WidgetEvent:
        payload = message(ME, text, [], id=client_id)
        event = append(session, conversation.id, key=key, kind=MESSAGE, payload=payload, now=now)
        if event is None:
            raise refusal("session_expired")
        return event

    def _key(self, session_id: str, client_id: str) -> str:
        return self.seal.fingerprint("widget", session_id, client_id)

    def _tell(self) -> None:
        self.on_event()
        self.on_inbox()
        self.on_outbox()

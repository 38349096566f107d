"""Sessions of browsers on the careers page: minted here, and gone after days of silence.

A conversation is reached through a session or a link alone; its own id never leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.db.models import WidgetLink, WidgetSession
from bot.db.session import Database
from bot.gateway.addresses import AddressBook
from bot.gateway.widget.refusals import refusal
from bot.gateway.widget.tokens import LINK, SESSION, Tokens, new_id

# How stale the kept time of a session's end may be: not every request needs a write.
SLACK = timedelta(hours=1)


@dataclass(frozen=True)
class Opened:
    """What a browser is given."""

    token: str
    expires_at: datetime


@dataclass(frozen=True)
class Sessions:
    """Mints sessions and finds the conversation behind them. `days` of silence end one."""

    database: Database
    addresses: AddressBook
    tokens: Tokens
    clock: Callable[[], datetime]
    days: int

    def mint(self) -> Opened:
        """Begin a conversation and give the session that leads to it."""
        with self.database.write() as session:
            conversation = self.addresses.begin_web(session, self.clock())
            return self._add(session, conversation.id)

    def resume(self, token: str) -> Opened:
        """Give a session to whoever holds a link.

        Raises:
            Refusal: if the link isn't one of ours, has expired, or its conversation is deleted.
        """
        identifier = self.tokens.read(LINK, token)
        if identifier is None:
            raise refusal("link_expired")
        with self.database.write() as session:
            link = session.get(WidgetLink, identifier)
            if link is None or link.expires_at <= self.clock():
                raise refusal("link_expired")
            return self._add(session, link.conversation_id)

    def id_in(self, token: str) -> str:
        """Return the session's id in a token; that it still stands is seen when it is used.

        Raises:
            Refusal: if the token wasn't made here.
        """
        identifier = self.tokens.read(SESSION, token)
        if identifier is None:
            raise refusal("session_invalid")
        return identifier

    def use(self, session: Session, identifier: str) -> str:
        """Return the conversation of a session, whose silence begins anew.

        Raises:
            Refusal: if it has expired, or its conversation is deleted.
        """
        found = session.get(WidgetSession, identifier)
        if found is None or found.expires_at <= self.clock():
            raise refusal("session_expired")
        lasts_until = self._end()
        if lasts_until - found.expires_at > SLACK:
            found.expires_at = lasts_until
        return found.conversation_id

    def _add(self, session: Session, conversation_id: str) -> Opened:
        made = WidgetSession(
            id=new_id(),
            conversation_id=conversation_id,
            created_at=self.clock(),
            expires_at=self._end(),
        )
        session.add(made)
        return Opened(self.tokens.of(SESSION, made.id), made.expires_at)

    def _end(self) -> datetime:
        return self.clock() + timedelta(days=self.days)

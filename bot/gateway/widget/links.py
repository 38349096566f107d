"""Announces to a candidate that HR has said something: by e-mail, or through HR.

What HR said stands in the conversation alone; whoever holds the link can read it there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.db.models import Case, WidgetLink
from bot.db.queues import enqueue
from bot.desk.cases import to_hr
from bot.gateway.addresses import AddressBook
from bot.gateway.widget.tokens import LINK, Tokens, new_id

EMAIL, CASE_LINK = "email", "case_link"


@dataclass(frozen=True)
class Links:
    """Makes links to conversations.

    Args:
        page_url: the page that opens a conversation whose token stands behind `#hr=`.
        days: so long a link works.
        by_email: e-mails can be sent; else HR is given the link.
    """

    addresses: AddressBook
    tokens: Tokens
    clock: Callable[[], datetime]
    page_url: str
    days: int
    by_email: bool

    def announce(self, session: Session, case: Case, key: str) -> None:
        """Have the candidate told that there is something for them, if they left a contact.

        Args:
            key: that of the delivery which there is to read.
        """
        if self.addresses.contact_of(session, case.conversation_id) is None:
            return
        if not self.by_email:
            self.through_hr(session, case, key)
            return
        link = self._new(session, case.conversation_id)
        enqueue(
            session,
            delivery_key=f"{EMAIL}:{key}",
            kind=EMAIL,
            lane=f"{EMAIL}:{case.conversation_id}",
            payload={"link": link.id},
            conversation_id=case.conversation_id,
            case_id=case.id,
            audience=case.audience,
            now=self.clock(),
        )

    def through_hr(self, session: Session, case: Case, key: str, *, failed: bool = False) -> None:
        """Ask HR to tell the candidate.

        Args:
            failed: an e-mail could not be delivered.
        """
        link = self._new(session, case.conversation_id)
        wanted = {"link": link.id, "failed": failed}
        to_hr(session, case, CASE_LINK, f"{CASE_LINK}:{key}", self.clock(), **wanted)

    def url(self, link_id: str) -> str:
        """Return the address that opens the conversation of a link."""
        return f"{self.page_url}#hr={self.tokens.of(LINK, link_id)}"

    def _new(self, session: Session, conversation_id: str) -> WidgetLink:
        now = self.clock()
        link = WidgetLink(
            id=new_id(),
            conversation_id=conversation_id,
            created_at=now,
            expires_at=now + timedelta(days=self.days),
        )
        session.add(link)
        session.flush()
        return link

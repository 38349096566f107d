"""Gives HR the link to a candidate's conversation, where no e-mail can bring it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bot.db.models import Case, OutboxRow, WidgetLink
from bot.db.session import Database
from bot.desk.views import text_blocks
from bot.gateway.widget.links import Links
from bot.gateway.wording import Wording
from bot.programs.terms import day_text

PostInThread = Callable[[OutboxRow, Case, str, list[dict[str, Any]]], Awaitable[None]]


@dataclass(frozen=True)
class HRLinkDelivery:
    """The deliverer of links to HR. `post` says something in the thread of a case's card."""

    database: Database
    links: Links
    wording: Wording
    post: PostInThread

    async def case_link(self, row: OutboxRow) -> None:
        """Ask HR to tell the candidate; it is the one place where they see the address."""
        case, text = await asyncio.to_thread(self._text, row)
        if text is not None:
            await self.post(row, case, *text_blocks(text))

    async def email_instead(self, row: OutboxRow) -> None:
        """Give HR the link of an e-mail that can't be sent, since there is no mail server now."""
        await asyncio.to_thread(self._instead, row)

    def _instead(self, row: OutboxRow) -> None:
        with self.database.write() as session:
            self.links.through_hr(session, session.get(Case, row.case_id), row.delivery_key)

    def _text(self, row: OutboxRow) -> tuple[Case, str | None]:
        """Return the case and what to say, None if the conversation is deleted."""
        with self.database.read() as session:
            case = session.get(Case, row.case_id)
            link = session.get(WidgetLink, row.payload["link"])
            contact = self.links.addresses.contact_of(session, case.conversation_id)
            if link is None or contact is None:
                return case, None
            says = "widget_hr_link_failed" if row.payload["failed"] else "widget_hr_link"
            text = self.wording.say(
                says,
                reference=case.reference,
                email=contact.email,
                link=self.links.url(link.id),
                until=day_text(link.expires_at.date()),
            )
            return case, text

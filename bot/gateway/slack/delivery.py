"""Delivers what the assistant says to people; what is said about cases is in case_delivery."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import select

from bot.db.models import Case, OutboxRow
from bot.db.session import Database
from bot.desk.asker_views import own_cases
from bot.desk.cases import RESOLVED
from bot.gateway.addresses import AddressBook, SlackAddress
from bot.gateway.outbox import Deliver, RefusedError
from bot.gateway.slack.client import Slack
from bot.gateway.slack.messages import fallback, render
from bot.gateway.slack.posting import post_to_person

log = structlog.get_logger(__name__)

PLAIN_LIMIT = 30_000
# How a message says that it lists the asker's cases; `none` if it found none.
OWN_CASES, NO_CASES = "own_cases", "none"
SHOWN_AT_MOST = 10


@dataclass(frozen=True)
class SlackDelivery:
    """The deliverers of what the assistant and the gateway say to people, by kind of row."""

    database: Database
    slack: Slack
    addresses: AddressBook

    def deliverers(self) -> dict[str, Deliver]:
        """Return which kind of row is delivered how."""
        return {
            "reply": self.messages,
            "holding": self.messages,
            "notice": self.messages,
            "pointer": self.pointer,
        }

    async def messages(self, row: OutboxRow) -> None:
        """Post what the turn said where it was asked."""
        payload = row.payload
        address, hidden = await asyncio.to_thread(self._address_and_hidden, row)
        if hidden:
            said = [m for m in payload["messages"] if _lists_cases(m) != NO_CASES]
            payload = {**payload, "messages": said}
        text, blocks = render(payload)
        plain = fallback(payload, PLAIN_LIMIT)
        if hidden:
            # What was asked without a name stands in no row of the asker's conversation.
            more, more_blocks = own_cases(
                hidden, self.slack.wording.say, self.slack.wording.say("own_cases_anonymous")
            )
            text, blocks = f"{text}\n\n{more}".strip(), [*blocks, *more_blocks]
            plain = f"{plain}\n\n{more}".strip()
        await post_to_person(
            self.slack,
            row,
            channel=address.channel,
            thread=address.thread,
            shown=(text, blocks),
            plain=plain,
        )

    async def pointer(self, row: OutboxRow) -> None:
        """Show the asker alone that the answer is in direct messages; if that fails, nobody.

        What only one person sees can't be found again, so it isn't tried twice.
        """
        if row.attempted_at is not None:
            return
        address = await asyncio.to_thread(self._address, row.conversation_id)
        try:
            await self.slack.post_ephemeral(
                channel=address.channel,
                user=address.user,
                text=self.slack.wording.say(row.payload["wording"]),
                thread=address.thread if row.payload["in_thread"] else None,
            )
        except RefusedError as error:
            log.warning("slack.pointer_refused", reason=error.reason)

    def _address(self, conversation_id: str) -> SlackAddress:
        with self.database.read() as session:
            return self.addresses.address_of(session, conversation_id)

    def _address_and_hidden(self, row: OutboxRow) -> tuple[SlackAddress, list[Case]]:
        with self.database.read() as session:
            address = self.addresses.address_of(session, row.conversation_id)
            if not address.direct or not any(map(_lists_cases, row.payload["messages"])):
                return address, []
            back = self.addresses.ways_back_to(session, address.team, address.user)
            mine = (
                select(Case)
                .where(Case.conversation_id.in_(back), Case.status != RESOLVED)
                .order_by(Case.id.desc())
                .limit(SHOWN_AT_MOST)
            )
            return address, list(session.scalars(mine))


def _lists_cases(message: dict[str, Any]) -> str | None:
    return (message.get("metadata") or {}).get(OWN_CASES)

"""Delivers outbox rows to Slack: replies and answers to people, cards to HR."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import structlog

from bot.db.models import Case, OutboxRow
from bot.db.session import Database
from bot.desk.routing import Routing
from bot.desk.views import CardView, answer_to_asker, card, text_blocks
from bot.faq.book import AnswerBook
from bot.gateway.addresses import AddressBook, SlackAddress
from bot.gateway.outbox import Deliver, RefusedError
from bot.gateway.slack.client import Posted, Slack
from bot.gateway.slack.messages import fallback, render

log = structlog.get_logger(__name__)

PLAIN_LIMIT = 30_000
UNRENDERABLE = {
    "invalid_blocks", "invalid_blocks_format", "invalid_arguments", "msg_blocks_too_long",
}  # fmt: skip


@dataclass(frozen=True)
class SlackDelivery:
    """The deliverers of everything that goes to Slack, by kind of row."""

    database: Database
    slack: Slack
    addresses: AddressBook
    routing: Routing
    book: AnswerBook

    def deliverers(self) -> dict[str, Deliver]:
        """Return which kind of row is delivered how."""
        return {
            "reply": self.messages,
            "holding": self.messages,
            "notice": self.messages,
            "pointer": self.pointer,
            "case_answer": self.case_answer,
            "case_closed": self.case_closed,
            "case_card": self.case_card,
            "case_reopened": self.case_reopened,
        }

    async def messages(self, row: OutboxRow) -> None:
        """Post what the turn said where it was asked."""
        address = await asyncio.to_thread(self._address, row.conversation_id)
        text, blocks = render(row.payload)
        await self._post(
            row,
            channel=address.channel,
            thread=address.thread,
            text=text,
            blocks=blocks,
            plain=fallback(row.payload, PLAIN_LIMIT),
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

    async def case_answer(self, row: OutboxRow) -> None:
        """Bring HR's answer to the person who asked."""
        case = await asyncio.to_thread(self._case, row.case_id)
        say = self.slack.wording.say
        text, blocks = answer_to_asker(
            case,
            row.payload["text"],
            intro=say("case_answer", reference=case.reference),
            question=say("case_question"),
            yes=say("case_yes"),
            no=say("case_no"),
        )
        plain = f"{say('case_answer', reference=case.reference)}\n\n{row.payload['text']}"
        await self._to_asker(row, case, text, blocks, plain)

    async def case_closed(self, row: OutboxRow) -> None:
        """Tell the asker that HR closed the case."""
        case = await asyncio.to_thread(self._case, row.case_id)
        text, blocks = text_blocks(self.slack.wording.say("case_closed", reference=case.reference))
        await self._to_asker(row, case, text, blocks, plain=text)

    async def case_card(self, row: OutboxRow) -> None:
        """Post or update the card; it always shows the case as it is now."""
        case = await asyncio.to_thread(self._case, row.case_id)
        text, blocks = card(case, await self._card_view(case))
        if case.card_ts:
            await self.slack.update(
                channel=case.card_channel, ts=case.card_ts, text=text, blocks=blocks
            )
            return
        posted = await self.slack.post(
            channel=self.routing.queue_named(case.queue).channel,
            text=text,
            blocks=blocks,
            delivery_key=f"card:{case.id}",
            unknown_since=row.attempted_at,
        )
        await asyncio.to_thread(self._remember_card, case.id, posted)

    async def case_reopened(self, row: OutboxRow) -> None:
        """Tell HR in the card's thread, visible in the channel too."""
        case = await asyncio.to_thread(self._case, row.case_id)
        text, blocks = text_blocks(
            self.slack.wording.say("card_reopened", reference=case.reference)
        )
        await self.slack.post(
            channel=case.card_channel or self.routing.queue_named(case.queue).channel,
            thread=case.card_ts,
            broadcast=True,
            text=text,
            blocks=blocks,
            delivery_key=row.delivery_key,
            unknown_since=row.attempted_at,
        )

    async def _to_asker(
        self, row: OutboxRow, case: Case, text: str, blocks: list[dict[str, Any]], plain: str
    ) -> None:
        address = await asyncio.to_thread(self._address, case.conversation_id)
        stays_there = address.direct or case.answer_here
        channel = address.channel
        if not stays_there:
            channel = await self.slack.direct_channel(address.user)
        await self._post(
            row,
            channel=channel,
            thread=address.thread if stays_there else None,
            text=text,
            blocks=blocks,
            plain=plain,
        )

    async def _post(
        self,
        row: OutboxRow,
        *,
        channel: str,
        thread: str | None,
        text: str,
        blocks: list[dict[str, Any]],
        plain: str,
    ) -> None:
        """Post to a person; if Slack won't take the blocks, the plain text alone."""
        target = {
            "channel": channel,
            "thread": thread,
            "delivery_key": row.delivery_key,
            "unknown_since": row.attempted_at,
        }
        try:
            await self.slack.post(text=text, blocks=blocks, **target)
        except RefusedError as error:
            if error.reason not in UNRENDERABLE:
                raise
            log.error("slack.blocks_refused", delivery_key=row.delivery_key)
            await self.slack.post(text=plain, blocks=None, **target)

    async def _card_view(self, case: Case) -> CardView:
        address, asker, assignee = await asyncio.to_thread(self._people, case)
        permalink = None
        if not address.direct and address.thread:
            # HR can't open somebody's direct messages, so those get no link.
            permalink = await self.slack.permalink(address.channel, address.thread)
        return CardView(
            asker=asker,
            topic_title=self.book.title_of(case.topic) if case.topic else None,
            assignee=assignee,
            permalink=permalink,
        )

    def _people(self, case: Case) -> tuple[SlackAddress, str, str | None]:
        with self.database.read() as session:
            address = self.addresses.address_of(session, case.conversation_id)
            assignee = None
            if case.assignee_id:
                assignee = f"<@{self.addresses.slack_user(session, case.assignee_id)}>"
        return address, f"<@{address.user}>", assignee

    def _address(self, conversation_id: str) -> SlackAddress:
        with self.database.read() as session:
            return self.addresses.address_of(session, conversation_id)

    def _case(self, case_id: int) -> Case:
        with self.database.read() as session:
            return session.get(Case, case_id)

    def _remember_card(self, case_id: int, posted: Posted) -> None:
        with self.database.write() as session:
            case = session.get(Case, case_id)
            case.card_channel, case.card_ts = posted.channel, posted.ts

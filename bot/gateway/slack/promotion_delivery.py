"""Delivers what HR sees of answers for others: cards, who else asked, news to proposers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import select

from bot.db.answers import Promotion
from bot.db.models import Case, OutboxRow
from bot.db.session import Database
from bot.desk import promotions
from bot.desk.cases import CLAIMED, OPEN
from bot.desk.promotion_views import offer_view, promotion_card
from bot.desk.routing import Routing
from bot.desk.views import quote, sections
from bot.faq.book import AnswerBook
from bot.gateway.addresses import AddressBook
from bot.gateway.assistant_client import AssistantUnavailableError, TurnRefusedError
from bot.gateway.outbox import Deliver, RefusedError, TryLaterError
from bot.gateway.promoting import Promoting
from bot.gateway.slack.case_delivery import GONE
from bot.gateway.slack.channels import HRChannels
from bot.gateway.slack.client import Slack

log = structlog.get_logger(__name__)

Mention = Callable[[str | None], "str | None"]


@dataclass(frozen=True)
class PromotionDelivery:
    """The deliverers of answers for others, by kind of row."""

    database: Database
    slack: Slack
    addresses: AddressBook
    routing: Routing
    book: AnswerBook
    channels: HRChannels
    promoting: Promoting

    def deliverers(self) -> dict[str, Deliver]:
        """Return which kind of row is delivered how."""
        return {
            promotions.CARD: self.card,
            promotions.MATCH: self.match,
            promotions.OFFER: self.offer,
            promotions.TOLD: self.told,
        }

    async def card(self, row: OutboxRow) -> None:
        """Post or update the card; it shows the promotion as it is now."""
        promotion, shown = await asyncio.to_thread(self._card_view, row.payload["promotion"])
        text, blocks = shown
        if promotion.card_ts:
            try:
                await self.slack.update(
                    channel=promotion.card_channel, ts=promotion.card_ts, text=text, blocks=blocks
                )
                return
            except RefusedError as error:
                if error.reason not in GONE:
                    raise
        queue = promotions.queue_of(self.routing, promotion)
        posted = await self.channels.post(
            queue,
            sensitive=queue.restricted,
            text=text,
            blocks=blocks,
            delivery_key=f"card:{promotions.reference_of(promotion)}",
            unknown_since=row.attempted_at,
        )
        await asyncio.to_thread(self._remember, promotion.id, posted.channel, posted.ts)

    async def match(self, row: OutboxRow) -> None:
        """Find the open cases that are answered too."""
        try:
            await self.promoting.match(row.payload["promotion"])
        except AssistantUnavailableError as error:
            raise TryLaterError(str(error)) from error
        except TurnRefusedError as error:
            raise RefusedError(error.reason) from error

    async def offer(self, row: OutboxRow) -> None:
        """Ask the people of a queue whether these cases of theirs are answered too."""
        promotion, cases = await asyncio.to_thread(self._offered, row)
        if promotion.status != promotions.LIVE or not cases:
            log.info("promoting.no_longer_needed", delivery_key=row.delivery_key)
            return
        queue = self.routing.queues.get(row.payload["queue"], self.routing.default)
        text, blocks = offer_view(promotion, cases, self.slack.wording.say)
        await self.channels.post(
            queue,
            sensitive=queue.restricted,
            text=text,
            blocks=blocks,
            delivery_key=row.delivery_key,
            unknown_since=row.attempted_at,
        )

    async def told(self, row: OutboxRow) -> None:
        """Tell whoever proposed a draft that it came back, and why."""
        promotion, user = await asyncio.to_thread(self._proposer, row.payload["promotion"])
        if user is None:
            return
        reference = promotions.reference_of(promotion)
        text = self.slack.wording.say("promotion_came_back", reference=reference)
        blocks = [*sections(text), *sections(quote(promotion.remark or ""))]
        if promotion.card_ts:
            link = await self.slack.permalink(promotion.card_channel, promotion.card_ts)
            blocks += sections(f"<{link}|{reference}>") if link else []
        await self.slack.post(
            channel=await self.slack.direct_channel(user),
            text=f"{text} {promotion.remark or ''}",
            blocks=blocks,
            delivery_key=row.delivery_key,
            unknown_since=row.attempted_at,
        )

    def _card_view(self, promotion_id: int) -> tuple[Promotion, tuple[str, list[dict[str, Any]]]]:
        with self.database.read() as session:
            promotion = session.get(Promotion, promotion_id)

            def mention(person_id: str | None) -> str | None:
                return f"<@{self.addresses.slack_user(session, person_id)}>" if person_id else None

            title = promotion.title or self.book.title_of(promotion.topic)
            return promotion, promotion_card(promotion, title, mention, self.slack.wording.say)

    def _offered(self, row: OutboxRow) -> tuple[Promotion, list[Case]]:
        wanted = select(Case).where(
            Case.id.in_(row.payload["cases"]), Case.status.in_((OPEN, CLAIMED))
        )
        with self.database.read() as session:
            cases = list(session.scalars(wanted.order_by(Case.id)))
            return session.get(Promotion, row.payload["promotion"]), cases

    def _proposer(self, promotion_id: int) -> tuple[Promotion, str | None]:
        with self.database.read() as session:
            promotion = session.get(Promotion, promotion_id)
            person = promotion.proposer_id
            return promotion, self.addresses.slack_user(session, person) if person else None

    def _remember(self, promotion_id: int, channel: str, ts: str) -> None:
        with self.database.write() as session:
            promotion = session.get(Promotion, promotion_id)
            promotion.card_channel, promotion.card_ts = channel, ts

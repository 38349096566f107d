"""Delivers what owners are asked to check again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.db.models import OutboxRow
from bot.db.session import Database
from bot.desk import freshness
from bot.desk.freshness import Item, Rhythm
from bot.desk.review_views import review_view
from bot.desk.routing import Routing
from bot.faq.book import AnswerBook
from bot.gateway.addresses import AddressBook
from bot.gateway.outbox import Deliver, TryLaterError
from bot.gateway.slack.channels import HRChannels
from bot.gateway.slack.client import Slack

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class ReviewDelivery:
    """The deliverer of reminders to check answers and programs."""

    database: Database
    slack: Slack
    addresses: AddressBook
    routing: Routing
    book: AnswerBook
    channels: HRChannels
    rhythm: Rhythm
    clock: Callable[[], datetime]

    def deliverers(self) -> dict[str, Deliver]:
        """Return which kind of row is delivered how."""
        return {freshness.REVIEW: self.review}

    async def review(self, row: OutboxRow) -> None:
        """Send what is still to be checked, in service time; a late one may be none at all.

        Raises:
            TryLaterError: until somebody is at work.
        """
        items = await asyncio.to_thread(self._still_due, row.payload["items"])
        if not items:
            log.info("review.no_longer_needed", delivery_key=row.delivery_key)
            return
        now = self.clock()
        opening = min(item.queue.hours.next_opening(now) for item in items)
        if opening > now:
            raise TryLaterError("closed", seconds=(opening - now).total_seconds())
        text, blocks = review_view(items, row.payload["more"], self.slack.wording.say)
        sent = {"delivery_key": row.delivery_key, "unknown_since": row.attempted_at}
        if row.payload["person"] is not None:
            user = await asyncio.to_thread(self._user, row.payload["person"])
            channel = await self.slack.direct_channel(user)
            await self.slack.post(channel=channel, text=text, blocks=blocks, **sent)
            return
        queue = self.routing.queues.get(row.payload["queue"], self.routing.default)
        await self.channels.post(
            queue, sensitive=queue.restricted, text=text, blocks=blocks, **sent
        )

    def _still_due(self, values: list[str]) -> list[Item]:
        wanted = [freshness.read_value(value) for value in values]
        with self.database.read() as session:
            found = [
                (freshness.item_of(session, self.book, self.routing, self.rhythm, subject), due)
                for subject, due in wanted
            ]
        return [item for item, due in found if item is not None and item.due == due]

    def _user(self, person_id: str) -> str:
        with self.database.read() as session:
            return self.addresses.slack_user(session, person_id)

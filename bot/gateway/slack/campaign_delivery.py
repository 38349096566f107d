"""Delivers what HR sees of campaigns: the card that asks for a second person, and tests."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import structlog

from bot.db.models import OutboxRow
from bot.desk.routing import Routing
from bot.gateway.campaigns import TEST, Campaigns
from bot.gateway.outbox import Deliver
from bot.gateway.slack.channels import HRChannels
from bot.gateway.slack.client import Slack
from bot.gateway.slack.posting import post_to_person
from bot.telling.campaigns import RELEASE, CampaignError

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class CampaignDelivery:
    """The deliverers of what HR sees of campaigns, by kind of row."""

    slack: Slack
    routing: Routing
    channels: HRChannels
    campaigns: Campaigns

    def deliverers(self) -> dict[str, Deliver]:
        """Return which kind of row is delivered how."""
        return {RELEASE: self.release, TEST: self.test}

    async def release(self, row: OutboxRow) -> None:
        """Ask in HR's channel for somebody who releases a campaign."""
        try:
            text, blocks = await asyncio.to_thread(
                self.campaigns.release_card, row.payload["campaign"]
            )
        except CampaignError:
            log.info("telling.no_longer_wanted", delivery_key=row.delivery_key)
            return
        await self.channels.post(
            self.routing.default,
            sensitive=False,
            text=text,
            blocks=blocks,
            delivery_key=row.delivery_key,
            unknown_since=row.attempted_at,
        )

    async def test(self, row: OutboxRow) -> None:
        """Show a campaign to who wanted to see it."""
        payload = row.payload
        try:
            user, shown = await asyncio.to_thread(
                self.campaigns.test_message, payload["campaign"], payload["person"]
            )
        except CampaignError:
            log.info("telling.no_longer_wanted", delivery_key=row.delivery_key)
            return
        channel = await self.slack.direct_channel(user)
        await post_to_person(self.slack, row, channel=channel, thread=None, shown=shown)

"""On the Home tab: what somebody wants to be told unasked."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.gateway.outbox import RefusedError, TryLaterError
from bot.gateway.slack.home import HomeTab
from bot.gateway.slack.listeners.choices import sender_of
from bot.gateway.slack.people import People
from bot.gateway.wishes import Wishes
from bot.telling.wishes_views import BEGIN, CATEGORY_BOX, SHOW_AGAIN, STOP

log = structlog.get_logger(__name__)


class WishesListener:
    """Keeps what people choose, and shows them their tab with it."""

    def __init__(self, wishes: Wishes, home: HomeTab, people: People) -> None:
        self._wishes = wishes
        self._home = home
        self._people = people

    def register(self, app: AsyncApp) -> None:
        """Listen for the choices."""
        app.action(re.compile(rf"^({CATEGORY_BOX}|{STOP}|{BEGIN}|{SHOW_AGAIN})$"))(self.on_choice)

    async def on_choice(self, ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        """Keep one choice."""
        team, user = sender_of(body)
        chosen = [one["value"] for one in action.get("selected_options", [])]
        await asyncio.to_thread(self._wishes.change, team, user, action["action_id"], chosen)
        await ack()
        try:
            direct = await self._people.direct_of(team, user)
        except (TryLaterError, RefusedError) as error:
            log.warning("slack.home_not_shown", reason=error.reason)
            return
        key = f"wish:{body.get('trigger_id') or action['action_ts']}"
        await asyncio.to_thread(self._home.opened, direct, key)

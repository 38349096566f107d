"""The Home tab is opened, and its buttons begin conversations in direct messages."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.gateway.addresses import SlackAddress
from bot.gateway.outbox import RefusedError, TryLaterError
from bot.gateway.slack.asking import Asking
from bot.gateway.slack.home import CATEGORY, DETAILS, ELIGIBLE, HomeTab
from bot.gateway.slack.listeners.choices import sender_of
from bot.gateway.slack.people import People
from bot.gateway.slack.reminder_views import CANCEL

log = structlog.get_logger(__name__)

INTENTS = {DETAILS: "program_details", ELIGIBLE: "am_i_eligible"}


class HomeListener:
    """Shows people their Home tab, and takes in what they choose there."""

    def __init__(self, home: HomeTab, asking: Asking, people: People) -> None:
        self._home = home
        self._asking = asking
        self._people = people

    def register(self, app: AsyncApp) -> None:
        """Listen for the tab and for its buttons."""
        app.event("app_home_opened")(self.on_opened)
        app.action(re.compile(rf"^({CATEGORY}|{DETAILS}|{ELIGIBLE}):"))(self.on_choice)
        app.action(re.compile(rf"^{CANCEL}:\d+$"))(self.on_cancel)

    async def on_opened(self, event: dict[str, Any], body: dict[str, Any]) -> None:
        """Have the tab built."""
        if event.get("tab") != "home":
            return
        direct = SlackAddress(
            body.get("team_id") or "", event["user"], event["channel"], "", direct=True
        )
        await asyncio.to_thread(self._home.opened, direct, body["event_id"])

    async def on_cancel(self, ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        """Take a reminder back."""
        team, user = sender_of(body)
        key = f"cancel:{action['value']}:{body.get('trigger_id') or action['action_ts']}"
        try:
            direct = await self._people.direct_of(team, user)
            await asyncio.to_thread(self._home.cancel_reminder, direct, int(action["value"]), key)
        except (TryLaterError, RefusedError) as error:
            log.warning("slack.home_choice_lost", reason=error.reason)
        await ack()

    async def on_choice(self, ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        """Go on in direct messages."""
        team, user = sender_of(body)
        interaction = (user, body.get("trigger_id") or action["action_ts"])
        try:
            direct = await self._people.direct_of(team, user)
            if action["action_id"].startswith(f"{CATEGORY}:"):
                is_outsider = await self._people.is_outsider_of(team, user)
                await asyncio.to_thread(
                    self._asking.offer_topics,
                    direct,
                    interaction,
                    action["value"],
                    is_outsider=is_outsider,
                )
            else:
                kind = action["action_id"].partition(":")[0]
                meaning = {"intent": INTENTS[kind], "entities": {"program": action["value"]}}
                title = action["text"]["text"]
                await asyncio.to_thread(self._asking.choose, direct, interaction, title, meaning)
        except (TryLaterError, RefusedError) as error:
            log.warning("slack.home_choice_lost", reason=error.reason)
        await ack()

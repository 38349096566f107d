"""The Assistant pane: a thread is opened there. What is said in it are direct messages."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp

from bot.gateway.addresses import SlackAddress
from bot.gateway.outbox import TryLaterError
from bot.gateway.slack.pane import Pane
from bot.gateway.slack.people import People

log = structlog.get_logger(__name__)


class AssistantListener:
    """Suggests what to ask when a thread is opened in the pane.

    These are plain events: Bolt's own AsyncAssistant would take every threaded direct message.
    """

    def __init__(self, pane: Pane, people: People) -> None:
        self._pane = pane
        self._people = people

    def register(self, app: AsyncApp) -> None:
        """Listen for the pane."""
        app.event("assistant_thread_started")(self.on_opened)
        app.event("assistant_thread_context_changed")(self.on_opened)

    async def on_opened(self, event: dict[str, Any], body: dict[str, Any]) -> None:
        """Suggest what is current."""
        thread = event["assistant_thread"]
        address = SlackAddress(
            body.get("team_id") or "",
            thread["user_id"],
            thread["channel_id"],
            thread["thread_ts"],
            direct=True,
        )
        try:
            is_outsider = await self._people.is_outsider_of(address.team, address.user)
        except TryLaterError as error:
            log.warning("slack.person_not_looked_up", reason=error.reason)
            is_outsider = True
        await asyncio.to_thread(
            self._pane.opened, address, body["event_id"], is_outsider=is_outsider
        )

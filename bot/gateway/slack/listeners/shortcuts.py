"""The message shortcut “Ask HR about this”: never a word in the channel that others see."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.desk.mrkdwn import from_slack
from bot.gateway.outbox import RefusedError, TryLaterError
from bot.gateway.slack.asking import Asking
from bot.gateway.slack.listeners.choices import sender_of
from bot.gateway.slack.people import People
from bot.gateway.slack.whisper import whisper
from bot.gateway.wording import Wording

log = structlog.get_logger(__name__)

ASK_ABOUT_MESSAGE = "ask_hr_about_message"


class ShortcutListener:
    """Takes in the message that somebody picked."""

    def __init__(self, asking: Asking, people: People, wording: Wording) -> None:
        self._asking = asking
        self._people = people
        self._wording = wording

    def register(self, app: AsyncApp) -> None:
        """Listen for the shortcut."""
        shortcut = {"type": "message_action", "callback_id": ASK_ABOUT_MESSAGE}
        app.shortcut(shortcut)(self.on_picked)

    async def on_picked(self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Show the message in direct messages, to be asked or not."""
        await ack()
        await whisper(respond, self._wording.say(await self._take(body)))

    async def _take(self, body: dict[str, Any]) -> str:
        text = from_slack((body.get("message") or {}).get("text") or "")
        if not text:
            return "shortcut_no_text"
        team, user = sender_of(body)
        try:
            direct = await self._people.direct_of(team, user)
        except (TryLaterError, RefusedError) as error:
            log.warning("slack.no_direct_messages", reason=error.reason)
            return "no_direct_messages"
        interaction = (user, body["trigger_id"])
        await asyncio.to_thread(self._asking.preview, direct, interaction, text)
        return "shortcut_taken"

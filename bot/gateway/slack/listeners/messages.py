"""Messages: direct ones, mentions in channels, and threads that the bot is part of.

Everything else that is said in a channel is dropped unread and unstored.
"""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp

from bot.desk.mrkdwn import from_slack
from bot.gateway.outbox import RefusedError, TryLaterError
from bot.gateway.slack.client import Slack
from bot.gateway.slack.intake import Intake, SlackAddress

log = structlog.get_logger(__name__)

BARE_MENTION = "help"
PERSON_SUBTYPES = {None, "file_share", "thread_broadcast", "me_message"}


class MessageListener:
    """Takes in what people say to the bot."""

    def __init__(self, intake: Intake, slack: Slack) -> None:
        self._intake = intake
        self._slack = slack

    def register(self, app: AsyncApp) -> None:
        """Listen for messages and mentions."""
        app.event("message")(self.on_message)
        app.event("app_mention")(self.on_mention)

    async def on_message(self, event: dict[str, Any], body: dict[str, Any]) -> None:
        """Take in a message, or react to a file, an edit or a deletion."""
        subtype = event.get("subtype")
        if subtype == "message_changed":
            await self._edited(event, body)
        elif subtype == "message_deleted":
            await self._deleted(event, body)
        elif subtype in PERSON_SUBTYPES and await self._is_person(event, body):
            await self._said(event, body, addressed=event.get("channel_type") == "im")

    async def on_mention(self, event: dict[str, Any], body: dict[str, Any]) -> None:
        """Take in a message that names the bot."""
        if await self._is_person(event, body):
            await self._said(event, body, addressed=True)

    async def _said(self, event: dict[str, Any], body: dict[str, Any], addressed: bool) -> None:
        bot_user = await self._bot_user(body)
        text = event.get("text") or ""
        address = _address(event, body)
        names_bot = bool(bot_user) and f"<@{bot_user}>" in text
        if not (addressed or names_bot or await self._talks_here(address)):
            return
        words = from_slack(text, bot_user)
        if event.get("files"):
            await self._notice(address, event["ts"], "file")
            if not words:
                return
        await asyncio.to_thread(
            self._intake.message,
            address,
            event["ts"],
            words or BARE_MENTION,
            is_ext_shared=await self._is_ext_shared(event, body),
        )

    async def _is_ext_shared(self, event: dict[str, Any], body: dict[str, Any]) -> bool:
        told = body.get("is_ext_shared_channel")
        if told is not None:
            return bool(told)
        if event.get("channel_type") == "im":
            return False
        try:
            return await self._slack.is_ext_shared(event["channel"])
        except (TryLaterError, RefusedError) as error:
            # Whoever may be reading along gets the benefit of the doubt.
            log.warning("slack.channel_not_looked_up", reason=error.reason)
            return True

    async def _edited(self, event: dict[str, Any], body: dict[str, Any]) -> None:
        message, before = event.get("message") or {}, event.get("previous_message") or {}
        if message.get("text") == before.get("text"):
            return
        await self._react(event, message, body, "edited")

    async def _deleted(self, event: dict[str, Any], body: dict[str, Any]) -> None:
        await self._react(event, event.get("previous_message") or {}, body, "deleted")

    async def _react(
        self, event: dict[str, Any], message: dict[str, Any], body: dict[str, Any], wording: str
    ) -> None:
        if not await self._is_person(message, body):
            return
        placed = {**message, "channel": event["channel"], "channel_type": event.get("channel_type")}
        address = _address(placed, body)
        if address.direct or await self._talks_here(address):
            await self._notice(address, f"{wording}:{event.get('event_ts')}", wording)

    async def _notice(self, address: SlackAddress, event_key: str, wording: str) -> None:
        key = (address.channel, event_key)
        await asyncio.to_thread(self._intake.notice, address, key, wording)

    async def _talks_here(self, address: SlackAddress) -> bool:
        return await asyncio.to_thread(self._intake.talks_here, address)

    async def _is_person(self, message: dict[str, Any], body: dict[str, Any]) -> bool:
        user = message.get("user")
        if not user or message.get("bot_id") or user == "USLACKBOT":
            return False
        return user != await self._bot_user(body)

    async def _bot_user(self, body: dict[str, Any]) -> str | None:
        for authorization in body.get("authorizations") or []:
            if authorization.get("is_bot") and authorization.get("user_id"):
                return authorization["user_id"]
        identity = await self._slack.identity()
        return identity.user if identity else None


def _address(event: dict[str, Any], body: dict[str, Any]) -> SlackAddress:
    direct = event.get("channel_type") == "im" or event["channel"].startswith("D")
    thread = event.get("thread_ts") or ("" if direct else event["ts"])
    return SlackAddress(
        team=body.get("team_id") or event.get("team") or "",
        user=event["user"],
        channel=event["channel"],
        thread=thread,
        direct=direct,
    )

"""Answers an interaction on the spot, through its `response_url`: nice to have, never needed."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import structlog
from slack_bolt.async_app import AsyncRespond
from slack_sdk.errors import SlackClientError

log = structlog.get_logger(__name__)


async def whisper(respond: AsyncRespond, text: str) -> None:
    """Tell the one who clicked something that nobody else sees; a form has no place for it."""
    if respond.response_url:
        await _respond(respond, text=text, response_type="ephemeral", replace_original=False)


async def replace_message(respond: AsyncRespond, text: str, blocks: list[dict[str, Any]]) -> None:
    """Show the message that was clicked on in another way; `text` as Slack gave it."""
    await _respond(respond, text=text, blocks=blocks, replace_original=True)


async def _respond(respond: AsyncRespond, **what: Any) -> None:
    try:
        answered = await respond(**what)
    except (aiohttp.ClientError, asyncio.TimeoutError, OSError, SlackClientError) as error:
        log.warning("slack.not_responded", reason=type(error).__name__)
        return
    if answered.status_code != 200:
        log.warning("slack.not_responded", reason=f"status {answered.status_code}")

"""Posts to a person; if Slack won't take the blocks, the plain text alone."""

from __future__ import annotations

from typing import Any

import structlog

from bot.db.models import OutboxRow
from bot.gateway.outbox import RefusedError
from bot.gateway.slack.client import Posted, Slack

log = structlog.get_logger(__name__)

UNRENDERABLE = {
    "invalid_blocks", "invalid_blocks_format", "invalid_arguments", "msg_blocks_too_long",
}  # fmt: skip


async def post_to_person(
    slack: Slack,
    row: OutboxRow,
    *,
    channel: str,
    thread: str | None,
    shown: tuple[str, list[dict[str, Any]]],
    plain: str | None = None,
) -> Posted:
    """Post a row's message once and return where it stands.

    Args:
        shown: fallback text and blocks.
        plain: the whole text, if the fallback isn't.

    Raises:
        TryLaterError, RefusedError: see `bot.gateway.outbox`.
    """
    text, blocks = shown
    target: dict[str, Any] = {
        "channel": channel,
        "thread": thread or None,
        "delivery_key": row.delivery_key,
        "unknown_since": row.attempted_at,
    }
    try:
        return await slack.post(text=text, blocks=blocks, **target)
    except RefusedError as error:
        if error.reason not in UNRENDERABLE:
            raise
        log.error("slack.blocks_refused", delivery_key=row.delivery_key)
        return await slack.post(text=plain or text, blocks=None, **target)

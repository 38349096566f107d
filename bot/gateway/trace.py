"""One id from a Slack event to its answer, in every log line of every process: the turn's."""

from __future__ import annotations

import re
from typing import Any

import structlog

from bot.db.models import InboxRow, OutboxRow

_TURN_ID = re.compile(r"turn:[0-9a-f]+")


def turn_of(delivery_key: str) -> str | None:
    """Return the turn that something is delivered for, as far as its key names one."""
    found = _TURN_ID.search(delivery_key)
    return found.group() if found else None


def follow_row(row: InboxRow | OutboxRow) -> None:
    """Put the row's turn into all that this task logs from here on."""
    turn_id = row.turn_id if isinstance(row, InboxRow) else turn_of(row.delivery_key)
    structlog.contextvars.bind_contextvars(**({"turn_id": turn_id} if turn_id else {}))


def follow_event(body: dict[str, Any]) -> None:
    """Put Slack's event id into all that is logged while a request is handled.

    The line that names the turn shows both. Clicks and commands have no such id.
    """
    structlog.contextvars.unbind_contextvars("slack_event")
    if body.get("event_id"):
        structlog.contextvars.bind_contextvars(slack_event=str(body["event_id"]))

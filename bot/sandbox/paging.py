"""How Slack hands out long lists: a page at a time, with a cursor for the next one."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from bot.sandbox.model import RefusedError
from bot.sandbox.web_api import Arguments

PAGE_DEFAULT = 100


def page_of(found: Sequence[Any], arguments: Arguments) -> tuple[Sequence[Any], str | None]:
    """One page of what was found, and the cursor of the next where there is one."""
    limit = arguments.number("limit", PAGE_DEFAULT)
    if not 1 <= limit <= 999:
        raise RefusedError("invalid_limit")
    start = 0
    if arguments.text("cursor"):
        try:
            start = int(base64.b64decode(arguments.text("cursor"), validate=True))
        except (ValueError, binascii.Error) as error:
            raise RefusedError("invalid_cursor") from error
    end = start + limit
    cursor = base64.b64encode(str(end).encode()).decode() if end < len(found) else None
    return found[start:end], cursor


def next_page(cursor: str | None) -> dict[str, Any]:
    """What an answer says of the page that comes after it."""
    return {"response_metadata": {"next_cursor": cursor or ""}}

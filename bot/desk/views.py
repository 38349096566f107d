"""Small pieces of Block Kit that every message, card and modal of the product is made of."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from datetime import datetime
from typing import Any

from bot.db.models import Case
from bot.desk.mrkdwn import escape, to_mrkdwn, to_plain

Block = dict[str, Any]
Say = Callable[..., str]
SECTION_LIMIT = 2900
TITLE_LIMIT = 24
LABEL_LIMIT = 75
DIVIDER: Block = {"type": "divider"}


def text_blocks(markdown: str) -> tuple[str, list[Block]]:
    """Return a short text of ours as fallback and blocks."""
    return to_plain(markdown), sections(to_mrkdwn(markdown))


def sections(mrkdwn: str) -> list[Block]:
    """Return sections of at most 2,900 characters (Slack takes 3,000), cut at line ends."""
    parts, rest = [], mrkdwn
    while len(rest) > SECTION_LIMIT:
        cut = rest.rfind("\n", 1, SECTION_LIMIT)
        cut = cut if cut > 0 else SECTION_LIMIT
        parts.append(rest[:cut])
        rest = rest[cut:].lstrip("\n")
    parts.append(rest)
    return [{"type": "section", "text": {"type": "mrkdwn", "text": p}} for p in parts if p.strip()]


def quote(text: str) -> str:
    """Return what somebody wrote, as a quotation that rings nobody."""
    return "\n".join(f"> {line}" for line in escape(text).splitlines())


def shortened(text: str, length: int) -> str:
    """Return a text on one line, cut at a word."""
    return textwrap.shorten(text, length, placeholder=" …") or text[:length].strip() or "…"


def header(text: str) -> Block:
    """Return a header."""
    return {"type": "header", "text": plain(text[:150])}


def context(mrkdwn: str) -> Block:
    """Return a line in small print."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": mrkdwn[:SECTION_LIMIT]}]}


def actions(block_id: str, elements: list[Block]) -> Block:
    """Return a row of buttons."""
    return {"type": "actions", "block_id": block_id, "elements": elements}


def plain(text: str) -> Block:
    """Return a plain text object."""
    return {"type": "plain_text", "text": text}


def button(
    text: str, action: str, value: str, *, about: str = "", style: str | None = None
) -> Block:
    """Return a button.

    Args:
        about: what it acts upon, for screen readers, such as HR-1001.
    """
    made = {"type": "button", "text": plain(text), "action_id": action, "value": value}
    if about:
        made["accessibility_label"] = f"{text} ({about})"[:LABEL_LIMIT]
    return {**made, "style": style} if style else made


def case_button(text: str, action: str, case: Case, style: str | None = None) -> Block:
    """Return a button that acts upon a case."""
    return button(text, action, str(case.id), about=case.reference, style=style)


def option(text: str, value: str) -> Block:
    """Return one option of a menu."""
    return {"text": plain(text[:LABEL_LIMIT]), "value": value}


def modal(
    callback: str,
    title: str,
    blocks: list[Block],
    *,
    close: str,
    submit: str | None = None,
    metadata: str = "",
) -> Block:
    """Return a modal; without `submit` it only shows something."""
    view = {
        "type": "modal",
        "callback_id": callback,
        "private_metadata": metadata,
        "title": plain(title[:TITLE_LIMIT]),
        "close": plain(close[:TITLE_LIMIT]),
        "blocks": blocks,
    }
    return {**view, "submit": plain(submit[:TITLE_LIMIT])} if submit else view


def text_input(
    block_id: str,
    label: str,
    action: str,
    *,
    hint: str | None = None,
    initial: str | None = None,
    max_length: int = 3000,
) -> Block:
    """Return a field for several lines of text."""
    element: Block = {
        "type": "plain_text_input",
        "action_id": action,
        "multiline": True,
        "max_length": max_length,
    }
    if initial:
        element["initial_value"] = initial[:max_length]
    field: Block = {"type": "input", "block_id": block_id, "label": plain(label)}
    return {**field, **({"hint": plain(hint)} if hint else {}), "element": element}


def slack_time(at: datetime) -> str:
    """Return a time that Slack shows in each reader's own zone."""
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{at:%Y-%m-%d %H:%M} UTC>"


def day(at: datetime) -> str:
    """Return a day in words."""
    return f"{at:%B} {at.day}, {at.year}"

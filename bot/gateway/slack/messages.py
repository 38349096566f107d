"""How a reply looks in Slack: text, where it comes from, buttons."""

from __future__ import annotations

from datetime import date
from typing import Any

from bot.desk.mrkdwn import escape, to_plain
from bot.desk.views import text_blocks

CHOICE, DATE = "choice", "date"
PLAIN_TEXT_LIMIT = 3000


def render(messages: list[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    """Return fallback text and blocks of one Slack message that holds all of `messages`.

    Args:
        messages: each with `text` (light Markdown), `buttons` ([{title, choice}]), perhaps
            `date` ({label, choice}, a day to pick), and `metadata` (source, link, reviewed).
    """
    texts, blocks = [], []
    for message in messages:
        text, sections = text_blocks(message["text"])
        texts.append(text)
        blocks += sections
        source = _source(message.get("metadata") or {})
        if source:
            blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": source}]})
        if message.get("date"):
            blocks.append(_date_picker(message["date"]))
    buttons = [button for message in messages for button in message.get("buttons") or []]
    if buttons:
        elements = [_button(button, number) for number, button in enumerate(buttons[:5])]
        blocks.append({"type": "actions", "block_id": "choices", "elements": elements})
    return "\n\n".join(texts)[:PLAIN_TEXT_LIMIT], blocks


def without_blocks(messages: list[dict[str, Any]]) -> str:
    """Return the text alone, for when Slack won't take the blocks."""
    return "\n\n".join(to_plain(message["text"]) for message in messages)


def _button(button: dict[str, Any], number: int) -> dict[str, Any]:
    return {
        "type": "button",
        "text": {"type": "plain_text", "text": button["title"]},
        "action_id": f"{CHOICE}:{number}",
        "value": button["choice"],
    }


def _date_picker(asked: dict[str, Any]) -> dict[str, Any]:
    # A date picker has no value of its own, so its action id carries the choice.
    return {
        "type": "section",
        "text": {"type": "mrkdwn", "text": escape(asked["label"])},
        "accessory": {
            "type": "datepicker",
            "action_id": f"{DATE}:{asked['choice']}",
            "placeholder": {"type": "plain_text", "text": "Pick a day"},
        },
    }


def _source(metadata: dict[str, Any]) -> str | None:
    source = metadata.get("source")
    if not source:
        return None
    link = metadata.get("link")
    parts = [f"<{link}|{escape(source)}>" if link else escape(source)]
    if metadata.get("reviewed"):
        reviewed = date.fromisoformat(str(metadata["reviewed"]))
        parts.append(f"checked on {reviewed:%B} {reviewed.day}, {reviewed.year}")
    return " · ".join(parts)

"""How a reply looks in Slack: text, where it comes from, related questions, buttons, feedback."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

from bot.desk.mrkdwn import escape, to_plain
from bot.desk.views import text_blocks
from bot.gateway.replies import HELPED, MOST_BUTTONS, NOT_HELPED
from bot.programs.terms import day_text

CHOICE, DATE = "choice", "date"
FEEDBACK = "feedback"
FALLBACK_LIMIT = 3000
_CHOSEN = "✓ "

Block = dict[str, Any]


def render(payload: dict[str, Any]) -> tuple[str, list[Block]]:
    """Return fallback text and blocks of one Slack message.

    The fallback is what notifications and screen readers give instead of the blocks, so it
    says all that they say.

    Args:
        payload: `messages`, each with `text` (light Markdown), `buttons` ([{title, choice}]),
            perhaps `date` ({label, choice}, a day to pick), and `metadata` (source, link,
            reviewed); `related` buttons, and `feedback` (turn and the titles of its two
            buttons), where there are any.
    """
    messages = payload["messages"]
    blocks: list[Block] = []
    for message in messages:
        blocks += text_blocks(message["text"])[1]
        source = _source(message.get("metadata") or {})
        if source:
            blocks.append(_context(source))
        if message.get("date"):
            blocks.append(_date_picker(message["date"]))
    buttons = _all_buttons(messages)
    if buttons:
        blocks.append(_actions("choices", [_choice(b, n) for n, b in enumerate(buttons)]))
    related = (payload.get("related") or [])[: MOST_BUTTONS - len(buttons)]
    if related:
        elements = [_choice(b, n) for n, b in enumerate(related, start=len(buttons))]
        blocks += [_context("Related questions"), _actions("related", elements)]
    if payload.get("feedback"):
        blocks.append(_actions(FEEDBACK, _feedback(payload["feedback"])))
    return fallback(payload), blocks


def fallback(payload: dict[str, Any], limit: int = FALLBACK_LIMIT) -> str:
    """Return the whole message as plain text, in up to `limit` characters."""
    messages = payload["messages"]
    ends = [_plain_source(message.get("metadata") or {}) for message in messages]
    titles = [button["title"] for button in _all_buttons(messages)]
    ends.append(f"You can choose: {'; '.join(titles)}." if titles else "")
    days = [message["date"]["label"] for message in messages if message.get("date")]
    ends.append(f"You can pick a day: {'; '.join(days)}." if days else "")
    related = [button["title"] for button in payload.get("related") or ()]
    ends.append(f"Related questions: {'; '.join(related)}." if related else "")
    end = " ".join(dict.fromkeys(part for part in ends if part))
    text = "\n\n".join(to_plain(message["text"]) for message in messages)
    room = limit - len(end) - 2
    text = text if len(text) <= room else f"{text[: max(room - 1, 0)]}…"
    return "\n\n".join(part for part in (text, end) if part)[:limit]


def with_feedback(blocks: list[Block], word: str) -> list[Block]:
    """Return a message's blocks with the chosen one of its feedback buttons marked."""
    marked = copy.deepcopy(blocks)
    for block in marked:
        if block.get("block_id") != FEEDBACK:
            continue
        for button in block["elements"]:
            title = button["text"]["text"].removeprefix(_CHOSEN)
            button.pop("style", None)
            if button["action_id"] == f"{FEEDBACK}:{word}":
                title, button["style"] = _CHOSEN + title, "primary"
            button["text"]["text"] = title
    return marked


def _all_buttons(messages: list[dict[str, Any]]) -> list[dict[str, str]]:
    buttons = [button for message in messages for button in message.get("buttons") or []]
    return buttons[:MOST_BUTTONS]


def _choice(button: dict[str, str], number: int) -> Block:
    return _button(button["title"], f"{CHOICE}:{number}", button["choice"])


def _feedback(feedback: dict[str, str]) -> list[Block]:
    return [
        _button(feedback[word], f"{FEEDBACK}:{word}", feedback["turn"])
        for word in (HELPED, NOT_HELPED)
    ]


def _button(title: str, action: str, value: str) -> Block:
    return {
        "type": "button",
        "text": {"type": "plain_text", "text": title},
        "action_id": action,
        "value": value,
    }


def _actions(block_id: str, elements: list[Block]) -> Block:
    return {"type": "actions", "block_id": block_id, "elements": elements}


def _context(mrkdwn: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": mrkdwn}]}


def _date_picker(asked: dict[str, str]) -> Block:
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
        parts.append(f"checked on {_reviewed(metadata)}")
    return " · ".join(parts)


def _plain_source(metadata: dict[str, Any]) -> str:
    source = metadata.get("source")
    if not source:
        return ""
    checked = f", checked on {_reviewed(metadata)}" if metadata.get("reviewed") else ""
    return f"Source: {source}{checked}."


def _reviewed(metadata: dict[str, Any]) -> str:
    return day_text(date.fromisoformat(str(metadata["reviewed"])))

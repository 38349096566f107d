"""Small pieces of Block Kit for tests."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def section(text: str = "hello", **members: Any) -> Json:
    return {"type": "section", "text": mrkdwn(text), **members}


def button(text: str = "Go", action_id: str = "go", **members: Any) -> Json:
    return {"type": "button", "text": plain(text), "action_id": action_id, **members}


def datepicker(action_id: str = "day", label: str = "Pick a day") -> Json:
    """A date picker, as the accessory of a section."""
    return {
        "accessory": {"type": "datepicker", "action_id": action_id, "placeholder": plain(label)}
    }


def actions(*elements: Json, **members: Any) -> Json:
    return {"type": "actions", "elements": list(elements), **members}


def text_input(label: str = "Answer", name: str = "answer", **members: Any) -> Json:
    element = {"type": "plain_text_input", "action_id": name}
    return {
        "type": "input",
        "block_id": f"{name}-block",
        "label": plain(label),
        "element": element,
        **members,
    }


def modal(*blocks: Json, **members: Any) -> Json:
    return {
        "type": "modal",
        "title": plain("Answer"),
        "submit": plain("Send"),
        "blocks": list(blocks) or [text_input()],
        **members,
    }

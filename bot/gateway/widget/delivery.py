"""Delivers what the assistant and the gateway say in conversations on the careers page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.db.models import Choice, OutboxRow
from bot.gateway.outbox import Written
from bot.gateway.replies import MOST_BUTTONS
from bot.gateway.widget.events import ASSISTANT, MESSAGE, add, is_new
from bot.gateway.widget.forms import Forms, asks_for_contact, declines
from bot.gateway.widget.plain import Links, message, plain

Json = dict[str, Any]


@dataclass(frozen=True)
class WidgetDelivery:
    """The deliverers of replies and notices, by kind of row: they write events.

    `on_event` is called with the conversation in which there is something new to show.
    """

    forms: Forms
    clock: Callable[[], datetime]
    on_event: Callable[[str], None]

    def deliverers(self) -> dict[str, Written]:
        """Return which kind of row is delivered how."""
        said = Written(self.show, lambda row: self.on_event(row.conversation_id))
        return {"reply": said, "holding": said, "notice": said}

    def show(self, session: Session, row: OutboxRow) -> None:
        """Show what was said in a turn; shown twice, it appears once."""
        if not is_new(session, row.conversation_id, row.delivery_key):
            return
        payload = row.payload
        text, links = _text(payload["messages"])
        choices, form = _choices(session, payload)
        add(
            session,
            row.conversation_id,
            key=row.delivery_key,
            kind=MESSAGE,
            payload=message(
                ASSISTANT,
                text,
                links,
                choices=choices,
                feedback="feedback" in payload,
                _holding=row.kind == "holding",
            ),
            now=self.clock(),
            turn_id=(payload.get("feedback") or {}).get("turn"),
        )
        if form is not None:
            self.forms.show(session, row.conversation_id, form, row.delivery_key)


def _text(messages: list[Json]) -> tuple[str, Links]:
    parts: list[str] = []
    links: Links = []
    for one in messages:
        text, found = plain(one["text"])
        source, of_source = _source(one.get("metadata") or {})
        parts += [text, *source]
        links += [*found, *of_source]
    return "\n\n".join(parts), links


def _source(metadata: Json) -> tuple[list[str], Links]:
    source, link = metadata.get("source"), metadata.get("link")
    if not source:
        return [], []
    return [f"Source: {source}"], [{"text": source, "url": link}] if link else []


def _choices(session: Session, payload: Json) -> tuple[list[dict[str, str]], Choice | None]:
    """Return the buttons of a reply, and the one in whose place a form is shown, if any."""
    offered = [b for one in payload["messages"] for b in one.get("buttons") or ()]
    meant = {b["choice"]: session.get(Choice, b["choice"]) for b in offered}
    form = next((choice for choice in meant.values() if choice and asks_for_contact(choice)), None)
    if form is not None:
        offered = [b for b in offered if not _is_of_form(meant[b["choice"]])]
    shown = [*offered, *(payload.get("related") or ())][:MOST_BUTTONS]
    return [{"id": button["choice"], "text": button["title"]} for button in shown], form


def _is_of_form(choice: Choice | None) -> bool:
    return choice is not None and (asks_for_contact(choice) or declines(choice))

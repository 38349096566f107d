"""What an action reads about the turn it runs in: the one place that knows the tracker's dicts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rasa_sdk import Tracker

from bot.privacy.audience import reader_from

# What people say when they want something to be answered.
_QUESTION_KINDS = {"faq", "sensitive", "program"}
# Below this a guess says nothing to HR and must not choose the queue.
LEAST_CONFIDENCE = 0.2
_UNANSWERED_INTENTS = {"clarify", "handover", "internal_only", "out_of_scope"}


@dataclass(frozen=True)
class Message:
    """One message of the person: its turn, its text (redacted), and how it was understood."""

    turn_id: str
    text: str
    intent: str
    kind: str
    topic: str | None
    candidates: tuple[dict[str, Any], ...]
    is_choice: bool

    @property
    def best_topic(self) -> str | None:
        """The topic it was answered with, or else the likeliest one that is more than a hunch."""
        guesses = (c["topic"] for c in self.candidates if c["confidence"] >= LEAST_CONFIDENCE)
        return self.topic or next((topic for topic in guesses if topic), None)

    @property
    def is_question(self) -> bool:
        """Tell whether it asks something, rather than greets, thanks or agrees."""
        return self.kind in _QUESTION_KINDS or self.intent in _UNANSWERED_INTENTS


@dataclass(frozen=True)
class Turn:
    """The turn that an action runs in."""

    conversation: str
    audience: str
    message: Message
    entities: dict[str, str]
    slots: dict[str, Any]
    is_shared: bool
    actions: frozenset[str]
    """What the bot has done since the message."""
    earlier: tuple[Message, ...]
    """What the person said before, newest first."""

    @property
    def previous(self) -> Message | None:
        """The message just before this one."""
        return self.earlier[0] if self.earlier else None

    @property
    def subject(self) -> Message:
        """The message that this turn is about: the one its button names, or its own."""
        return self.message_of(self.entities.get("turn")) or self.message

    @property
    def last_question(self) -> Message | None:
        """What was asked just before, in the person's own words if they then chose a button."""
        previous = self.previous
        if previous is not None and previous.is_choice and len(self.earlier) > 1:
            before = self.earlier[1]
            previous = before if before.intent == "clarify" else previous
        return previous if previous is not None and previous.is_question else None

    def message_of(self, turn_id: str | None) -> Message | None:
        """Return what the person said in a turn of this session."""
        return next((m for m in (self.message, *self.earlier) if m.turn_id == turn_id), None)


def read_turn(tracker: Tracker) -> Turn:
    """Return the turn that Rasa is running; without a known audience it is the outsider's."""
    latest = tracker.latest_message
    metadata = latest.get("metadata") or {}
    messages = list(_messages(tracker.events))
    return Turn(
        conversation=tracker.sender_id,
        audience=reader_from(metadata),
        message=_message(latest),
        entities={e["entity"]: e["value"] for e in latest.get("entities") or []},
        slots=tracker.slots,
        is_shared=metadata.get("place") == "shared",
        actions=frozenset(_actions_since_message(tracker.events)),
        earlier=tuple(m for m in messages if m.turn_id != latest.get("message_id")),
    )


def _messages(events: list[dict[str, Any]]) -> Iterator[Message]:
    """Yield the person's messages, newest first; a turn that was asked twice comes once."""
    seen: set[str] = set()
    for event in reversed(events):
        if event.get("event") != "user" or event.get("message_id") in seen:
            continue
        seen.add(str(event.get("message_id")))
        yield _message({**(event.get("parse_data") or {}), **event})


def _actions_since_message(events: list[dict[str, Any]]) -> Iterator[str]:
    for event in reversed(events):
        if event.get("event") == "user":
            return
        if event.get("event") == "action":
            yield event["name"]


def _message(parsed: dict[str, Any]) -> Message:
    decision = parsed.get("decision") or {}
    return Message(
        turn_id=str(parsed.get("message_id")),
        text=parsed.get("text") or "",
        intent=(parsed.get("intent") or {}).get("name") or "",
        kind=decision.get("kind") or "dialogue",
        topic=decision.get("topic"),
        candidates=tuple(decision.get("candidates") or ()),
        is_choice=bool((parsed.get("metadata") or {}).get("choice")),
    )

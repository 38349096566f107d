"""What an action reads about the turn it runs in: the one place that knows the tracker's dicts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rasa_sdk import Tracker

from bot.privacy.audience import CANDIDATE, EMPLOYEE, may_see, reader_from

# What people say when they want something to be answered.
_QUESTION_KINDS = {"faq", "sensitive", "program"}
_SENSITIVE_KINDS = {"sensitive", "crisis"}
# What people say about the talk itself; the question before it still stands.
_ABOUT_THE_TALK = {"rephrase", "complaint", "reaction"}
_REPEAT = "repeat"
# Below this a guess says nothing to HR and must not choose the queue.
LEAST_CONFIDENCE = 0.2
_UNANSWERED_INTENTS = {"clarify", "handover", "internal_only", "out_of_scope"}
_OFFERS_CHOICES = {"clarify", "rephrase"}
_CHOICES = {"utter_clarify", "utter_rephrase", "utter_pick_one"}
# A greeting in another language is no question: so many words are one, or so many letters of a
# script that parts no words.
_LEAST_WORDS, _LEAST_LETTERS = 3, 5


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
    topics: tuple[str, ...] = ()

    @property
    def best_topic(self) -> str | None:
        """The topic it was answered with, or else the likeliest one that is more than a hunch."""
        return self.topic or next((c["topic"] for c in self._likely if c["topic"]), None)

    @property
    def likely_topics(self) -> set[str]:
        """The topics that it may well be about."""
        return {c["topic"] for c in self._likely if c["topic"]} | ({self.topic} - {None})

    @property
    def possible_topics(self) -> tuple[str, ...]:
        """All topics that it may be about, likeliest first."""
        guesses = [self.topic, *(c["topic"] for c in self.candidates)]
        return tuple(dict.fromkeys(topic for topic in guesses if topic))

    @property
    def may_be_sensitive(self) -> bool:
        """Tell whether it may be about what only few people in HR should read."""
        return bool({self.kind, *(c.get("kind") for c in self._likely)} & _SENSITIVE_KINDS)

    @property
    def _likely(self) -> list[dict[str, Any]]:
        return [c for c in self.candidates if c["confidence"] >= LEAST_CONFIDENCE]

    @property
    def is_question(self) -> bool:
        """Tell whether it asks something, rather than greets, thanks or agrees."""
        if self.intent == "other_language":
            return len(self.text.split()) >= _LEAST_WORDS or (
                not self.text.isascii() and len(self.text) >= _LEAST_LETTERS
            )
        return self.kind in _QUESTION_KINDS or self.intent in _UNANSWERED_INTENTS


@dataclass(frozen=True)
class Said:
    """One thing that the person was told: its text, its buttons and who may read it.

    `custom` holds what it asked for besides, such as a day to pick. `response` is the response
    it came from; `case` the number of the case that HR answered.
    """

    text: str
    buttons: tuple[dict[str, Any], ...]
    metadata: dict[str, Any]
    response: str | None = None
    case: str | None = None
    custom: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Turn:
    """The turn that an action runs in."""

    conversation: str
    person: str | None
    audience: str
    message: Message
    entities: dict[str, str]
    slots: dict[str, Any]
    is_shared: bool
    actions: frozenset[str]
    """What the bot has done since the message."""
    earlier: tuple[Message, ...]
    """What the person said before, newest first; "say that again" leaves all as it was."""
    last_said: tuple[Said, ...] = ()
    """What the person was told last, before this message: a whole reply, or one answer of HR."""
    is_outside: bool = False
    """A guest, or where outsiders read along: nothing they say goes to HR."""

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
        """What was asked just before, in the person's own words if they then chose a button.

        What they said about the talk itself in between ("say that again") doesn't count.
        """
        said = [m for m in self.earlier if m.intent not in _ABOUT_THE_TALK]
        if not said:
            return None
        latest = said[0]
        if latest.is_choice and len(said) > 1:
            was_offered = said[1].intent == "clarify" or self._followed_rephrasing(latest)
            latest = said[1] if was_offered else latest
        return latest if latest.is_question else None

    @property
    def was_offered_choices(self) -> bool:
        """Tell whether the message just before was answered with "do you mean one of these?"."""
        if self.previous is None or self.previous.intent not in _OFFERS_CHOICES:
            return False
        # What wasn't understood may have been answered after all, from what was said before it.
        responses = {said.response for said in self.last_said} - {None}
        return not responses or not responses.isdisjoint(_CHOICES)

    def _followed_rephrasing(self, choice: Message) -> bool:
        place = self.earlier.index(choice)
        return [m.intent for m in self.earlier[place + 1 : place + 2]] == ["rephrase"]

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
        person=metadata.get("person"),
        audience=reader_from(metadata),
        message=_message(latest),
        entities={e["entity"]: e["value"] for e in latest.get("entities") or []},
        slots=tracker.slots,
        is_shared=metadata.get("place") == "shared",
        actions=frozenset(_actions_since_message(tracker.events)),
        earlier=tuple(
            message
            for message in messages
            if message.turn_id != latest.get("message_id") and message.intent != _REPEAT
        ),
        last_said=_last_said(tracker.events, latest.get("message_id"), reader_from(metadata)),
        is_outside=bool(metadata.get("is_outside")),
    )


def _messages(events: list[dict[str, Any]]) -> Iterator[Message]:
    """Yield the person's messages, newest first; a turn that was asked twice comes once."""
    seen: set[str] = set()
    for event in reversed(events):
        if event.get("event") != "user" or event.get("message_id") in seen:
            continue
        seen.add(str(event.get("message_id")))
        yield _message({**(event.get("parse_data") or {}), **event})


def _last_said(events: list[dict[str, Any]], turn_id: str | None, reader: str) -> tuple[Said, ...]:
    replies: list[tuple[str | None, list[Said]]] = [(None, [])]
    said_to = CANDIDATE
    for event in events:
        if event.get("event") == "user":
            replies.append((event.get("message_id"), []))
            said_to = reader_from(event.get("metadata"))
        elif event.get("event") == "bot" and event.get("text"):
            said = _said(event)
            if said.case:
                replies.append((None, []))
            if _may_come_again(said, said_to, reader):
                replies[-1][1].append(said)
    # What an attempt at this very turn said before it broke off doesn't count.
    earlier = [reply for said_in, reply in replies if reply and said_in != turn_id]
    return tuple(earlier[-1]) if earlier else ()


def _may_come_again(said: Said, said_to: str, reader: str) -> bool:
    """Say whether this reader may be shown again what was said, its buttons included.

    Where others read along now, somebody may have talked alone before; the buttons of a public
    sentence may have been for an employee.
    """
    if reader == EMPLOYEE:
        return True
    return may_see(reader, said_to) and may_see(reader, said.metadata.get("audience"))


def _said(event: dict[str, Any]) -> Said:
    about = event.get("metadata") or {}
    return Said(
        text=event["text"],
        buttons=tuple((event.get("data") or {}).get("buttons") or ()),
        metadata=about.get("metadata") or {"audience": about.get("audience")},
        response=about.get("utter_action"),
        case=about.get("case"),
        custom=(event.get("data") or {}).get("custom") or {},
    )


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
        topics=tuple(decision.get("topics") or ()),
        candidates=tuple(decision.get("candidates") or ()),
        is_choice=bool((parsed.get("metadata") or {}).get("choice")),
    )

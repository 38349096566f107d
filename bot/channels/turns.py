"""Runs one turn of a conversation through Rasa, once, and keeps what it said.

Asking again with the same turn id gives the kept reply. If a turn broke off (the process
died, an action failed), its traces are taken back from the tracker before it runs again.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import date, datetime, timezone
from typing import TYPE_CHECKING, Any

import structlog
from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import ActionExecuted, UserUtteranceReverted, UserUttered
from sqlalchemy.exc import IntegrityError

from bot.db.models import Choice, Turn
from bot.db.session import Database
from bot.errors import HRBotError
from bot.nlu.parse_data import parse_data_for

if TYPE_CHECKING:
    from bot.channels.gateway import TurnRequest

log = structlog.get_logger(__name__)

# Rasa reads a leading "/" as an intent; this look-alike isn't one and reads the same.
DIVISION_SLASH = "\u2215"


class UnknownChoiceError(HRBotError):
    """A choice that was never offered in this conversation."""


class CollectingChannel(CollectingOutputChannel):
    """Keeps whole responses; Rasa's own drops their metadata and splits their text."""

    @classmethod
    def name(cls) -> str:
        """Return the channel's name, as responses may be restricted to it."""
        return "gateway"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:  # noqa: ARG002
        """Keep one response."""
        self.messages.append(message)


class TurnRunner:
    """Runs turns on an agent, with replies kept in the database."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
    ) -> None:
        self._database = database
        self._clock = clock

    async def run(self, agent: Agent, turn: TurnRequest) -> dict[str, Any] | None:
        """Return the reply to a turn, or None if it failed and may be asked again.

        Raises:
            UnknownChoiceError: if the choice was not issued to this conversation.
        """
        async with agent.lock_store.lock(turn.conversation):
            kept = await asyncio.to_thread(self._kept_reply, turn.turn_id)
            if kept is not None:
                return kept
            message = await self._message(turn)
            await _take_back_broken_turn(agent, turn)
            await agent.processor.handle_message(message)
            reply = await _reply(agent, turn, message.output_channel.messages)
            if reply is None:
                log.error("turn.failed", turn_id=turn.turn_id, conversation=turn.conversation)
                return None
            await asyncio.to_thread(self._keep, turn, reply)
        log.info(
            "turn.done",
            turn_id=turn.turn_id,
            conversation=turn.conversation,
            kind=reply["kind"],
            decision=reply["decision"],
            topic=reply["topic"],
        )
        return reply

    async def _message(self, turn: TurnRequest) -> UserMessage:
        parse_data, text = None, turn.text
        if turn.choice is not None:
            choice = await asyncio.to_thread(self._choice, turn)
            text = choice.title
            parse_data = parse_data_for(choice.meaning["intent"], text=text, title=text)
            parse_data["entities"] = [
                {"entity": name, "value": value}
                for name, value in _entities(choice.meaning, turn.date).items()
            ]
        return UserMessage(
            text=_never_an_intent(text),
            output_channel=CollectingChannel(),
            sender_id=turn.conversation,
            parse_data=parse_data,
            input_channel="gateway",
            message_id=turn.turn_id,
            metadata={
                "audience": turn.audience,
                "person": turn.person,
                "place": turn.place,
                "is_outside": turn.is_outside,
                "choice": turn.choice is not None,
            },
        )

    def _choice(self, turn: TurnRequest) -> Choice:
        with self._database.read() as session:
            choice = session.get(Choice, turn.choice)
        if choice is None or choice.conversation_id != turn.conversation:
            raise UnknownChoiceError("That choice was not offered in this conversation.")
        if "intent" not in choice.meaning:
            raise UnknownChoiceError("That choice is the gateway's own.")
        return choice

    def _kept_reply(self, turn_id: str) -> dict[str, Any] | None:
        with self._database.read() as session:
            turn = session.get(Turn, turn_id)
            return turn.reply if turn else None

    def _keep(self, turn: TurnRequest, reply: dict[str, Any]) -> None:
        row = Turn(
            turn_id=turn.turn_id,
            conversation_id=turn.conversation,
            reply=reply,
            created_at=self._clock(),
        )
        try:
            with self._database.write() as session:
                session.add(row)
        except IntegrityError:
            log.warning("turn.kept_already", turn_id=turn.turn_id)


async def _take_back_broken_turn(agent: Agent, turn: TurnRequest) -> None:
    tracker = await agent.tracker_store.get_or_create_tracker(turn.conversation)
    latest = tracker.get_last_event_for(UserUttered)
    if latest is None or latest.message_id != turn.turn_id:
        return
    # Rasa's rewind takes away the listening before the message, too.
    for event in (UserUtteranceReverted(), ActionExecuted(ACTION_LISTEN_NAME)):
        tracker.update(event)
    await agent.tracker_store.save(tracker)
    log.info("turn.taken_back", turn_id=turn.turn_id, conversation=turn.conversation)


async def _reply(
    agent: Agent, turn: TurnRequest, said: list[dict[str, Any]]
) -> dict[str, Any] | None:
    messages = [_message_out(m) for m in said if m.get("text")]
    if not messages:
        return None
    tracker = await agent.tracker_store.get_or_create_tracker(turn.conversation)
    understood = tracker.latest_message.parse_data
    decision = understood.get("decision") or {}
    return {
        "messages": messages,
        "intent": (understood.get("intent") or {}).get("name"),
        "kind": decision.get("kind", "dialogue"),
        "decision": decision.get("decision", "handover"),
        "topic": decision.get("topic"),
        "topics": decision.get("topics", []),
        "confidence": decision.get("confidence"),
        "candidates": decision.get("candidates", []),
    }


def _entities(meaning: dict[str, Any], picked: date | None) -> dict[str, Any]:
    """Return what a choice says, the day that was picked with it included."""
    entities = dict(meaning.get("entities") or {})
    filled = meaning.get("date")
    if (filled is None) != (picked is None):
        raise UnknownChoiceError("A day belongs to a choice that asks for one, and to no other.")
    return {**entities, filled: picked.isoformat()} if picked else entities


def _message_out(message: dict[str, Any]) -> dict[str, Any]:
    out = {
        "text": message["text"],
        "buttons": [
            {"title": button["title"], "meaning": _meaning(button["payload"])}
            for button in message.get("buttons") or []
        ],
        "metadata": message.get("metadata") or {},
    }
    date_field = (message.get("custom") or {}).get("date")
    if date_field:
        meaning = _meaning(date_field["payload"])
        out["date"] = {"label": date_field["label"], "meaning": meaning}
    return out


def _meaning(payload: str | dict[str, Any]) -> dict[str, Any]:
    return json.loads(payload) if isinstance(payload, str) else dict(payload)


def _never_an_intent(text: str) -> str:
    stripped = text.lstrip()
    return DIVISION_SLASH + stripped[1:] if stripped.startswith("/") else text

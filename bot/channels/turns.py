"""Runs one turn of a conversation through Rasa, once, and keeps what it said.

Asking again with the same turn id gives the kept reply. What a turn adds to the conversation is
written together with its reply, so one that broke off (the process died, an action failed) runs
again as if it never had.
"""

from __future__ import annotations

import asyncio
import json
from datetime import date
from typing import TYPE_CHECKING, Any

import structlog
from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.exc import IntegrityError

from bot.channels.processor import TurnProcessor
from bot.channels.tracker_store import TurnInHand, WindowedTrackerStore
from bot.db.models import Choice
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
    """Runs turns on an agent, with conversations and replies kept in the database."""

    def __init__(self, database: Database, store: WindowedTrackerStore) -> None:
        self._database = database
        self._store = store

    async def run(self, agent: Agent, turn: TurnRequest) -> dict[str, Any] | None:
        """Return the reply to a turn, or None if it failed and may be asked again.

        Raises:
            UnknownChoiceError: if the choice was not issued to this conversation.
        """
        processor = self.processor_of(agent)
        async with (
            agent.lock_store.lock(turn.conversation),
            self._store.turn(turn.conversation, turn.turn_id) as in_hand,
        ):
            if in_hand.kept_reply is not None:
                return in_hand.kept_reply
            message = await self._message(turn)
            about = _turn_named_in(message)
            if about is not None:
                await self._store.recall(in_hand, about)
            await processor.handle_message(message)
            reply = _reply(in_hand.tracker, message.output_channel.messages)
            if reply is None:
                log.error("turn.failed", turn_id=turn.turn_id, conversation=turn.conversation)
                return None
            reply = await self._keep(in_hand, reply)
        log.info(
            "turn.done",
            turn_id=turn.turn_id,
            conversation=turn.conversation,
            kind=reply["kind"],
            decision=reply["decision"],
            topic=reply["topic"],
        )
        return reply

    def processor_of(self, agent: Agent) -> TurnProcessor:
        """Return the agent's processor, which works with our store from then on."""
        if not isinstance(agent.processor, TurnProcessor):
            agent.processor = TurnProcessor.replacing(agent.processor, self._store)
        return agent.processor

    async def _keep(self, turn: TurnInHand, reply: dict[str, Any]) -> dict[str, Any]:
        """Keep a reply; returns the one that counts."""
        try:
            await self._store.keep(turn, reply)
        except IntegrityError:
            # Our lock ran out, and another assistant was faster.
            log.warning("turn.kept_already", turn_id=turn.turn_id)
            return await self._store.kept_reply(turn.turn_id) or reply
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


def _reply(tracker: DialogueStateTracker, said: list[dict[str, Any]]) -> dict[str, Any] | None:
    messages = [_message_out(m) for m in said if m.get("text")]
    if not messages:
        return None
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


def _turn_named_in(message: UserMessage) -> str | None:
    """Return the turn that a pressed button is about."""
    entities = (message.parse_data or {}).get("entities") or ()
    return next((one["value"] for one in entities if one["entity"] == "turn"), None)


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

"""Keeps conversations for Rasa: off its event loop, a bounded piece of history at a time.

Rasa's own SQL store works inside the event loop, reads a conversation anew at every step of a
turn, and costs more with each earlier turn. This one reads a conversation once a turn, and
writes what is new together with the turn's reply. The table is Rasa's.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore, TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.orm import Session

from bot.db.models import Turn
from bot.db.session import Database

TURNS_REMEMBERED = 10
"""How many of the person's latest messages Rasa sees, with all that followed them."""

_Event = SQLTrackerStore.SQLEvent
_BEGINNINGS = (SessionStarted.type_name, Restarted.type_name)
_INDEX = sa.DDL(
    "CREATE INDEX IF NOT EXISTS ix_events_by_type ON events (sender_id, type_name, action_name, id)"
)


class StoredTracker(DialogueStateTracker):
    """A tracker that knows how many of its events are in the store already."""

    events_stored = 0


@dataclass
class TurnInHand:
    """A turn under way: the reply that was kept if it has run before, else its conversation."""

    turn_id: str
    kept_reply: dict[str, Any] | None
    tracker: StoredTracker


class WindowedTrackerStore(TrackerStore):
    """Reads the latest turns of a session; what they don't show of slots and forms comes along.

    Args:
        database: Where Rasa's table of events is; it is made if it isn't there.
        turns: How many of the person's latest messages to read.
    """

    def __init__(
        self,
        database: Database,
        domain: Domain | None = None,
        turns: int = TURNS_REMEMBERED,
        clock: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
    ) -> None:
        super().__init__(domain)
        self._database = database
        self._turns = turns
        self._clock = clock
        self._in_hand: dict[str, TurnInHand] = {}
        self._has_table = False

    @asynccontextmanager
    async def turn(self, conversation: str, turn_id: str) -> AsyncIterator[TurnInHand]:
        """Read a conversation for one turn; the caller holds its lock.

        Until the end, `retrieve` gives the same tracker and `save` writes nothing: a turn that
        breaks off leaves no trace. `keep` writes it.
        """
        turn = await asyncio.to_thread(self._read_turn, conversation, turn_id)
        self._in_hand[conversation] = turn
        try:
            yield turn
        finally:
            del self._in_hand[conversation]

    async def recall(self, turn: TurnInHand, turn_id: str) -> None:
        """Let the tracker of a turn under way begin with what was said in an older one.

        A button may be pressed days later, and still be about the message it came with.
        """
        said = (event for event in turn.tracker.events if isinstance(event, UserUttered))
        if all(event.message_id != turn_id for event in said):
            await asyncio.to_thread(self._recall, turn, turn_id)

    async def keep(self, turn: TurnInHand, reply: dict[str, Any]) -> None:
        """Write what is new in a turn's conversation, and its reply, in one transaction."""
        await asyncio.to_thread(self._keep, turn, reply)

    async def kept_reply(self, turn_id: str) -> dict[str, Any] | None:
        """Return the reply that was kept of a turn, if it has run."""
        return await asyncio.to_thread(self._kept_reply, turn_id)

    async def retrieve(self, sender_id: str) -> StoredTracker | None:
        """Return the latest turns of the latest session, or None if there are none."""
        if sender_id in self._in_hand:
            return self._in_hand[sender_id].tracker
        return await asyncio.to_thread(self._read_alone, sender_id)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Write the events that are new; within a turn, its end does that."""
        if tracker.sender_id not in self._in_hand:
            await asyncio.to_thread(self._write_alone, tracker)

    def init_tracker(self, sender_id: str) -> StoredTracker:
        """Return the tracker of a conversation that has just begun."""
        return StoredTracker(sender_id, self.domain.slots)

    def _make_table(self) -> None:
        """Make Rasa's table and our index where they are missing."""
        if self._has_table:
            return
        with self._database.write() as session:
            connection = session.connection()
            if connection.dialect.name == "postgresql":
                # Two assistants that start together would both find it missing.
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('events'))"))
            SQLTrackerStore.Base.metadata.create_all(connection)
            connection.execute(_INDEX)
        self._has_table = True

    def _read_turn(self, conversation: str, turn_id: str) -> TurnInHand:
        self._make_table()
        with self._database.read() as session:
            kept = session.get(Turn, turn_id)
            tracker = None if kept else self._read(session, conversation)
        reply = kept.reply if kept else None
        return TurnInHand(turn_id, reply, tracker or self.init_tracker(conversation))

    def _recall(self, turn: TurnInHand, turn_id: str) -> None:
        conversation = turn.tracker.sender_id
        named = sa.select(_Event.data).where(
            *_of(conversation, UserUttered.type_name),
            _Event.data.contains(turn_id, autoescape=True),
        )
        with self._database.read() as session:
            stored = [json.loads(data) for data in session.scalars(named.order_by(_Event.id))]
        said = next((event for event in stored if event.get("message_id") == turn_id), None)
        if said is None:
            return
        listening = ActionExecuted(ACTION_LISTEN_NAME, timestamp=said["timestamp"]).as_dict()
        events = [listening, said, *(event.as_dict() for event in turn.tracker.events)]
        turn.tracker = StoredTracker.from_dict(conversation, events, self.domain.slots)
        turn.tracker.events_stored = len(turn.tracker.events)

    def _kept_reply(self, turn_id: str) -> dict[str, Any] | None:
        with self._database.read() as session:
            kept = session.get(Turn, turn_id)
        return kept.reply if kept else None

    def _read_alone(self, conversation: str) -> StoredTracker | None:
        self._make_table()
        with self._database.read() as session:
            return self._read(session, conversation)

    def _read(self, session: Session, conversation: str) -> StoredTracker | None:
        began = _latest(session, conversation, _BEGINNINGS)
        first = session.scalar(
            sa.select(_Event.id)
            .where(*_of(conversation, UserUttered.type_name), _Event.id >= began)
            .order_by(_Event.id.desc())
            .offset(self._turns - 1)
            .limit(1)
        )
        since = sa.select(_Event.data).where(
            _Event.sender_id == conversation, _Event.id >= (first or began)
        )
        events = [json.loads(data) for data in session.scalars(since.order_by(_Event.id))]
        if not events:
            return None
        if first is not None:
            events = [*_before(session, conversation, began, first, events[0]), *events]
        tracker = StoredTracker.from_dict(conversation, events, self.domain.slots)
        tracker.events_stored = len(tracker.events)
        return tracker

    def _keep(self, turn: TurnInHand, reply: dict[str, Any]) -> None:
        tracker = turn.tracker
        with self._database.write() as session:
            _write(session, tracker)
            session.add(
                Turn(
                    turn_id=turn.turn_id,
                    conversation_id=tracker.sender_id,
                    reply=reply,
                    created_at=self._clock(),
                )
            )
        tracker.events_stored = len(tracker.events)

    def _write_alone(self, tracker: StoredTracker) -> None:
        if len(tracker.events) > tracker.events_stored:
            with self._database.write() as session:
                _write(session, tracker)
            tracker.events_stored = len(tracker.events)


def _of(conversation: str, type_name: str) -> tuple[sa.sql.ColumnElement, ...]:
    return _Event.sender_id == conversation, _Event.type_name == type_name


def _latest(session: Session, conversation: str, types: Sequence[str]) -> int:
    """Return the id of the latest event of these types, or 0."""
    latest = sa.select(sa.func.max(_Event.id))
    return max(session.scalar(latest.where(*_of(conversation, kind))) or 0 for kind in types)


def _before(
    session: Session, conversation: str, began: int, first: int, oldest: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return what still holds of a session before its first event that is read."""
    latest = sa.select(sa.func.max(_Event.id)).where(
        _Event.sender_id == conversation, _Event.id >= began, _Event.id < first
    )
    lasting = (
        latest.where(_Event.type_name == SlotSet.type_name).group_by(_Event.action_name),
        latest.where(_Event.type_name == ActiveLoop.type_name),
        latest.where(_Event.type_name == SessionStarted.type_name),
    )
    ids = [found for query in lasting for found in session.scalars(query) if found is not None]
    rows = sa.select(_Event.data).where(_Event.id.in_(ids)).order_by(_Event.id)
    listening = ActionExecuted(ACTION_LISTEN_NAME, timestamp=oldest["timestamp"])
    return [*(json.loads(data) for data in session.scalars(rows)), listening.as_dict()]


def _write(session: Session, tracker: StoredTracker) -> None:
    for event in list(tracker.events)[tracker.events_stored :]:
        data = event.as_dict()
        session.add(
            _Event(
                sender_id=tracker.sender_id,
                type_name=event.type_name,
                timestamp=data.get("timestamp"),
                intent_name=((data.get("parse_data") or {}).get("intent") or {}).get("name"),
                action_name=data.get("name"),
                data=json.dumps(data),
            )
        )

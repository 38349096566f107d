"""Wakes the open streams of this process when there is something new in their conversations.

A process tells itself of the events that it writes. For those of others it looks at the table
twice a second while it has streams; what a stream has shown already wakes it no more.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import structlog
from sqlalchemy import bindparam, func, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.db.models import WidgetEvent
from bot.db.session import Database

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.5
DATABASE_DOWN_SECONDS = 2.0
# Ids become visible in the order of commits: so long after an id, lower ones may still appear.
OVERLAP_SECONDS = 10.0
OVERLAP_AT_START = 1000
MOST_STREAMS = 5000
MOST_STREAMS_OF_A_SESSION = 6

_NEWEST = select(func.max(WidgetEvent.id))
_RECENT = select(WidgetEvent.id, WidgetEvent.conversation_id).where(
    WidgetEvent.id >= bindparam("floor")
)


@dataclass(eq=False)
class Listener:
    """An open stream. `news` is set when there may be something new, or when it is over.

    `newest` is the id of the newest event that the stream has shown.
    """

    news: asyncio.Event = field(default_factory=asyncio.Event)
    newest: int = 0
    is_over: bool = False

    def end(self) -> None:
        """Have the stream end."""
        self.is_over = True
        self.news.set()


class Feed:
    """Knows who waits for news of which conversation."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._of_conversation: dict[str, set[Listener]] = {}
        self._of_session: dict[str, list[Listener]] = {}
        self.open = 0
        """How many streams there are."""
        self._wake = asyncio.Event()
        self._seen: dict[int, float] = {}
        self.floor: int | None = None
        """All events up to this id are known, however late their transactions ended."""
        self._is_stopping = False
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def is_full(self) -> bool:
        """Whether this process has as many streams as it can hold."""
        return self.open >= MOST_STREAMS

    @contextlib.contextmanager
    def listening(self, conversation_id: str, session_id: str) -> Iterator[Listener]:
        """Give a listener to a conversation; of too many of one session, the oldest ends."""
        listener = Listener(is_over=self._is_stopping)
        self._of_conversation.setdefault(conversation_id, set()).add(listener)
        of_session = self._of_session.setdefault(session_id, [])
        of_session.append(listener)
        for oldest in of_session[:-MOST_STREAMS_OF_A_SESSION]:
            oldest.end()
        self.open += 1
        if self.open == 1:
            self._wake.set()
        try:
            yield listener
        finally:
            self.open -= 1
            for among, key in (
                (self._of_conversation, conversation_id),
                (self._of_session, session_id),
            ):
                among[key].remove(listener)
                if not among[key]:
                    del among[key]

    def tell(self, conversation_id: str) -> None:
        """Say that this process has just written an event of a conversation; any thread may."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._wake_streams, conversation_id)

    def stop(self) -> None:
        """Have all streams end."""
        self._is_stopping = True
        for listeners in self._of_conversation.values():
            for listener in listeners:
                listener.end()
        self._wake.set()

    async def run(self) -> None:
        """Look for news until stopped."""
        self._loop = asyncio.get_running_loop()
        while not self._is_stopping:
            with contextlib.suppress(asyncio.TimeoutError):
                timeout = POLL_SECONDS if self.open else None
                await asyncio.wait_for(self._wake.wait(), timeout)
            self._wake.clear()
            try:
                changed = await asyncio.to_thread(self.changed)
            except SQLAlchemyError as error:
                log.error("widget.database_unreachable", error=type(error).__name__)
                await asyncio.sleep(DATABASE_DOWN_SECONDS)
                continue
            for conversation_id, newest in changed.items():
                self._wake_streams(conversation_id, newest)

    def _wake_streams(self, conversation_id: str, newest: int | None = None) -> None:
        for listener in self._of_conversation.get(conversation_id, ()):
            if newest is None or newest > listener.newest:
                listener.news.set()

    def changed(self) -> dict[str, int]:
        """Return the newest id of each conversation with events that weren't there last time."""
        now = time.monotonic()
        with self._database.look() as reading:
            found = self._recent(reading)
        changed: dict[str, int] = {}
        for id, conversation_id in found:
            if id not in self._seen:
                self._seen[id] = now
                changed[conversation_id] = max(id, changed.get(conversation_id, 0))
        settled = [id for id, at in self._seen.items() if now - at > OVERLAP_SECONDS]
        self.floor = max([self.floor or 0, *settled])
        self._seen = {id: at for id, at in self._seen.items() if id > self.floor}
        return changed

    def _recent(self, reading: Connection) -> list[tuple[int, str]]:
        """Return id and conversation of the events after the floor."""
        found = [] if self.floor is None else reading.execute(_RECENT, {"floor": self.floor}).all()
        # As a rule the one at the floor is there, and there is nothing else to ask.
        if not found:
            newest = reading.scalar(_NEWEST) or 0
            # The database may have been set back, to a backup for example.
            if self.floor is None or newest < self.floor:
                self.floor, self._seen = max(0, newest - OVERLAP_AT_START), {}
                found = reading.execute(_RECENT, {"floor": self.floor}).all()
        return [(row.id, row.conversation_id) for row in found if row.id > self.floor]

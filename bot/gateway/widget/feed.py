"""Wakes the open streams of this process when there is something new in their conversations.

Every gateway process looks at the table of events twice a second while it has streams, so it
does not matter which process wrote them.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import structlog
from sqlalchemy import func, select
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


@dataclass(eq=False)
class Listener:
    """An open stream. `news` is set when there may be something new, or when it is over."""

    news: asyncio.Event = field(default_factory=asyncio.Event)
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
        self._seen: dict[tuple[int, str], float] = {}
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

    def wake(self) -> None:
        """Say that this process has just written an event; any thread may."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._wake.set)

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
            for conversation_id in changed:
                for listener in self._of_conversation.get(conversation_id, ()):
                    listener.news.set()

    def changed(self) -> set[str]:
        """Return the conversations with events that weren't there the last time."""
        now = time.monotonic()
        with self._database.read() as session:
            newest = session.scalar(select(func.max(WidgetEvent.id))) or 0
            # The database may have been set back, to a backup for example.
            if self.floor is None or newest < self.floor:
                self.floor, self._seen = max(0, newest - OVERLAP_AT_START), {}
            fresh = select(WidgetEvent.id, WidgetEvent.conversation_id).where(
                WidgetEvent.id > self.floor
            )
            found = [(row.id, row.conversation_id) for row in session.execute(fresh)]
        changed = {
            conversation for id, conversation in found if (id, conversation) not in self._seen
        }
        for event in found:
            self._seen.setdefault(event, now)
        settled = [id for (id, _), at in self._seen.items() if now - at > OVERLAP_SECONDS]
        self.floor = max([self.floor, *settled])
        self._seen = {event: at for event, at in self._seen.items() if event[0] > self.floor}
        return changed

"""Wakes the open streams of this process when there is something new in their conversations.

Every gateway process looks at the table of events twice a second while it has streams, so it
does not matter which process wrote them.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator

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


class Feed:
    """Knows who waits for news of which conversation."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[str, set[asyncio.Event]] = {}
        self._wake = asyncio.Event()
        self._seen: dict[int, float] = {}
        self._floor: int | None = None
        self.is_stopping = False

    @contextlib.contextmanager
    def listening(self, conversation_id: str) -> Iterator[asyncio.Event]:
        """Give an event that is set whenever there may be news of a conversation."""
        news = asyncio.Event()
        self._waiting.setdefault(conversation_id, set()).add(news)
        self._wake.set()
        try:
            yield news
        finally:
            of_conversation = self._waiting[conversation_id]
            of_conversation.discard(news)
            if not of_conversation:
                del self._waiting[conversation_id]

    def wake(self) -> None:
        """Say that this process has just written an event."""
        self._wake.set()

    def stop(self) -> None:
        """Have all streams end."""
        self.is_stopping = True
        for listeners in self._waiting.values():
            for news in listeners:
                news.set()
        self._wake.set()

    async def run(self) -> None:
        """Look for news until stopped."""
        while not self.is_stopping:
            with contextlib.suppress(asyncio.TimeoutError):
                timeout = POLL_SECONDS if self._waiting else None
                await asyncio.wait_for(self._wake.wait(), timeout)
            self._wake.clear()
            try:
                changed = await asyncio.to_thread(self._changed)
            except SQLAlchemyError as error:
                log.error("widget.database_unreachable", error=type(error).__name__)
                await asyncio.sleep(DATABASE_DOWN_SECONDS)
                continue
            for conversation_id in changed:
                for news in self._waiting.get(conversation_id, ()):
                    news.set()

    def _changed(self) -> set[str]:
        now = time.monotonic()
        with self._database.read() as session:
            if self._floor is None:
                newest = session.scalar(select(func.max(WidgetEvent.id))) or 0
                self._floor = max(0, newest - OVERLAP_AT_START)
            found = session.execute(
                select(WidgetEvent.id, WidgetEvent.conversation_id).where(
                    WidgetEvent.id > self._floor
                )
            ).all()
        changed = {row.conversation_id for row in found if row.id not in self._seen}
        for row in found:
            self._seen.setdefault(row.id, now)
        settled = [id for id, at in self._seen.items() if now - at > OVERLAP_SECONDS]
        self._floor = max([self._floor, *settled])
        self._seen = {id: at for id, at in self._seen.items() if id > self._floor}
        return changed

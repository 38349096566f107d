"""Works a queue off: claims due rows, handles several lanes at once, each lane in order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Generic

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.db.queues import Row, claim, give_back, has_due, owns
from bot.db.session import Database
from bot.gateway.metrics import QUEUE_FAILURES
from bot.gateway.trace import follow_row

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.5
DATABASE_DOWN_SECONDS = 2.0
SILENT_SECONDS = 30.0
FAILED_SECONDS = 0.5
MOST_DOUBLINGS = 6


class QueueWorker(Generic[Row]):
    """Runs `handle` for each due row. `handle` finishes the row or gives it back itself.

    A row whose handling raised (the database was away, say) is given back with the next claim
    that works, to be due after a pause that grows with its attempts.
    """

    def __init__(
        self,
        database: Database,
        model: type[Row],
        handle: Callable[[Row], Awaitable[None]],
        *,
        worker: str,
        clock: Callable[[], datetime],
        concurrency: int,
        lease: timedelta,
    ) -> None:
        self._database = database
        self._model = model
        self._handle = handle
        self._worker = worker
        self._clock = clock
        self._concurrency = concurrency
        self._lease = lease
        self._wake = asyncio.Event()
        self._is_told = False
        self._stopping = False
        self._looked_at = float("-inf")
        self._failures = QUEUE_FAILURES.labels(model.__tablename__)
        self._tasks: set[asyncio.Task[None]] = set()
        self._in_hand: set[int] = set()
        self._to_let_go: set[int] = set()

    @property
    def is_running(self) -> bool:
        """Whether it looks for work: it is not stopped, and neither stuck nor without database."""
        return not self._stopping and time.monotonic() - self._looked_at < SILENT_SECONDS

    def wake(self) -> None:
        """Say that there is something to do now."""
        self._is_told = True
        self._wake.set()

    async def run(self) -> None:
        """Work until stopped."""
        while not self._stopping:
            self._wake.clear()
            free = self._concurrency - len(self._tasks)
            in_hand = frozenset(self._in_hand)
            is_told = self._is_told and free > 0
            self._is_told = self._is_told and not is_told
            try:
                rows = await asyncio.to_thread(self._claim, free, is_told) if free else []
            except SQLAlchemyError as error:
                self._failures.inc()
                log.error("queue.database_unreachable", error=type(error).__name__)
                await asyncio.sleep(DATABASE_DOWN_SECONDS)
                continue
            self._looked_at = time.monotonic()
            for row in rows:
                # Where the clock jumps, a lease may seem to have run out on our own hands.
                if row.id in in_hand:
                    continue
                self._in_hand.add(row.id)
                task = asyncio.create_task(self._work(row))
                self._tasks.add(task)
                task.add_done_callback(self._done)
            # Whatever else is due is behind these in their lanes, or there is no hand free for it.
            await self._wait()

    async def stop(self, drain_seconds: float) -> None:
        """Take no more rows, give those under way some seconds to end, and break off the rest.

        What was broken off is still claimed; it is safe to do again.
        """
        self._stopping = True
        self._wake.set()
        if not self._tasks:
            return
        _, left = await asyncio.wait(self._tasks, timeout=drain_seconds)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        if left:
            log.warning("queue.broken_off", table=self._model.__tablename__, rows=len(left))

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._wake.set()

    def _claim(self, limit: int, is_told: bool) -> list[Row]:
        now, failed = self._clock(), set(self._to_let_go)
        # Whoever only looks whether there is something keeps no other from writing.
        if not is_told and not failed and not self._has_due(now):
            return []
        with self._database.write() as session:
            for row_id in failed:
                self._let_go(session, row_id, now)
            rows = claim(
                session,
                self._model,
                worker=self._worker,
                now=now,
                lease=self._lease,
                limit=limit,
            )
        self._to_let_go -= failed
        return rows

    def _has_due(self, now: datetime) -> bool:
        with self._database.look() as reading:
            return has_due(reading, self._model, now, self._lease)

    def _let_go(self, session: Session, row_id: int, now: datetime) -> None:
        row = session.get(self._model, row_id, with_for_update=True)
        if owns(row, self._worker):
            pause = FAILED_SECONDS * 2 ** min(row.attempts - 1, MOST_DOUBLINGS)
            give_back(row, now + timedelta(seconds=pause))

    async def _work(self, row: Row) -> None:
        follow_row(row)
        try:
            await self._handle(row)
        except Exception:
            self._failures.inc()
            self._to_let_go.add(row.id)
            log.exception("queue.row_failed", table=self._model.__tablename__, row=row.id)
        finally:
            self._in_hand.discard(row.id)

    async def _wait(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), POLL_SECONDS)
        except asyncio.TimeoutError:
            return

"""What the desk does by itself, now and then: snoozed cases wake, ways back are forgotten."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from bot.db.session import Database
from bot.desk.anonymous import forget_way_back
from bot.desk.work import wake_snoozed

log = structlog.get_logger(__name__)

WAKE_EVERY = timedelta(seconds=30)
FORGET_EVERY = timedelta(hours=1)


class Upkeep:
    """Does what is due, each thing at its own pace."""

    def __init__(
        self,
        database: Database,
        way_back_days: int,
        clock: Callable[[], datetime],
        on_outbox: Callable[[], None],
    ) -> None:
        self._database = database
        self._way_back_days = way_back_days
        self._clock = clock
        self._on_outbox = on_outbox
        self._wake_at = self._forget_at = clock()

    def run(self) -> None:
        """Do what is due."""
        now = self._clock()
        if now >= self._wake_at:
            self._wake_at = now + WAKE_EVERY
            with self._database.write() as session:
                woken = wake_snoozed(session, now)
            if woken:
                log.info("desk.woken", cases=woken)
                self._on_outbox()
        if now >= self._forget_at:
            self._forget_at = now + FORGET_EVERY
            with self._database.write() as session:
                forgotten = forget_way_back(session, now, self._way_back_days)
            if forgotten:
                log.info("desk.ways_back_forgotten", cases=forgotten)

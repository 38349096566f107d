"""Removes what has been kept long enough, every hour, and says in the log what it was."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from bot.periods import Periods
from bot.privacy.retention import BATCH, purge

log = structlog.get_logger(__name__)

PAUSE = timedelta(hours=1)


class Purging:
    """A job of the schedule: a batch a tick as long as there is more, then once an hour.

    Args:
        contacts: gives the ids of the people whom the gateway knows by heart.
    """

    def __init__(self, periods: Periods, contacts: Callable[[], Collection[str]]) -> None:
        self._periods = periods
        self._contacts = contacts
        self._due: datetime | None = None

    def __call__(self, session: Session, now: datetime) -> int:
        """Purge if it is time. Returns how many rows are gone."""
        if self._due is not None and now < self._due:
            return 0
        removed = purge(session, self._periods, now, contacts=self._contacts())
        has_more = any(count >= BATCH for count in removed.values())
        self._due = now if has_more else now + PAUSE
        for kind, rows in removed.items():
            log.info("purge.removed", kind=kind, rows=rows)
        return sum(removed.values())

"""What the gateway does by the clock: every minute the desk's reminders and summaries, and purging.

APScheduler only ticks; what is due is worked out from the database and the given time. Several
gateways may tick at once: what they put into the outbox has a key that counts once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timezone

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from bot.db.session import Database
from bot.desk.reminders import OvertakenError

log = structlog.get_logger(__name__)

Job = Callable[[Session, datetime], int]
CHECK_MINUTES = 15


class Schedule:
    """Runs jobs on the database every minute, and checks now and every fifteen minutes.

    Args:
        jobs: by name; each gets a session and the time, and returns how much it found to do.
        checks: look at the outside world, on which the jobs may depend.
        on_outbox: called when there is something to deliver.
        then: by the name of a job, what follows outside of its transaction if it found something.
    """

    def __init__(
        self,
        database: Database,
        jobs: dict[str, Job],
        checks: Sequence[Callable[[], Awaitable[None]]],
        *,
        clock: Callable[[], datetime],
        on_outbox: Callable[[], None],
        then: Mapping[str, Callable[[], object]] | None = None,
    ) -> None:
        self._database = database
        self._jobs = jobs
        self._checks = checks
        self._then = then or {}
        self._clock = clock
        self._on_outbox = on_outbox
        self._scheduler = AsyncIOScheduler(timezone=timezone.utc)

    def start(self) -> None:
        """Begin to tick; needs a running event loop."""
        # However late a tick comes, it is made up for, once.
        always = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        at_once = datetime.now(timezone.utc)
        self._scheduler.add_job(
            self.check, "interval", minutes=CHECK_MINUTES, next_run_time=at_once, **always
        )
        self._scheduler.add_job(self.tick, "cron", minute="*", **always)
        self._scheduler.start()

    def stop(self) -> None:
        """Tick no more."""
        self._scheduler.shutdown(wait=False)

    async def tick(self) -> None:
        """Do what is due now."""
        done = await asyncio.to_thread(lambda: [self._run(name) for name in self._jobs])
        if any(done):
            self._on_outbox()

    async def check(self) -> None:
        """Look at the outside world."""
        for check in self._checks:
            try:
                await check()
            except Exception:
                log.exception("schedule.check_failed")

    def _run(self, name: str) -> int:
        """Run one job in a transaction of its own; what fails is due again in a minute."""
        try:
            with self._database.write() as session:
                found = self._jobs[name](session, self._clock())
            if found and name in self._then:
                self._then[name]()
        except (OvertakenError, IntegrityError):
            log.info("schedule.overtaken", job=name)
            return 0
        except SQLAlchemyError as error:
            log.error("schedule.database_unreachable", job=name, error=type(error).__name__)
            return 0
        except Exception:
            log.exception("schedule.job_failed", job=name)
            return 0
        if found:
            log.info("schedule.done", job=name, found=found)
        return found

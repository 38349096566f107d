"""Learns the e-mail address of who writes, by which HR's list of employees may know them.

Slack is asked when somebody is first seen and then once a day at most; only the address's
fingerprint is kept. A turn waits for that the first time only, and not long.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import update

from bot.db.models import Person
from bot.db.session import Database
from bot.gateway.outbox import RefusedError, TryLaterError
from bot.gateway.slack.client import Slack
from bot.privacy.sealing import Seal

log = structlog.get_logger(__name__)

FRESH_FOR = timedelta(days=1)
RETRY_AFTER = timedelta(minutes=10)
FIRST_WAIT_SECONDS = 1.0


@dataclass(frozen=True)
class _Due:
    """Whose profile is to be looked up now; nobody had looked before if `is_first`."""

    user: str
    is_first: bool


class Profiles:
    """Keeps the e-mail fingerprints of people in Slack up to date."""

    def __init__(
        self,
        database: Database,
        slack: Slack,
        seal: Seal,
        *,
        clock: Callable[[], datetime],
        first_wait: float = FIRST_WAIT_SECONDS,
    ) -> None:
        self._database = database
        self._slack = slack
        self._seal = seal
        self._clock = clock
        self._first_wait = first_wait
        self._under_way: set[asyncio.Task[None]] = set()

    async def before_turn(self, person_id: str | None) -> None:
        """Look a person's profile up if that is due; only the very first time wait for it."""
        due = await asyncio.to_thread(self._claim, person_id) if person_id else None
        if due is None:
            return
        looking = asyncio.create_task(self._look_up(person_id, due.user))
        self._under_way.add(looking)
        looking.add_done_callback(self._under_way.discard)
        if due.is_first:
            await asyncio.wait({looking}, timeout=self._first_wait)

    async def stop(self) -> None:
        """Break off what is under way; it is due again after a while."""
        for looking in self._under_way:
            looking.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def _claim(self, person_id: str) -> _Due | None:
        now = self._clock()
        with self._database.read() as session:
            person = session.get(Person, person_id)
        if person.profile_due_at is not None and person.profile_due_at > now:
            return None
        user = self._seal.open(person.address_sealed).get("user")
        if user is None:
            return None
        # Put off before Slack is asked, so that nobody else asks meanwhile and a failure is
        # tried again.
        is_due = Person.profile_due_at.is_(None) | (Person.profile_due_at <= now)
        claiming = update(Person).where(Person.id == person_id, is_due)
        with self._database.write() as session:
            claimed = session.execute(claiming.values(profile_due_at=now + RETRY_AFTER)).rowcount
        return _Due(user, is_first=person.profile_due_at is None) if claimed else None

    async def _look_up(self, person_id: str, user: str) -> None:
        try:
            address = await self._slack.email_of(user)
            await asyncio.to_thread(self._keep, person_id, address)
        except (TryLaterError, RefusedError) as error:
            log.warning("slack.profile_unavailable", reason=error.reason)
        except Exception as error:
            # Whatever it is, it may name the person; the turn goes on without it.
            log.error("slack.profile_failed", error=type(error).__name__)

    def _keep(self, person_id: str, address: str | None) -> None:
        found = self._seal.email_fingerprint(address) if address else None
        with self._database.write() as session:
            session.execute(
                update(Person)
                .where(Person.id == person_id)
                .values(email_hash=found, profile_due_at=self._clock() + FRESH_FOR)
            )
        log.info("slack.profile_kept", has_address=found is not None)

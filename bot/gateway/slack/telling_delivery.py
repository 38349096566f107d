"""Delivers what people are told unasked, and looks once more at the last moment whether to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from bot.db.models import OutboxRow, Person
from bot.db.session import Database
from bot.db.telling import Telling
from bot.desk.views import Block
from bot.gateway.addresses import AddressBook
from bot.gateway.outbox import Deliver, RefusedError, TryLaterError
from bot.gateway.slack.client import Slack
from bot.gateway.slack.posting import post_to_person
from bot.telling import content
from bot.telling.audience import FAILED, TOLD, WAITING, WITHDRAWN
from bot.telling.choosing import TELLING
from bot.telling.gentle import Limits
from bot.telling.message import Content, message
from bot.telling.moments import Moment

log = structlog.get_logger(__name__)

HELD_SECONDS = 60.0
QUIET_SECONDS = 600.0


@dataclass(frozen=True)
class _Ready:
    """A message that may leave: to whom, and what it looks like."""

    user: str
    text: str
    blocks: list[Block]


@dataclass
class TellingDelivery:
    """The deliverer of what people are told.

    When Slack says that we are too fast, everything here waits for as long as it says: a
    campaign must not use up what answers need.
    """

    database: Database
    slack: Slack
    addresses: AddressBook
    limits: Limits
    moments: Sequence[Moment]
    clock: Callable[[], datetime]
    _not_before: datetime | None = field(default=None, init=False)

    def deliverers(self) -> dict[str, Deliver]:
        """Return which kind of row is delivered how."""
        return {TELLING: self.telling}

    async def telling(self, row: OutboxRow) -> None:
        """Tell one person, unless it has been stopped meanwhile."""
        self._keep_to_the_pace()
        ready = await asyncio.to_thread(self._prepare, row)
        if ready is None:
            log.info("telling.no_longer_wanted", delivery_key=row.delivery_key)
            return
        try:
            # A first attempt needs no channel: Slack takes the user for it, in one call.
            channel = ready.user
            if row.attempted_at is not None:
                channel = await self.slack.direct_channel(ready.user)
            await post_to_person(
                self.slack, row, channel=channel, thread=None, shown=(ready.text, ready.blocks)
            )
        except TryLaterError as error:
            if error.seconds is not None:
                self._not_before = self.clock() + timedelta(seconds=error.seconds)
            raise
        except RefusedError:
            await asyncio.to_thread(self._note, row, FAILED)
            raise
        await asyncio.to_thread(self._note, row, TOLD)

    def _keep_to_the_pace(self) -> None:
        if self._not_before is not None:
            left = (self._not_before - self.clock()).total_seconds()
            if left > 0:
                raise TryLaterError("ratelimited", seconds=left)
            self._not_before = None

    def _prepare(self, row: OutboxRow) -> _Ready | None:
        now = self.limits.local(self.clock())
        with self.database.read() as session:
            telling = session.get(Telling, row.payload["telling"])
            if telling is None or telling.status == WITHDRAWN:
                return None
            verdict = content.may_leave(session, telling)
            found = content.content_of(session, telling, self.moments, now)
            if verdict != content.DROP and found is not None:
                return self._ready(session, telling, verdict, found, now)
        self._note(row, WITHDRAWN)
        return None

    def _ready(
        self, session: Session, telling: Telling, verdict: str, found: Content, now: datetime
    ) -> _Ready:
        if verdict == content.HOLD:
            raise TryLaterError("held", seconds=HELD_SECONDS)
        person = session.get(Person, telling.person_id)
        if self.limits.quiet.is_quiet(person.time_zone, now):
            raise TryLaterError("quiet_hours", seconds=QUIET_SECONDS)
        answered = content.answered(session, telling)
        shown = message(str(telling.id), found, answered, now.date(), self._say)
        return _Ready(self.addresses.slack_user(session, person.id), *shown)

    def _say(self, key: str, **values: str) -> str:
        return self.slack.wording.say(key, **values)

    def _note(self, row: OutboxRow, status: str) -> None:
        with self.database.write() as session:
            telling = session.get(Telling, row.payload["telling"], with_for_update=True)
            if telling is not None and telling.status in (WAITING, FAILED):
                telling.status = status
                telling.told_at = self.clock() if status == TOLD else None

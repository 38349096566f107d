"""Who somebody is to us, and where to talk with them alone. Slack is asked once a day.

Only that somebody is an outsider (a guest, or of another organisation) is kept, no name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot.db.models import Person
from bot.db.session import Database
from bot.gateway.addresses import AddressBook, SlackAddress
from bot.gateway.outbox import RefusedError, TryLaterError
from bot.gateway.slack.client import Slack

log = structlog.get_logger(__name__)

KEPT = timedelta(days=1)


@dataclass(frozen=True)
class People:
    """Looks people up in Slack; see the module."""

    database: Database
    addresses: AddressBook
    slack: Slack
    clock: Callable[[], datetime]
    _known: dict[str, tuple[bool, datetime]] = field(default_factory=dict)

    async def is_outsider(self, person_id: str) -> bool:
        """Say whether somebody is an outsider.

        What was known yesterday still counts while Slack doesn't tell; somebody whom it
        doesn't know at all is one.

        Raises:
            TryLaterError: if nothing is known and Slack doesn't tell now.
        """
        outsider, until = self._known.get(person_id, (None, None))
        if until is not None and until > self.clock():
            return outsider
        person, user = await asyncio.to_thread(self._person, person_id)
        if person.looked_up_at is not None and person.looked_up_at > self.clock() - KEPT:
            self._known[person_id] = (person.is_outsider, person.looked_up_at + KEPT)
            return person.is_outsider
        try:
            outsider = await self.slack.is_outsider(user)
        except RefusedError as error:
            log.warning("slack.person_unknown", reason=error.reason)
            outsider = True
        except TryLaterError as error:
            if person.is_outsider is None:
                raise
            log.warning("slack.person_not_looked_up", reason=error.reason)
            return person.is_outsider
        await asyncio.to_thread(self._keep, person_id, outsider)
        return outsider

    async def is_outsider_of(self, team: str, user: str) -> bool:
        """Say whether a user is an outsider. Raises as `is_outsider`."""
        return await self.is_outsider(await asyncio.to_thread(self._person_id, team, user))

    async def direct(self, person_id: str) -> SlackAddress:
        """Return where somebody is talked with alone.

        Raises:
            TryLaterError, RefusedError: see `bot.gateway.outbox`.
        """
        team, user = await asyncio.to_thread(self._team_and_user, person_id)
        return await self.direct_of(team, user)

    async def direct_of(self, team: str, user: str) -> SlackAddress:
        """Return where a user is talked with alone. Raises as `direct`."""
        channel = await self.slack.direct_channel(user)
        return SlackAddress(team, user, channel, "", direct=True)

    def _person(self, person_id: str) -> tuple[Person, str]:
        with self.database.read() as session:
            user = self.addresses.slack_user(session, person_id)
            return session.get(Person, person_id), user

    def _person_id(self, team: str, user: str) -> str:
        with self.database.write() as session:
            return self.addresses.person(session, team, user, self.clock()).id

    def _team_and_user(self, person_id: str) -> tuple[str, str]:
        with self.database.read() as session:
            return self.addresses.slack_team_and_user(session, person_id)

    def _keep(self, person_id: str, outsider: bool) -> None:
        with self.database.write() as session:
            person = session.get(Person, person_id)
            person.is_outsider, person.looked_up_at = outsider, self.clock()

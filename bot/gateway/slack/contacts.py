"""The people whom data/routing.yml names to be called: found in Slack, known by person id."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime

import structlog

from bot.db.session import Database
from bot.desk.reminders import is_group
from bot.desk.routing import Queue, Routing
from bot.gateway.addresses import AddressBook
from bot.gateway.outbox import RefusedError, TryLaterError
from bot.gateway.slack.client import Slack, call

log = structlog.get_logger(__name__)


class Contacts:
    """Finds them when asked to, and remembers whom it has found."""

    def __init__(
        self,
        database: Database,
        slack: Slack,
        addresses: AddressBook,
        routing: Routing,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._slack = slack
        self._addresses = addresses
        self._routing = routing
        self._clock = clock
        self.people: dict[str, str] = {}
        """Person ids by what the file calls them: a Slack user or an e-mail address."""

    async def find(self) -> list[str]:
        """Look for those who aren't known yet; return a sentence for each role not found."""
        identity = await self._slack.identity()
        if identity is None or identity.team is None:
            return []
        missing = []
        for where, name in self._named():
            if name in self.people:
                continue
            user = await self._user(name)
            if user is None:
                missing.append(f"{where} isn't in Slack")
                continue
            self.people[name] = await asyncio.to_thread(self._person, identity.team, user)
        return missing

    def of_queue(self, queue: Queue) -> list[str]:
        """Return the ids of the people who look after a queue, as far as they are found."""
        named = (*queue.on_call, *queue.admins, *queue.escalation)
        return list(dict.fromkeys(self.people[name] for name in named if name in self.people))

    def _named(self) -> Iterator[tuple[str, str]]:
        """Give each person's place in the file, in words, and what they are called there."""
        for queue in self._routing.queues.values():
            for role in ("on_call", "escalation", "admins"):
                for name in getattr(queue, role):
                    if not is_group(name):
                        yield f"queue “{queue.name}”: somebody under “{role}”", name
        for owner, names in self._routing.owners.items():
            for name in names:
                if name not in self._routing.queues:
                    yield f"owners: somebody of “{owner}”", name

    async def _user(self, name: str) -> str | None:
        try:
            if "@" in name:
                found = await call(lambda: self._slack.web.users_lookupByEmail(email=name))
            else:
                found = await call(lambda: self._slack.web.users_info(user=name))
        except (TryLaterError, RefusedError) as error:
            log.warning("slack.contact_not_found", reason=str(error))
            return None
        return found["user"]["id"]

    def _person(self, team: str, user: str) -> str:
        with self._database.write() as session:
            return self._addresses.person(session, team, user, self._clock()).id

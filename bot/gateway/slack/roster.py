"""Learns from Slack's list of members who of HR's list is there, and what their clock shows.

Read once a day, and after HR's list has changed: campaigns reach people who never wrote to us.
Nothing is kept of members whom HR's list doesn't have.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import func, select

from bot.db.models import Employee, Person
from bot.db.session import Database
from bot.db.telling import TellingState
from bot.gateway.addresses import AddressBook
from bot.gateway.outbox import RefusedError, TryLaterError
from bot.gateway.slack.client import Slack, call
from bot.privacy.sealing import Seal

log = structlog.get_logger(__name__)

FRESH_FOR = timedelta(days=1)
MEMBERS_A_PAGE = 200
PAGES_AT_MOST = 500
LONGEST_PATIENCE_SECONDS = 30.0
Member = dict[str, Any]


class Roster:
    """Keeps the people of HR's list in step with Slack's members."""

    def __init__(
        self,
        database: Database,
        slack: Slack,
        addresses: AddressBook,
        seal: Seal,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._slack = slack
        self._addresses = addresses
        self._seal = seal
        self._clock = clock

    async def check(self) -> None:
        """Read Slack's list if that is due; what fails is due again with the next check."""
        if not await asyncio.to_thread(self._is_due):
            return
        identity = await self._slack.identity()
        try:
            found = await self._read((identity.team if identity else None) or "")
        except (TryLaterError, RefusedError) as error:
            log.warning("roster.not_read", reason=error.reason)
            return
        log.info("roster.read", members=found)

    def _is_due(self) -> bool:
        with self._database.read() as session:
            changed_at = session.scalar(select(func.max(Employee.updated_at)))
            state = session.get(TellingState, 1)
        if changed_at is None:
            return False
        read_at = state.roster_read_at if state is not None else None
        return read_at is None or read_at < changed_at or read_at < self._clock() - FRESH_FOR

    async def _read(self, team: str) -> int:
        begun, kept = self._clock(), 0
        window: dict[str, Any] = {"limit": MEMBERS_A_PAGE}
        for _ in range(PAGES_AT_MOST):
            page = await self._page(window)
            kept += await asyncio.to_thread(self._keep, team, page["members"])
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                break
            window["cursor"] = cursor
        await asyncio.to_thread(self._note_read, begun)
        return kept

    async def _page(self, window: dict[str, Any]) -> Any:
        """Return one page; where Slack asks for some patience, once more after that."""
        try:
            return await call(lambda: self._slack.web.users_list(**window))
        except TryLaterError as error:
            if error.seconds is None or error.seconds > LONGEST_PATIENCE_SECONDS:
                raise
            await asyncio.sleep(error.seconds)
        return await call(lambda: self._slack.web.users_list(**window))

    def _keep(self, team: str, members: list[Member]) -> int:
        people = [one for one in members if not one.get("is_bot") and one["id"] != "USLACKBOT"]
        with self._database.write() as session:
            slack, email = (
                set(session.scalars(select(column).where(column.is_not(None))))
                for column in (Employee.slack_hash, Employee.email_hash)
            )
            kept = 0
            for member in people:
                home, address = member.get("team_id") or team, self._email_hash(member)
                by_slack = self._seal.fingerprint("slack", home, member["id"])
                if by_slack in slack or address in email:
                    person = self._addresses.person(session, home, member["id"], self._clock())
                    self._fill(person, member, address)
                    kept += 1
        return kept

    def _fill(self, person: Person, member: Member, address: str | None) -> None:
        now = self._clock()
        outside = ("is_restricted", "is_ultra_restricted", "is_stranger")
        person.email_hash = address
        person.time_zone = member.get("tz") or None
        person.is_deactivated = bool(member.get("deleted"))
        if not person.is_deactivated:
            person.is_outsider = any(member.get(flag) for flag in outside)
            person.looked_up_at = now

    def _email_hash(self, member: Member) -> str | None:
        address = member.get("profile", {}).get("email")
        # Until they have confirmed it, anybody could have typed it.
        if not address or member.get("is_email_confirmed") is False:
            return None
        return self._seal.email_fingerprint(address)

    def _note_read(self, at: datetime) -> None:
        with self._database.write() as session:
            state = session.get(TellingState, 1, with_for_update=True)
            if state is None:
                state = TellingState(id=1)
                session.add(state)
            state.roster_read_at = at

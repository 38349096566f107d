"""Puts the report together: figures from the database, themes with the assistant's help."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from bot.db.session import Database
from bot.desk.freshness import Rhythm
from bot.desk.routing import Routing
from bot.faq.book import AnswerBook
from bot.faq.deidentify import deidentified, vocabulary
from bot.faq.live import LiveBook
from bot.gateway.addresses import AddressBook
from bot.gateway.assistant_client import (
    AssistantClient,
    AssistantUnavailableError,
    TurnRefusedError,
)
from bot.listening.periods import Weeks
from bot.listening.report import Report, report
from bot.listening.tables import Table, tables
from bot.listening.themes import AskedInVain, Theme, asked_in_vain, themes
from bot.privacy import audit
from bot.programs.facts import facts as program_facts

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Reporting:
    """See the module."""

    database: Database
    assistant: AssistantClient
    routing: Routing
    live: LiveBook
    company: dict[str, str]
    rhythm: Rhythm
    addresses: AddressBook
    clock: Callable[[], datetime]

    @property
    def book(self) -> AnswerBook:
        """The answers as they hold now, up to a few seconds."""
        return self.live.book

    def weeks(self, count: int) -> Weeks:
        """Return the last whole weeks where HR works."""
        return Weeks.before(self.clock(), count, self.routing.default.hours.zone)

    async def report(self, weeks: Weeks) -> Report:
        """Return the report, without themes while the assistant can't be asked."""
        found = await asyncio.to_thread(self.figures, weeks)
        return replace(found, themes=await self.themes(weeks))

    def figures(self, weeks: Weeks) -> Report:
        """Return the report without themes."""
        with self.database.read() as session:
            return report(session, self.routing, self.book, self.rhythm, weeks, self.clock())

    async def themes(self, weeks: Weeks) -> list[Theme] | None:
        """Return the themes of some weeks, None while the assistant can't be asked."""
        asked = await asyncio.to_thread(self._asked_in_vain, weeks)
        try:
            groups = await self._groups([one.text for one in asked])
        except (AssistantUnavailableError, TurnRefusedError) as error:
            log.warning("report.no_themes", reason=type(error).__name__)
            return None
        return await asyncio.to_thread(self._named, asked, groups)

    async def note(
        self, team: str, user: str, action: str, weeks: Weeks, table: str | None = None
    ) -> None:
        """Write down who has read or downloaded what."""
        await asyncio.to_thread(self._note, team, user, action, weeks, table)

    def _note(self, team: str, user: str, action: str, weeks: Weeks, table: str | None) -> None:
        with self.database.write() as session:
            now = self.clock()
            reader = self.addresses.person(session, team, user, now)
            about = {"since": str(weeks.since), "weeks": weeks.count}
            if table is not None:
                about["table"] = table
            audit.write(session, now, actor=reader.id, action=action, subject="report", **about)

    def tables(self, found: Report) -> list[Table]:
        """Return a report's tables."""
        return tables(found, self.book.title_of)

    def _asked_in_vain(self, weeks: Weeks) -> list[AskedInVain]:
        with self.database.read() as session:
            return asked_in_vain(session, self.routing, weeks.period, weeks.before_these.period)

    async def _groups(self, texts: Sequence[str]) -> list[list[int]]:
        if not texts:
            return []
        return (await self.assistant.tell("group", {"questions": list(texts)}))["groups"]

    def _named(self, asked: Sequence[AskedInVain], groups: list[list[int]]) -> list[Theme]:
        with self.database.read() as session:
            programs = program_facts(session, self.clock().date())
        known = vocabulary(self.book, [*self.company.values(), *programs.values()])
        return themes(asked, groups, lambda text: deidentified(text, known))

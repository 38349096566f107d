"""A reminder is asked for with a tap, comes once, and never at night where its person is."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.db.models import Conversation, OutboxRow
from bot.db.reminders import ProgramReminder
from bot.db.session import Database
from bot.gateway.addresses import AddressBook
from bot.gateway.outbox import TryLaterError
from bot.gateway.slack.client import Slack
from bot.gateway.slack.people import People
from bot.gateway.slack.reminding import Reminding
from bot.gateway.wording import Wording
from bot.programs.catalogue import import_programs
from bot.programs.reminders import cancel, put_due
from bot.sandbox.app import SandboxServer
from bot.sandbox.blocks import check_message_blocks
from bot.sandbox.seed import ROBIN
from bot.settings import ROOT

from ...desk.office import CHICAGO, chicago
from ...records import Clock
from ..places import DIRECT

MEANING = {
    "gateway": "remind",
    "program": "tuition-assistance",
    "window": "Spring term 2027",
    "stage": "closes",
}
WEEK_BEFORE = chicago("2026-12-08 09:00")


def is_quiet(zone: str | None, now: datetime) -> bool:
    return not 8 <= now.astimezone(ZoneInfo(zone or "America/Chicago")).hour < 19


class Asker:
    """Robin, and what becomes of their reminder."""

    def __init__(
        self, database: Database, slack: Slack, addresses: AddressBook, clock: Clock, say: Wording
    ) -> None:
        self.database, self.clock = database, clock
        people = People(database, addresses, slack, clock)
        self.reminding = Reminding(database, slack, addresses, people, say, clock, is_quiet)
        with database.write() as session:
            import_programs(session, ROOT / "data" / "programs.yml")
            self.conversation = addresses.conversation(session, DIRECT, clock()).id

    def ask(self) -> None:
        with self.database.write() as session:
            conversation = session.get(Conversation, self.conversation)
            self.reminding.ask(session, conversation, MEANING)

    def rows(self, kind: str) -> list[OutboxRow]:
        with self.database.read() as session:
            return list(session.scalars(select(OutboxRow).where(OutboxRow.kind == kind)))

    def said(self) -> list[str]:
        return [row.payload["messages"][0]["text"] for row in self.rows("notice")]

    def tick(self) -> None:
        with self.database.write() as session:
            put_due(session, self.clock(), CHICAGO)

    def deliver(self) -> None:
        for row in self.rows("program_reminder"):
            asyncio.run(self.reminding.remind(row))

    def reminder(self) -> ProgramReminder:
        with self.database.read() as session:
            return session.scalar(select(ProgramReminder))


@pytest.fixture
def asker(
    quick: Database, slack: Slack, addresses: AddressBook, clock: Clock, wording: Wording
) -> Asker:
    return Asker(quick, slack, addresses, clock, wording)


def told(sandbox: SandboxServer) -> list[Any]:
    return sandbox.workspace.from_bot(sandbox.workspace.dm(ROBIN).id)


def test_asking_twice_is_asking_once_and_says_when_it_comes(asker: Asker) -> None:
    asker.ask()
    asker.ask()
    (text,) = asker.said()
    assert "December 8, 2026, a week before Tuition assistance (Spring term 2027) closes" in text


def test_it_comes_in_direct_messages_with_a_way_on(asker: Asker, sandbox: SandboxServer) -> None:
    asker.ask()
    asker.clock.now = WEEK_BEFORE
    for _ in range(2):
        asker.tick()
        asker.deliver()
    (message,) = told(sandbox)
    assert "closes on December 15, 2026" in message.text
    assert "home_details:tuition-assistance" in str(message.blocks)
    assert check_message_blocks(message.blocks) == []
    assert asker.reminder().status == "sent"


@pytest.mark.parametrize(
    ("zone", "comes"), [("America/Chicago", True), ("Asia/Tokyo", False), ("Europe/Rome", True)]
)
def test_nobody_is_woken_by_their_own_clock(
    asker: Asker, sandbox: SandboxServer, zone: str, comes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = sandbox.workspace.people[ROBIN]
    plain = type(person).to_slack
    monkeypatch.setattr(
        type(person), "to_slack", lambda self, *a, **k: {**plain(self, *a, **k), "tz": zone}
    )
    asker.ask()
    asker.clock.now = WEEK_BEFORE
    asker.tick()
    if not comes:
        with pytest.raises(TryLaterError):
            asker.deliver()
        assert told(sandbox) == []
        asker.clock.now += timedelta(hours=9)
    asker.deliver()
    assert len(told(sandbox)) == 1


def test_what_was_cancelled_on_the_way_does_not_come(asker: Asker, sandbox: SandboxServer) -> None:
    asker.ask()
    asker.clock.now = WEEK_BEFORE
    asker.tick()
    reminder = asker.reminder()
    with asker.database.write() as session:
        assert cancel(session, reminder.person_id, reminder.id, asker.clock())
    asker.deliver()
    assert told(sandbox) == []
    assert asker.reminder().status == "stopped"


def test_an_outsider_hears_nothing_of_an_internal_program(
    asker: Asker, sandbox: SandboxServer
) -> None:
    asker.ask()
    asker.clock.now = WEEK_BEFORE
    asker.tick()
    sandbox.workspace.people[ROBIN].is_restricted = True
    asker.deliver()
    assert told(sandbox) == []
    assert asker.reminder().status == "missed"


def test_a_tap_that_comes_too_late_is_told_so(asker: Asker) -> None:
    asker.clock.now = WEEK_BEFORE
    asker.ask()
    (text,) = asker.said()
    assert "less than a week" in text

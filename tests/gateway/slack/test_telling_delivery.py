"""What people are told leaves once, is looked at at the last moment, and keeps to Slack's pace."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from bot.db.models import OutboxRow, Person
from bot.db.queues import claim
from bot.db.session import Database
from bot.db.telling import Campaign, Telling
from bot.gateway.addresses import AddressBook
from bot.gateway.outbox import Outbox
from bot.gateway.slack.client import Slack
from bot.gateway.slack.telling_delivery import TellingDelivery
from bot.sandbox.app import SandboxServer
from bot.sandbox.seed import CASEY, ROBIN
from bot.telling import answers
from bot.telling.choosing import Source, put
from bot.telling.gentle import Limits
from bot.telling.quiet_hours import QuietHours

from ...records import Clock
from ..places import TEAM
from .conftest import LEASE

LIMITS = Limits(1, QuietHours(19 * 60, 8 * 60, ZoneInfo("America/Chicago")))
MORNING = datetime(2026, 11, 30, 15, 0, tzinfo=timezone.utc)
TITLE = "Ask me anything"


class Telephone:
    """A campaign, people, and the outbox with our deliverer."""

    def __init__(self, database: Database, slack: Slack, addresses: AddressBook) -> None:
        self.database, self.addresses, self.clock = database, addresses, Clock(MORNING)
        delivery = TellingDelivery(database, slack, addresses, LIMITS, (), self.clock)
        self._outbox = Outbox(database, delivery.deliverers(), worker="one", clock=self.clock)
        with database.write() as session:
            session.add(
                Campaign(
                    id="ask",
                    origin="file",
                    title=TITLE,
                    text="At any hour.",
                    conditions={},
                    starts_on=date(2026, 11, 30),
                    reminder_days=[],
                    status="running",
                    created_at=MORNING,
                    revision=0,
                )
            )

    def put(self, user: str, which: str = "1") -> int:
        with self.database.write() as session:
            person = self.addresses.person(session, TEAM, user, MORNING)
            source = Source("campaign", "ask", None, {}, None)
            return put(session, source, person.id, which, MORNING).id

    def attempt(self) -> list[OutboxRow]:
        with self.database.write() as session:
            rows = claim(session, OutboxRow, worker="one", now=self.clock(), lease=LEASE, limit=10)

        async def run() -> None:
            for row in rows:
                await self._outbox.handle(row)

        asyncio.run(run())
        with self.database.read() as session:
            return [session.get(OutboxRow, row.id) for row in rows]

    def telling(self, number: int) -> Telling:
        with self.database.read() as session:
            return session.get(Telling, number)

    def campaign(self, change: str) -> None:
        with self.database.write() as session:
            campaign = session.get(Campaign, "ask")
            campaign.status = change


@pytest.fixture
def telephone(quick: Database, slack: Slack, addresses: AddressBook) -> Telephone:
    return Telephone(quick, slack, addresses)


def got(sandbox: SandboxServer, user: str = ROBIN) -> int:
    return sum(TITLE in message.text for message in sandbox.messages(user=user))


def test_it_arrives_once_and_stands_in_the_record(
    telephone: Telephone, sandbox: SandboxServer
) -> None:
    number = telephone.put(ROBIN)
    (row,) = telephone.attempt()
    assert (row.status, got(sandbox)) == ("sent", 1)
    assert (telephone.telling(number).status, telephone.telling(number).told_at) == (
        "told",
        MORNING,
    )
    # A first attempt takes one call.
    assert sandbox.calls("conversations.open") == []


def test_what_may_have_arrived_is_looked_for(telephone: Telephone, sandbox: SandboxServer) -> None:
    number = telephone.put(ROBIN)
    sandbox.faults.cut("chat.postMessage")
    (row,) = telephone.attempt()
    assert row.status == "pending"
    telephone.clock.advance(120)
    telephone.attempt()
    assert got(sandbox) == 1
    assert telephone.telling(number).status == "told"


def test_when_slack_says_too_fast_all_of_them_wait(
    telephone: Telephone, sandbox: SandboxServer
) -> None:
    telephone.put(ROBIN)
    telephone.put(CASEY)
    sandbox.faults.rate_limit("chat.postMessage", retry_after=20)
    rows = telephone.attempt()
    assert [row.last_error for row in rows] == ["ratelimited"] * 2
    assert len(sandbox.calls("chat.postMessage")) == 1
    telephone.clock.advance(19)
    assert telephone.attempt() == []
    telephone.clock.advance(2)
    assert [row.status for row in telephone.attempt()] == ["sent"] * 2


@pytest.mark.parametrize("status", ["stopped", "gone"])
def test_a_stopped_campaign_leaves_nothing(
    telephone: Telephone, sandbox: SandboxServer, status: str
) -> None:
    number = telephone.put(ROBIN)
    telephone.campaign("stopped")
    if status == "gone":
        with telephone.database.write() as session:
            session.delete(session.get(Campaign, "ask"))
    telephone.attempt()
    assert got(sandbox) == 0
    assert telephone.telling(number).status == "withdrawn"


def test_who_has_said_stop_gets_nothing_that_waited(
    telephone: Telephone, sandbox: SandboxServer
) -> None:
    number = telephone.put(ROBIN)
    with telephone.database.write() as session:
        answers.stop(session, session.get(Telling, number).person_id, MORNING)
    telephone.attempt()
    assert got(sandbox) == 0
    assert telephone.telling(number).status == "withdrawn"


def test_a_paused_campaign_is_held_and_goes_on(
    telephone: Telephone, sandbox: SandboxServer
) -> None:
    telephone.put(ROBIN)
    telephone.campaign("paused")
    (row,) = telephone.attempt()
    assert (row.last_error, got(sandbox)) == ("held", 0)
    telephone.campaign("running")
    telephone.clock.advance(61)
    telephone.attempt()
    assert got(sandbox) == 1


def test_what_still_waits_at_night_leaves_in_the_morning(
    telephone: Telephone, sandbox: SandboxServer
) -> None:
    number = telephone.put(ROBIN)
    with telephone.database.write() as session:
        person = session.get(Person, session.get(Telling, number).person_id)
        person.time_zone = "Asia/Tokyo"
    (row,) = telephone.attempt()
    assert (row.last_error, got(sandbox)) == ("quiet_hours", 0)
    telephone.clock.advance(timedelta(hours=9).total_seconds())
    telephone.attempt()
    assert got(sandbox) == 1


def test_whom_slack_refuses_is_not_counted_as_told(
    telephone: Telephone, sandbox: SandboxServer
) -> None:
    number = telephone.put(ROBIN)
    sandbox.faults.error("chat.postMessage", "user_disabled", times=20)
    for _ in range(8):
        telephone.attempt()
        telephone.clock.advance(600)
    assert telephone.telling(number).status == "failed"
    assert telephone.telling(number).told_at is None

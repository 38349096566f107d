"""A Slack double over HTTP with our delivery in front of it, one attempt at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from bot.db.models import OutboxRow
from bot.db.queues import claim, enqueue
from bot.db.session import Database
from bot.desk.routing import Queue, Routing
from bot.faq.book import AnswerBook, Variant
from bot.gateway.addresses import AddressBook, SlackAddress
from bot.gateway.outbox import Outbox
from bot.gateway.slack.case_delivery import CaseDelivery
from bot.gateway.slack.channels import HRChannels
from bot.gateway.slack.client import Slack, web_client
from bot.gateway.slack.contacts import Contacts
from bot.gateway.slack.delivery import SlackDelivery
from bot.gateway.wording import Wording
from bot.sandbox.app import SandboxServer
from bot.sandbox.seed import HR_CHANNEL

from ...records import Clock
from ..places import DIRECT

Value = TypeVar("Value")
LEASE = timedelta(seconds=60)
ROUTING = Routing(
    {"default": Queue("default", "HR", HR_CHANNEL, None, (), (), ("employee", "candidate"))}
)
BOOK = AnswerBook({"utter_benefits/dental": (Variant("Half.", "both", {"title": "Dental"}),)})


@pytest.fixture(scope="session")
def _stopping() -> Iterator[ThreadPoolExecutor]:
    # Stopping a double takes a fifth of a second in which the next test can run.
    with ThreadPoolExecutor(4) as pool:
        yield pool


@pytest.fixture
def sandbox(_stopping: ThreadPoolExecutor) -> Iterator[SandboxServer]:
    """Give a Slack double that calls nobody."""
    server = SandboxServer("http://127.0.0.1:1/slack/events").start()
    yield server
    _stopping.submit(server.stop)


@pytest.fixture
def slack(sandbox: SandboxServer, wording: Wording) -> Slack:
    """Give our client on the double, built as the gateway builds it."""
    return Slack(web_client(sandbox.bot_token, sandbox.api_url), wording)


class Delivery:
    """The outbox with the deliverers for Slack."""

    def __init__(
        self, database: Database, slack: Slack, addresses: AddressBook, clock: Clock
    ) -> None:
        self.database, self.addresses, self.clock = database, addresses, clock
        contacts = Contacts(database, slack, addresses, ROUTING, clock)
        channels = HRChannels(database, slack, ROUTING, contacts, clock)
        self._deliverers = {
            **SlackDelivery(database, slack, addresses).deliverers(),
            **CaseDelivery(database, slack, addresses, ROUTING, BOOK, channels).deliverers(),
        }

    def conversation(self, address: SlackAddress = DIRECT) -> str:
        with self.database.write() as session:
            return self.addresses.conversation(session, address, self.clock()).id

    def put(self, messages: list[dict[str, Any]], address: SlackAddress = DIRECT) -> int:
        conversation = self.conversation(address)
        with self.database.write() as session:
            return enqueue(
                session,
                delivery_key=f"reply:{len(messages)}:{address.channel}:{address.thread}",
                kind="reply",
                lane=conversation,
                payload={"messages": messages},
                audience="both",
                conversation_id=conversation,
                now=self.clock(),
            ).id

    def attempt(self) -> list[OutboxRow]:
        """Try everything that is due, once; return the rows as they are then."""
        with self.database.write() as session:
            rows = claim(session, OutboxRow, worker="one", now=self.clock(), lease=LEASE, limit=10)
        outbox = Outbox(self.database, self._deliverers, worker="one", clock=self.clock)

        async def run() -> None:
            for row in rows:
                await outbox.handle(row)

        asyncio.run(run())
        return [self.row(row.id) for row in rows]

    def all_that_is_due(self) -> None:
        while self.attempt():
            pass

    def attempt_when_due(self, row_id: int) -> OutboxRow:
        self.clock.now = max(self.clock.now, self.row(row_id).due_at)
        self.attempt()
        return self.row(row_id)

    def row(self, row_id: int) -> OutboxRow:
        with self.database.read() as session:
            return session.get(OutboxRow, row_id)


@pytest.fixture
def delivery(quick: Database, slack: Slack, addresses: AddressBook, clock: Clock) -> Delivery:
    """Give the outbox with the deliverers for Slack."""
    return Delivery(quick, slack, addresses, clock)

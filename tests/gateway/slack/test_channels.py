from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from bot.db.models import Case, OutboxRow
from bot.db.queues import claim
from bot.db.session import Database
from bot.desk import cases, work
from bot.desk.cases import Actor
from bot.desk.routing import Queue, Routing
from bot.faq.book import AnswerBook
from bot.gateway.addresses import AddressBook
from bot.gateway.outbox import Outbox, RefusedError, TryLaterError
from bot.gateway.slack.case_delivery import CaseDelivery
from bot.gateway.slack.channels import RETRY_SECONDS, HRChannels
from bot.gateway.slack.client import Slack
from bot.gateway.slack.contacts import Contacts
from bot.sandbox.app import SandboxServer
from bot.sandbox.model import Message
from bot.sandbox.seed import (
    ANNOUNCEMENTS,
    ARCHIVED,
    DANA,
    GENERAL,
    HR_CHANNEL,
    HR_SENSITIVE_CHANNEL,
    HR_USER_GROUP,
    SAM,
)

from ...records import Clock
from ..places import DIRECT, TEAM

DEFAULT = Queue("default", "HR questions", HR_CHANNEL, None, (), (), ("employee",))
UNKNOWN = "C0NOSUCH001"
SECRET = "My boss hides my pay slips."
BLOCKS = [{"type": "section", "text": {"type": "mrkdwn", "text": SECRET}}]


def queue(channel: str, **more: Any) -> Queue:
    return replace(DEFAULT, name="pay", title="Pay", channel=channel, **more)


def restricted(channel: str, **more: Any) -> Queue:
    return queue(channel, restricted=True, **more)


class Office:
    """HR's channels on a Slack double."""

    def __init__(
        self, database: Database, slack: Slack, addresses: AddressBook, clock: Clock
    ) -> None:
        self.parts = database, slack, addresses, clock
        self.database, self.clock = database, clock

    def channels(self, *queues: Queue) -> HRChannels:
        database, slack, addresses, clock = self.parts
        routing = Routing({q.name: q for q in (DEFAULT, *queues)})
        self.contacts = Contacts(database, slack, addresses, routing, clock)
        return HRChannels(database, slack, routing, self.contacts, clock)

    def post(self, channels: HRChannels, to: Queue, *, sensitive: bool = False) -> str:
        message = {"text": SECRET, "blocks": BLOCKS, "delivery_key": "card:1"}
        posting = channels.post(to, sensitive=sensitive, unknown_since=None, **message)
        return asyncio.run(posting).channel

    def warnings(self, *queues: Queue) -> list[str]:
        channels = self.channels(*queues)
        asyncio.run(channels.check())
        return channels.warnings

    def alarms(self) -> list[OutboxRow]:
        with self.database.read() as session:
            wanted = select(OutboxRow).where(OutboxRow.kind == "channel_alarm")
            return list(session.scalars(wanted.order_by(OutboxRow.id)))


@pytest.fixture
def office(quick: Database, slack: Slack, addresses: AddressBook, clock: Clock) -> Office:
    return Office(quick, slack, addresses, clock)


def everything_posted(sandbox: SandboxServer, *but: str) -> list[Message]:
    channels: Iterable[str] = sandbox.workspace.channels
    return [m for c in channels if c not in but for m in sandbox.workspace.from_bot(c)]


# Looking at them


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (queue(ARCHIVED), "archived"),
        (queue(ANNOUNCEMENTS), "the app isn't in it"),
        (queue(UNKNOWN), "Slack doesn't know it"),
        (restricted(GENERAL), "others can read it"),
        (restricted(HR_CHANNEL), "reads along: set SLACK_HR_SENSITIVE_CHANNEL"),
    ],
)
def test_a_channel_that_will_not_do_is_named_loudly(
    office: Office, wrong: Queue, says: str
) -> None:
    with capture_logs() as logs:
        (warning,) = office.warnings(wrong)
    assert "“pay”" in warning
    assert says in warning
    errors = [line for line in logs if line["log_level"] == "error"]
    assert [line["problem"] for line in errors] == [warning]


@pytest.mark.parametrize(
    "good", [queue(HR_CHANNEL), queue(GENERAL), restricted(HR_SENSITIVE_CHANNEL)]
)
def test_of_channels_that_will_do_nothing_is_said(office: Office, good: Queue) -> None:
    assert office.warnings(good) == []


def test_a_private_channel_shared_with_others_is_not_private(
    office: Office, sandbox: SandboxServer
) -> None:
    sandbox.workspace.channels[HR_SENSITIVE_CHANNEL].is_ext_shared = True
    (warning,) = office.warnings(restricted(HR_SENSITIVE_CHANNEL))
    assert "private channel of this workspace" in warning


def test_that_slack_is_away_is_no_fault_of_a_channel(
    office: Office, sandbox: SandboxServer
) -> None:
    sandbox.faults.server_error("conversations.info", times=9)
    assert office.warnings(queue(ARCHIVED)) == []


def test_an_app_that_may_not_look_is_told_to_be_installed_again(
    office: Office, sandbox: SandboxServer
) -> None:
    app = sandbox.workspace.app
    sandbox.workspace.app = replace(app, scopes=app.scopes - {"groups:read"})
    warnings = office.warnings(restricted(HR_SENSITIVE_CHANNEL))
    assert len(warnings) == 2
    assert all("install it again" in warning for warning in warnings)
    channels = office.channels(restricted(HR_SENSITIVE_CHANNEL))
    assert office.post(channels, restricted(HR_SENSITIVE_CHANNEL)) == HR_SENSITIVE_CHANNEL


def test_whoever_is_named_is_found_by_user_or_mail_and_missed_if_not(office: Office) -> None:
    named = queue(
        HR_CHANNEL,
        on_call=(SAM, HR_USER_GROUP),
        admins=("sam.ortiz@cedarvalley.example", "U0GONE00001"),
        escalation=("dana.wu@cedarvalley.example",),
    )
    (warning,) = office.warnings(named)
    assert warning == "queue “pay”: somebody under “admins” isn't in Slack"
    people = office.contacts.people
    assert set(people) == {SAM, "sam.ortiz@cedarvalley.example", "dana.wu@cedarvalley.example"}
    assert people[SAM] == people["sam.ortiz@cedarvalley.example"]
    assert len(office.contacts.of_queue(named)) == 2


# Posting into them


@pytest.mark.parametrize("good", [queue(GENERAL), restricted(HR_SENSITIVE_CHANNEL)])
def test_a_question_goes_into_its_queues_channel(
    office: Office, sandbox: SandboxServer, good: Queue
) -> None:
    assert office.post(office.channels(good), good) == good.channel
    (message,) = everything_posted(sandbox)
    assert SECRET in str(message.blocks)


@pytest.mark.parametrize("channel", [ARCHIVED, UNKNOWN])
def test_where_that_fails_it_goes_to_the_default_channel_and_says_which_failed(
    office: Office, sandbox: SandboxServer, channel: str
) -> None:
    wrong = queue(channel)
    with capture_logs() as logs:
        assert office.post(office.channels(wrong), wrong) == HR_CHANNEL
    (message,) = sandbox.workspace.from_bot(HR_CHANNEL)
    assert channel in message.text
    assert SECRET in message.text
    assert channel in str(message.blocks[0])
    assert "“Pay”" in str(message.blocks[0])
    assert SECRET in str(message.blocks[1:])
    assert [line["event"] for line in logs if line["log_level"] == "error"] == [
        "desk.channel_fails"
    ]


@pytest.mark.parametrize(
    ("wrong", "sensitive"),
    [
        (restricted(ARCHIVED, on_call=(DANA,)), True),
        (restricted(UNKNOWN, on_call=(DANA,)), False),
        (restricted(GENERAL, on_call=(DANA,)), True),
        (queue(ARCHIVED, on_call=(DANA,)), True),
    ],
)
def test_what_is_sensitive_waits_and_its_people_hear_so_once_a_day(
    office: Office, sandbox: SandboxServer, wrong: Queue, sensitive: bool
) -> None:
    channels = office.channels(wrong)
    asyncio.run(channels.check())
    for _ in range(3):
        with pytest.raises(TryLaterError) as caught:
            office.post(channels, wrong, sensitive=sensitive)
        assert caught.value.seconds == RETRY_SECONDS
    assert everything_posted(sandbox) == []
    (alarm,) = office.alarms()
    assert alarm.payload["person"] == office.contacts.people[DANA]
    assert SECRET not in str(alarm.payload)
    office.clock.now += timedelta(days=1)
    with pytest.raises(TryLaterError):
        office.post(channels, wrong, sensitive=sensitive)
    assert len(office.alarms()) == 2


def test_once_its_channel_works_again_it_is_posted(office: Office, sandbox: SandboxServer) -> None:
    wrong = restricted(HR_SENSITIVE_CHANNEL)
    channel = sandbox.workspace.channels[HR_SENSITIVE_CHANNEL]
    channels = office.channels(wrong)
    channel.is_archived = True
    with pytest.raises(TryLaterError):
        office.post(channels, wrong, sensitive=True)
    channel.is_archived = False
    assert office.post(channels, wrong, sensitive=True) == HR_SENSITIVE_CHANNEL


def test_the_default_queue_has_nowhere_else_to_go_and_waits(
    office: Office, sandbox: SandboxServer
) -> None:
    sandbox.workspace.channels[HR_CHANNEL].is_archived = True
    with pytest.raises(TryLaterError, match="is_archived"):
        office.post(office.channels(), DEFAULT)


def test_with_both_channels_gone_it_waits(office: Office, sandbox: SandboxServer) -> None:
    sandbox.workspace.channels[HR_CHANNEL].is_archived = True
    with pytest.raises(TryLaterError, match="is_archived"):
        office.post(office.channels(queue(UNKNOWN)), queue(UNKNOWN))


def test_what_slack_refuses_for_another_reason_is_refused(
    office: Office, sandbox: SandboxServer
) -> None:
    sandbox.faults.error("chat.postMessage", "invalid_blocks")
    with pytest.raises(RefusedError, match="invalid_blocks"):
        office.post(office.channels(), DEFAULT)
    assert everything_posted(sandbox) == []


# Cards


class Cards:
    """Cards of cases in the queue `pay`, delivered on the double."""

    def __init__(self, office: Office, channels: HRChannels, to: Queue) -> None:
        database, slack, addresses, clock = office.parts
        self.database, self.addresses, self.clock = database, addresses, clock
        self.routing = Routing({"pay": to, "default": DEFAULT})
        delivery = CaseDelivery(
            database, slack, addresses, self.routing, AnswerBook({}), channels
        ).deliverers()
        self.outbox = Outbox(database, delivery, worker="one", clock=clock)

    def open_case(self) -> int:
        with self.database.write() as session:
            conversation = self.addresses.conversation(session, DIRECT, self.clock.now)
            return cases.open_case(
                session,
                turn_id="turn:1",
                conversation_id=conversation.id,
                question=SECRET,
                topic="pay/payday",
                routing=self.routing,
                now=self.clock.now,
            ).id

    def note(self, number: int) -> None:
        with self.database.write() as session:
            hr = self.addresses.person(session, TEAM, SAM, self.clock.now).id
            work.add_note(session, number, Actor("hr", hr), "Seen.", self.clock.now)

    def deliver(self) -> list[OutboxRow]:
        lease = timedelta(seconds=60)
        with self.database.write() as session:
            now = self.clock.now
            claimed = claim(session, OutboxRow, worker="one", now=now, lease=lease, limit=10)
        rows = [row for row in claimed if row.kind == "case_card"]
        for row in rows:
            asyncio.run(self.outbox.handle(row))
        with self.database.read() as session:
            return [session.get(OutboxRow, row.id) for row in rows]


@pytest.mark.parametrize("is_restricted", [False, True])
def test_a_card_whose_channel_was_archived_since_is_not_lost(
    office: Office, sandbox: SandboxServer, is_restricted: bool
) -> None:
    to = queue(HR_SENSITIVE_CHANNEL, categories=("pay",), restricted=is_restricted)
    cards = Cards(office, office.channels(to), to)
    number = cards.open_case()
    cards.deliver()
    assert len(sandbox.workspace.from_bot(HR_SENSITIVE_CHANNEL)) == 1
    sandbox.workspace.channels[HR_SENSITIVE_CHANNEL].is_archived = True
    cards.note(number)
    (row,) = cards.deliver()
    elsewhere = everything_posted(sandbox, HR_SENSITIVE_CHANNEL)
    if is_restricted:
        assert (row.status, row.last_error) == ("pending", "is_archived")
        assert (row.due_at - office.clock.now).total_seconds() == RETRY_SECONDS
        assert elsewhere == []
        return
    (card,) = elsewhere
    assert (row.status, card.channel) == ("sent", HR_CHANNEL)
    assert HR_SENSITIVE_CHANNEL in card.text
    with cards.database.read() as session:
        case = session.get(Case, number)
    assert (case.card_channel, case.card_ts) == (HR_CHANNEL, card.ts)
    cards.note(number)
    cards.deliver()
    (card,) = everything_posted(sandbox, HR_SENSITIVE_CHANNEL)
    assert f"This belongs into {HR_SENSITIVE_CHANNEL}" in str(card.blocks[0])


def test_what_waits_is_never_given_up(office: Office, sandbox: SandboxServer) -> None:
    to = restricted(HR_SENSITIVE_CHANNEL, categories=("pay",))
    channel = sandbox.workspace.channels[HR_SENSITIVE_CHANNEL]
    channel.is_archived = True
    cards = Cards(office, office.channels(to), to)
    cards.open_case()
    for _ in range(30):
        (row,) = cards.deliver()
        assert row.status == "pending"
        office.clock.now += timedelta(seconds=RETRY_SECONDS)
    channel.is_archived = False
    (row,) = cards.deliver()
    assert row.status == "sent"
    assert len(sandbox.workspace.from_bot(HR_SENSITIVE_CHANNEL)) == 1


def test_a_card_that_somebody_deleted_comes_again(office: Office, sandbox: SandboxServer) -> None:
    to = queue(HR_CHANNEL, categories=("pay",))
    cards = Cards(office, office.channels(to), to)
    number = cards.open_case()
    cards.deliver()
    cards.note(number)
    sandbox.faults.error("chat.update", "message_not_found")
    cards.deliver()
    _, again = (m for m in sandbox.workspace.from_bot(HR_CHANNEL) if m.thread_ts is None)
    with cards.database.read() as session:
        assert session.get(Case, number).card_ts == again.ts

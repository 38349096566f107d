from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.db.models import Case, OutboxRow
from bot.db.session import Database
from bot.desk import cases, work
from bot.desk.cases import Actor
from bot.desk.digest import post_digests
from bot.desk.reminders import remind
from bot.desk.routing import Routing
from bot.faq.book import AnswerBook, Variant
from bot.gateway.addresses import AddressBook
from bot.gateway.outbox import TryLaterError
from bot.gateway.slack.channels import HRChannels
from bot.gateway.slack.client import Slack
from bot.gateway.slack.contacts import Contacts
from bot.gateway.slack.notices import DeskNotices
from bot.sandbox.app import SandboxServer
from bot.sandbox.seed import DANA, HR_CHANNEL, HR_SENSITIVE_CHANNEL, HR_USER_GROUP, SAM

from ...desk.office import ROUTING, chicago
from ...records import Clock
from ..places import DIRECT, TEAM

BOOK = AnswerBook({"utter_benefits/dental": (Variant("Half.", "both", {"title": "Dental"}),)})
QUESTION = "Is a crown paid for my son?"
MONDAY_NINE = chicago("2026-11-23 09:00")


class Desk:
    """A desk with three queues in the double's channels, and the deliverers of its notices."""

    def __init__(
        self, database: Database, slack: Slack, addresses: AddressBook, clock: Clock
    ) -> None:
        self.database, self.slack, self.addresses, self.clock = database, slack, addresses, clock
        places = {"relations": HR_SENSITIVE_CHANNEL}
        self.routing = Routing(
            {
                name: replace(
                    queue,
                    channel=places.get(name, HR_CHANNEL),
                    on_call=(SAM,),
                    escalation=(HR_USER_GROUP,),
                )
                for name, queue in ROUTING.queues.items()
            }
        )
        contacts = Contacts(database, slack, addresses, self.routing, clock)
        asyncio.run(contacts.find())
        self.people = contacts.people
        channels = HRChannels(database, slack, self.routing, contacts, clock)
        self.deliverers = DeskNotices(
            database, slack, addresses, self.routing, BOOK, channels, clock
        ).deliverers()

    def open_case(self, topic: str | None = "benefits/dental", posted: bool = True) -> int:
        with self.database.write() as session:
            case = cases.open_case(
                session,
                turn_id=f"turn:{topic}:{self.clock.now}",
                conversation_id=self.addresses.conversation(session, DIRECT, self.clock.now).id,
                question=QUESTION,
                topic=topic,
                routing=self.routing,
                now=self.clock.now,
            )
            if posted:
                channel = self.routing.queue_of(case).channel
                card = asyncio.run(
                    self.slack.post(channel=channel, text="card", blocks=None, delivery_key="card")
                )
                case.card_channel, case.card_ts = card.channel, card.ts
            return case.id

    def put(self, job: Any) -> None:
        with self.database.write() as session:
            job(session, self.clock.now)

    def tick(self) -> None:
        self.put(lambda session, now: remind(session, self.routing, self.people, now))

    def deliver(self, *kinds: str) -> None:
        with self.database.read() as session:
            rows = [r for r in session.query(OutboxRow) if r.kind in (kinds or self.deliverers)]
        for row in rows:
            asyncio.run(self.deliverers[row.kind](row))


@pytest.fixture
def desk(quick: Database, slack: Slack, addresses: AddressBook, clock: Clock) -> Desk:
    clock.now = MONDAY_NINE
    return Desk(quick, slack, addresses, clock)


def texts(sandbox: SandboxServer, channel: str) -> list[str]:
    said = [m for m in sandbox.workspace.from_bot(channel) if m.text != "card"]
    return [f"{message.text}\n{message.blocks}" for message in said]


def direct(sandbox: SandboxServer, user: str) -> list[str]:
    return texts(sandbox, sandbox.workspace.dm(user).id)


def test_who_is_on_call_gets_a_message_with_a_link_and_no_question(
    desk: Desk, sandbox: SandboxServer
) -> None:
    number = desk.open_case()
    desk.clock.now += timedelta(hours=3)
    desk.tick()
    desk.deliver()
    (told,) = direct(sandbox, SAM)
    assert f"HR-{1000 + number}" in told
    assert "first reply due by Mon 23 Nov, 13:00. Nobody has claimed it." in told
    assert f"/archives/{HR_CHANNEL}/p" in told
    assert QUESTION not in told
    assert texts(sandbox, HR_CHANNEL) == []


def test_an_escalation_group_is_rung_in_the_queues_own_channel(
    desk: Desk, sandbox: SandboxServer
) -> None:
    desk.open_case("relations/union")
    desk.clock.now += timedelta(hours=4)
    desk.tick()
    desk.deliver()
    (told,) = texts(sandbox, HR_SENSITIVE_CHANNEL)
    assert f"<!subteam^{HR_USER_GROUP}>" in told
    assert "a first reply was due by Mon 23 Nov, 13:00" in told
    assert texts(sandbox, HR_CHANNEL) == []


def test_who_has_claimed_a_case_gets_its_reminder(desk: Desk, sandbox: SandboxServer) -> None:
    number = desk.open_case(posted=False)
    with desk.database.write() as session:
        dana = desk.addresses.person(session, TEAM, DANA, desk.clock.now).id
        work.claim(session, number, Actor("hr", dana), desk.clock.now)
    desk.clock.now += timedelta(hours=3)
    desk.tick()
    desk.deliver()
    (told,) = direct(sandbox, DANA)
    assert "Nobody has claimed it" not in told
    assert direct(sandbox, SAM) == []


def test_a_reminder_that_was_held_up_says_only_what_is_still_true(
    desk: Desk, sandbox: SandboxServer
) -> None:
    done = desk.open_case()
    desk.clock.now += timedelta(minutes=1)
    waiting = desk.open_case()
    desk.clock.now += timedelta(hours=3)
    desk.tick()
    with desk.database.write() as session:
        work.answer(session, done, Actor("hr", desk.people[SAM]), "Half.", desk.clock.now)
    desk.deliver()
    (told,) = direct(sandbox, SAM)
    assert f"HR-{1000 + waiting}" in told
    assert f"HR-{1000 + done}" not in told
    with desk.database.write() as session:
        session.get(Case, waiting).first_replied_at = desk.clock.now
    desk.deliver()
    assert len(direct(sandbox, SAM)) == 1


def test_a_reminder_that_was_held_up_into_the_night_waits_for_the_morning(
    desk: Desk, sandbox: SandboxServer
) -> None:
    desk.open_case()
    desk.clock.now += timedelta(hours=3)
    desk.tick()
    desk.clock.now = chicago("2026-11-23 20:00")
    with pytest.raises(TryLaterError) as caught:
        desk.deliver()
    assert caught.value.seconds == 12 * 3600
    assert direct(sandbox, SAM) == []


def test_many_reminders_are_one_message_of_bearable_length(
    desk: Desk, sandbox: SandboxServer
) -> None:
    for _ in range(18):
        desk.clock.now += timedelta(seconds=1)
        desk.open_case(posted=False)
    desk.clock.now += timedelta(hours=3)
    desk.tick()
    desk.deliver()
    (told,) = direct(sandbox, SAM)
    assert told.partition("\n[")[0].count("first reply due by") == 15
    assert "and 3 more" in told


def test_the_summary_of_a_queue_is_in_its_channel(desk: Desk, sandbox: SandboxServer) -> None:
    first = desk.open_case()
    desk.clock.now = chicago("2026-11-23 16:00")
    second = desk.open_case()
    desk.open_case(topic="relations/union")
    desk.clock.now = chicago("2026-11-24 08:30")
    desk.put(lambda session, now: post_digests(session, desk.routing, now))
    desk.deliver()
    (summary,) = texts(sandbox, HR_CHANNEL)
    for part in (
        "*Benefits: this morning*",
        "2 open, 2 of them unclaimed. 1 due today, 1 overdue.",
        "fewer than 5 new, 0 answered or closed",
        f"/archives/{HR_CHANNEL}/p",
        f"|HR-{1000 + first}>: Dental, asked on Mon 23 Nov",
        f"|HR-{1000 + second}>",
    ):
        assert part in summary
    assert QUESTION not in summary
    (other,) = texts(sandbox, HR_SENSITIVE_CHANNEL)
    assert "1 open" in other


def test_a_summary_that_was_held_up_until_the_next_day_is_dropped(
    desk: Desk, sandbox: SandboxServer
) -> None:
    desk.open_case()
    desk.clock.now = chicago("2026-11-24 08:30")
    desk.put(lambda session, now: post_digests(session, desk.routing, now))
    desk.clock.now += timedelta(days=1)
    desk.deliver()
    assert texts(sandbox, HR_CHANNEL) == []


@pytest.mark.parametrize("found", [True, False])
def test_people_hear_that_a_channel_fails_without_what_waits(
    desk: Desk, sandbox: SandboxServer, found: bool
) -> None:
    sandbox.workspace.channels[HR_SENSITIVE_CHANNEL].is_archived = True
    if not found:
        desk.people.clear()
    desk.open_case("relations/union", posted=False)
    desk.clock.now = chicago("2026-11-24 08:30")
    desk.put(lambda session, now: post_digests(session, desk.routing, now))
    with pytest.raises(TryLaterError, match="is_archived"):
        desk.deliver()
    desk.deliver("channel_alarm")
    (told,) = direct(sandbox, SAM) if found else texts(sandbox, HR_CHANNEL)
    assert "“Relations” into their channel: it is archived" in told
    assert "HR-" not in told

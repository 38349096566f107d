from __future__ import annotations

import asyncio

import pytest

from bot.db.models import Person
from bot.db.session import Database
from bot.gateway.addresses import AddressBook
from bot.gateway.outbox import TryLaterError
from bot.gateway.slack.client import Slack
from bot.gateway.slack.people import People
from bot.sandbox.app import SandboxServer
from bot.sandbox.seed import GUEST, ROBIN

from ...records import Clock
from ..places import DIRECT, TEAM

DAY = 24 * 3600


@pytest.fixture
def people(quick: Database, addresses: AddressBook, slack: Slack, clock: Clock) -> People:
    return People(quick, addresses, slack, clock)


def is_outsider(people: People, user: str) -> bool:
    return asyncio.run(people.is_outsider_of(TEAM, user))


def asked(sandbox: SandboxServer) -> int:
    return len(sandbox.calls("users.info"))


@pytest.mark.parametrize("flag", ["is_restricted", "is_ultra_restricted", "is_stranger"])
def test_guests_and_strangers_are_outsiders(
    people: People, sandbox: SandboxServer, flag: str
) -> None:
    setattr(sandbox.workspace.people["U0EMPLOYEE2"], flag, True)
    assert is_outsider(people, "U0EMPLOYEE2")
    assert not is_outsider(people, ROBIN)
    assert is_outsider(people, "U0NOBODY001")


def test_slack_is_asked_once_a_day(people: People, sandbox: SandboxServer, clock: Clock) -> None:
    for _ in range(3):
        assert is_outsider(people, GUEST)
    clock.advance(DAY - 1)
    assert (is_outsider(people, GUEST), asked(sandbox)) == (True, 1)
    clock.advance(1)
    sandbox.workspace.people[GUEST].is_restricted = False
    assert (is_outsider(people, GUEST), asked(sandbox)) == (False, 2)


def test_while_slack_does_not_tell_yesterday_counts(
    people: People, sandbox: SandboxServer, clock: Clock
) -> None:
    assert is_outsider(people, GUEST)
    clock.advance(2 * DAY)
    sandbox.faults.rate_limit("users.info", times=1)
    assert is_outsider(people, GUEST)
    sandbox.faults.rate_limit("users.info", times=1)
    with pytest.raises(TryLaterError):
        is_outsider(people, ROBIN)


def test_nothing_of_them_is_kept_in_the_clear(people: People, quick: Database) -> None:
    is_outsider(people, GUEST)
    with quick.read() as session:
        (person,) = session.query(Person).all()
    kept = str({k: v for k, v in vars(person).items() if not k.startswith("_")})
    assert not any(word in kept for word in (GUEST, "alex", "Moss"))


def test_direct_messages_are_opened_once(
    people: People, sandbox: SandboxServer, addresses: AddressBook, quick: Database, clock: Clock
) -> None:
    with quick.write() as session:
        person = addresses.person(session, TEAM, ROBIN, clock()).id
    for _ in range(2):
        address = asyncio.run(people.direct(person))
    assert address == DIRECT
    assert len(sandbox.calls("conversations.open")) == 1

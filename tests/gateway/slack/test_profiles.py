from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from bot.db.models import Person
from bot.db.session import Database
from bot.gateway.addresses import AddressBook
from bot.gateway.slack.client import Slack, web_client
from bot.gateway.slack.profiles import Profiles
from bot.gateway.wording import Wording
from bot.privacy.sealing import Seal
from bot.programs.employees import import_employees, job_of
from bot.sandbox.app import SandboxServer
from bot.sandbox.seed import ROBIN

from ...records import Clock
from ..places import TEAM

LONG, SHORT = 600.0, 0.01
ON_THE_LIST = "robin.reed@cedarvalley.example"


class Office:
    """Robin, who writes to a gateway that looks profiles up before turns."""

    def __init__(
        self,
        database: Database,
        sandbox: SandboxServer,
        wording: Wording,
        addresses: AddressBook,
        seal: Seal,
        clock: Clock,
    ) -> None:
        self.database, self.sandbox, self.clock = database, sandbox, clock
        self.wording, self.seal = wording, seal
        self.still_looking = False
        with database.write() as session:
            self.robin = addresses.person(session, TEAM, ROBIN, clock()).id

    @property
    def profile(self) -> Any:
        """Robin in Slack."""
        return self.sandbox.workspace.people[ROBIN]

    @property
    def lookups(self) -> int:
        return len(self.sandbox.calls("users.info"))

    def later(self, **time: float) -> None:
        self.clock.now += timedelta(**time)

    def is_known(self) -> bool:
        """Say whether the list of employees tells about Robin now."""
        with self.database.read() as session:
            return job_of(session, self.robin).fte is not None

    def write(self, first_wait: float = LONG, *, break_off: bool = False) -> bool:
        """Begin a turn; return whether Robin was known when it went on."""
        return asyncio.run(self._write(first_wait, break_off))

    async def _write(self, first_wait: float, break_off: bool) -> bool:
        profiles = self.profiles(first_wait)
        await profiles.before_turn(self.robin)
        known = self.is_known()
        looking = asyncio.all_tasks() - {asyncio.current_task()}
        self.still_looking = bool(looking)
        if break_off:
            await profiles.stop()
        await asyncio.gather(*looking, return_exceptions=True)
        return known

    def profiles(self, first_wait: float = LONG) -> Profiles:
        slack = Slack(web_client(self.sandbox.bot_token, self.sandbox.api_url), self.wording)
        return Profiles(self.database, slack, self.seal, clock=self.clock, first_wait=first_wait)


@pytest.fixture
def office(
    database: Database,
    sandbox: SandboxServer,
    wording: Wording,
    addresses: AddressBook,
    seal: Seal,
    clock: Clock,
) -> Office:
    return Office(database, sandbox, wording, addresses, seal, clock)


@pytest.fixture
def enlist(database: Database, seal: Seal, clock: Clock, tmp_path: Path) -> Callable[[str], None]:
    """Give a function that brings somebody into the list of employees, by e-mail alone."""

    def bring_in(email: str) -> None:
        path = tmp_path / "employees.csv"
        path.write_text(f"email,fte\n{email},0.9\n", encoding="utf-8")
        with database.write() as session:
            import_employees(session, path, seal, clock())

    return bring_in


def test_the_first_turn_waits_until_the_employee_is_found(office, enlist) -> None:
    enlist(ON_THE_LIST)
    assert office.write()
    assert not office.still_looking


def test_the_list_may_come_later_than_the_person(office, enlist) -> None:
    assert not office.write()
    enlist(ON_THE_LIST.upper())
    assert office.is_known()


def test_slack_is_asked_once_a_day_at_most(office) -> None:
    office.write()
    office.later(hours=23)
    office.write()
    assert office.lookups == 1
    office.later(hours=1)
    office.write()
    assert office.lookups == 2


def test_two_gateways_at_once_ask_once(office) -> None:
    async def both() -> None:
        await asyncio.gather(*(office.profiles().before_turn(office.robin) for _ in range(2)))

    asyncio.run(both())
    assert office.lookups == 1


def test_later_looks_hold_nobody_up(office, enlist) -> None:
    enlist(ON_THE_LIST)
    office.write()
    office.profile.email = "robin@home.example"
    office.later(days=1)
    # The turn goes on with what was known, and Slack's news come after it.
    assert office.write()
    assert office.still_looking
    assert not office.is_known()


def test_a_turn_does_not_wait_long_and_the_look_is_made_up_for(office, enlist) -> None:
    enlist(ON_THE_LIST)
    office.sandbox.faults.hang("users.info")
    assert not office.write(SHORT, break_off=True)
    assert office.still_looking
    office.later(minutes=9)
    office.write()
    assert not office.is_known()
    office.later(minutes=1)
    office.write()
    assert office.is_known()


@pytest.mark.parametrize("reason", ["user_not_found", "missing_scope"])
def test_a_refusal_is_logged_without_the_person_and_tried_again(
    office, enlist, reason: str
) -> None:
    enlist(ON_THE_LIST)
    office.sandbox.faults.error("users.info", reason)
    with capture_logs() as logs:
        assert not office.write()
        office.later(minutes=10)
        office.write()
    assert office.is_known()
    [failed] = [line for line in logs if line["event"] == "slack.profile_unavailable"]
    assert failed["reason"] == reason
    told = f"{logs}".lower()
    assert ROBIN.lower() not in told
    assert "robin" not in told
    assert office.robin not in told


def test_an_outage_is_tried_again(office, enlist) -> None:
    enlist(ON_THE_LIST)
    office.sandbox.faults.server_error("users.info")
    assert not office.write()
    office.later(minutes=10)
    office.write()
    assert office.is_known()


def test_an_address_that_nobody_has_confirmed_does_not_count(office, enlist) -> None:
    enlist(ON_THE_LIST)
    office.profile.is_email_confirmed = False
    assert not office.write()
    assert office.lookups == 1


def test_without_the_scope_there_is_no_address(office, enlist) -> None:
    enlist(ON_THE_LIST)
    office.sandbox.workspace.app.scopes = frozenset({"users:read"})
    assert not office.write()
    assert office.lookups == 1


def test_the_address_stands_nowhere(office) -> None:
    office.write()
    with office.database.read() as session:
        person = session.scalar(select(Person))
    assert person.email_hash == office.seal.email_fingerprint(ON_THE_LIST)
    assert set(office.seal.open(person.address_sealed)) == {"team", "user"}


def test_nobody_is_looked_up_who_is_not_in_slack(office, database, seal, now) -> None:
    with database.write() as session:
        sealed = seal.seal({"email": "jo@home.example"})
        session.add(Person(id="p:jo", address_hash="jo", address_sealed=sealed, created_at=now))
    asyncio.run(office.profiles().before_turn("p:jo"))
    asyncio.run(office.profiles().before_turn(None))
    assert office.lookups == 0

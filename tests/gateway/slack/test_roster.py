"""Slack's list of members: who of HR's list is there, with which clock, and nobody else."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.db.models import Person
from bot.db.session import Database
from bot.gateway.addresses import AddressBook
from bot.gateway.slack import roster
from bot.gateway.slack.client import Slack
from bot.gateway.slack.roster import Roster
from bot.privacy.sealing import Seal
from bot.programs.employees import colleagues, import_employees
from bot.sandbox import model
from bot.sandbox.app import SandboxServer
from bot.sandbox.seed import CASEY, GUEST, ROBIN

from ...records import Clock
from ..places import TEAM

FILE = f"""slack_team,slack_user,email,employment_type
{TEAM},{ROBIN},,full_time
,,casey.lin@cedarvalley.example,per_diem
{TEAM},{GUEST},,full_time
,,nobody@cedarvalley.example,full_time
"""


class House:
    def __init__(
        self,
        quick: Database,
        slack: Slack,
        addresses: AddressBook,
        seal: Seal,
        clock: Clock,
        folder: Path,
    ) -> None:
        self.database, self.clock = quick, clock
        self._seal, self._folder = seal, folder
        self._roster = Roster(quick, slack, addresses, seal, clock)
        self.hire(FILE)

    def hire(self, text: str) -> None:
        file = self._folder / "employees.csv"
        file.write_text(text, encoding="utf-8")
        with self.database.write() as session:
            import_employees(session, file, self._seal, self.clock())

    def read(self) -> dict[str, Person]:
        asyncio.run(self._roster.check())
        with self.database.read() as session:
            people = session.scalars(select(Person))
            return {self._seal.open(one.address_sealed)["user"]: one for one in people}


@pytest.fixture
def house(
    quick: Database,
    slack: Slack,
    addresses: AddressBook,
    seal: Seal,
    clock: Clock,
    tmp_path: Path,
) -> House:
    return House(quick, slack, addresses, seal, clock, tmp_path)


def test_only_those_of_hrs_list_are_kept_by_user_or_by_address(
    house: House, sandbox: SandboxServer
) -> None:
    sandbox.workspace.people[CASEY].tz = "Asia/Tokyo"
    people = house.read()
    assert set(people) == {ROBIN, CASEY, GUEST}
    assert people[CASEY].time_zone == "Asia/Tokyo"
    assert (people[ROBIN].is_outsider, people[GUEST].is_outsider) == (False, True)
    with house.database.read() as session:
        found = {one.person.id: one.job.employment_types for one in colleagues(session)}
    assert found[people[CASEY].id] == {"per_diem"}


def test_who_has_left_is_marked_and_who_comes_back_is_not(
    house: House, sandbox: SandboxServer
) -> None:
    robin = sandbox.workspace.people[ROBIN]
    robin.deleted = True
    assert house.read()[ROBIN].is_deactivated
    robin.deleted = False
    house.clock.advance(25 * 3600)
    assert not house.read()[ROBIN].is_deactivated


def test_an_address_that_nobody_confirmed_finds_nobody(
    house: House, sandbox: SandboxServer
) -> None:
    sandbox.workspace.people[CASEY].is_email_confirmed = False
    assert CASEY not in house.read()


def test_it_is_read_once_a_day_and_after_each_import(
    house: House, sandbox: SandboxServer, now: datetime
) -> None:
    house.read()
    house.read()
    assert len(sandbox.calls("users.list")) == 1
    house.clock.advance(60)
    house.hire(FILE.replace("per_diem", "student"))
    house.read()
    assert len(sandbox.calls("users.list")) == 2
    house.clock.advance(25 * 3600)
    house.read()
    assert len(sandbox.calls("users.list")) == 3


def test_long_lists_come_in_pages(
    house: House, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roster, "MEMBERS_A_PAGE", 2)
    assert set(house.read()) == {ROBIN, CASEY, GUEST}
    assert len(sandbox.calls("users.list")) == 3


def test_a_short_wait_is_waited_and_a_failure_is_due_again(
    house: House, sandbox: SandboxServer
) -> None:
    sandbox.faults.rate_limit("users.list", retry_after=0)
    assert ROBIN in house.read()
    house.clock.advance(25 * 3600)
    sandbox.workspace.people["U0NEW00001"] = model.Person("U0NEW00001", "new", "New", "")
    sandbox.faults.server_error("users.list", times=2)
    house.read()
    house.read()
    assert len(sandbox.calls("users.list")) >= 3


def test_without_a_list_of_hr_slack_is_not_asked(
    quick: Database, slack: Slack, addresses: AddressBook, seal: Seal, clock: Clock
) -> None:
    asyncio.run(Roster(quick, slack, addresses, seal, clock).check())

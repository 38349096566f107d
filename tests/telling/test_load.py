"""A campaign to many people, while Slack says “too fast” and the gateway is killed twice.

With HRBOT_TEST_FULL=1 to 5,000 people, else to 100.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timezone
from pathlib import Path

from sqlalchemy import func, select

from bot.db.migrate import upgrade
from bot.db.models import OutboxRow
from bot.db.session import Database
from bot.db.telling import Campaign, Telling
from bot.gateway.addresses import AddressBook
from bot.privacy.sealing import Seal
from bot.programs.catalogue import import_programs
from bot.programs.employees import import_employees
from bot.sandbox.app import SandboxServer
from bot.sandbox.model import Person
from bot.sandbox.seed import HR_CHANNEL, SAM
from bot.settings import ROOT, Settings, load_settings

from ..e2e.stack import free_port
from .gateway import OFFSET

FULL = os.environ.get("HRBOT_TEST_FULL") == "1"
PEOPLE = 5000 if FULL else 100
SECONDS = 1800 if FULL else 120
TITLE = "Money for staying well"
# A Friday, 10 in the morning in Iowa, before the campaigns of the file begin.
MORNING = datetime(2026, 11, 27, 16, 0, tzinfo=timezone.utc)
HEADER = "slack_team,slack_user,employment_type,fte,hire_date,job_family,site\n"


class House:
    """Slack, a database, and a gateway that may be killed."""

    def __init__(self, folder: Path, slack: SandboxServer) -> None:
        self.slack = slack
        self.settings = _settings(folder, slack)
        self.database = Database(self.settings.database_url)
        slack.request_url = f"http://127.0.0.1:{self.settings.gateway_port}/slack/events"
        self._log = folder / "gateway.log"
        self._offset = (MORNING - datetime.now(timezone.utc)).total_seconds()
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = {**os.environ, **self.settings.environment(), OFFSET: str(self._offset)}
        with self._log.open("ab") as log:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "tests.telling.gateway"],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        """End the gateway as a power cut would."""
        if self._child is not None and self._child.poll() is None:
            self._child.kill()
            self._child.wait()

    def told(self) -> int:
        """Return how many messages Slack has, by the record."""
        with self.database.read() as session:
            query = select(func.count()).select_from(Telling).where(Telling.status == "told")
            return session.scalar(query)

    def wait_until_told(self, count: int) -> None:
        deadline = time.monotonic() + SECONDS
        while self.told() < count:
            assert self._child.poll() is None, self._log.read_text()[-3000:]
            assert time.monotonic() < deadline, f"{self.told()} of {count}"
            time.sleep(0.05)


def _settings(folder: Path, slack: SandboxServer) -> Settings:
    variables = {
        "HRBOT_VAR_DIR": str(folder),
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "SLACK_API_URL": slack.api_url,
        "SLACK_HR_CHANNEL": HR_CHANNEL,
        "GATEWAY_PORT": str(free_port()),
        "LOG_LEVEL": "WARNING",
    }
    return load_settings(variables, folder / "none.env")


@contextmanager
def running(folder: Path) -> Iterator[House]:
    with SandboxServer(bot_token="xoxb-of-the-test") as slack:
        house = House(folder, slack)
        upgrade(house.database)
        try:
            yield house
        finally:
            house.kill()
            house.database.dispose()


def hire(house: House, folder: Path) -> tuple[list[str], list[str]]:
    """Add people to Slack and to HR's list; return for whom the program is and for whom not."""
    eligible = [f"U0MANY{n:05d}" for n in range(PEOPLE)]
    others = [f"U0PERDIEM{n:03d}" for n in range(PEOPLE // 10)]
    team = house.slack.workspace.team_id
    lines = [f"{team},{user},full_time,1.0,2020-03-01,nursing,lakeview\n" for user in eligible]
    lines += [f"{team},{user},per_diem,0.2,2020-03-01,nursing,lakeview\n" for user in others]
    for user in (*eligible, *others):
        house.slack.workspace.people[user] = Person(user, user.lower(), user, "")
    file = folder / "employees.csv"
    file.write_text(HEADER + "".join(lines), encoding="utf-8")
    seal = Seal(house.settings.encryption_key)
    with house.database.write() as session:
        import_programs(session, ROOT / "data" / "programs.yml")
        import_employees(session, file, seal, MORNING)
        # So many people are told only once a second person has released it.
        releaser = AddressBook(seal).person(session, team, SAM, MORNING)
        session.add(
            Campaign(
                id="wellness",
                origin="slack",
                title=TITLE,
                program_id="wellness-reimbursement",
                conditions={},
                starts_on=date(2026, 11, 27),
                reminder_days=[],
                status="running",
                created_at=MORNING,
                released_at=MORNING,
                releaser_id=releaser.id,
            )
        )
    return eligible, others


def got(house: House, user: str) -> int:
    return sum(TITLE in message.text for message in house.slack.messages(user=user))


def test_each_eligible_person_gets_it_once_whatever_breaks(tmp_path: Path) -> None:
    with running(tmp_path) as house:
        eligible, others = hire(house, tmp_path)
        begun = time.monotonic()
        house.start()
        for share in (0.25, 0.6):
            house.slack.faults.rate_limit("chat.postMessage", times=PEOPLE // 50, retry_after=1)
            house.slack.faults.cut("chat.postMessage", times=PEOPLE // 100)
            house.wait_until_told(int(PEOPLE * share))
            house.kill()
            house.start()
        house.wait_until_told(PEOPLE)
        took = time.monotonic() - begun
        with house.database.read() as session:
            rows = list(session.scalars(select(OutboxRow).where(OutboxRow.kind == "telling")))
        counts = Counter(got(house, user) for user in eligible)
        print(f"\n{PEOPLE} people told in {took:.0f} s, with two kills and {PEOPLE // 25} 429s")
        assert counts == {1: PEOPLE}
        assert [got(house, user) for user in others] == [0] * len(others)
        assert len(rows) == PEOPLE

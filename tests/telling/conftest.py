"""A hospital with a catalogue, people in HR's list, and a clock that shows a working morning."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.models import Employee, Person
from bot.db.session import Database
from bot.db.telling import Campaign, Telling
from bot.programs.catalogue import import_programs
from bot.settings import ROOT
from bot.telling import campaigns
from bot.telling.audience import TOLD
from bot.telling.campaign_file import CampaignSpec
from bot.telling.gentle import Limits
from bot.telling.moments import Moment
from bot.telling.quiet_hours import QuietHours
from bot.telling.rounds import carry_out, plan

from ..records import quick_database

# A Monday, 9 in the morning in Iowa.
MORNING = datetime(2026, 11, 30, 15, 0, tzinfo=timezone.utc)
# UTC: in Iowa from 10 in the evening to 4 in the afternoon.
TICKS = (4, 13, 14, 15, 16, 22)
QUIET = QuietHours(19 * 60, 8 * 60, ZoneInfo("America/Chicago"))
LIMITS = Limits(1, QUIET, second_person_above=50)
NURSE = {
    "employment_type": "full_time",
    "fte": 0.9,
    "hire_date": date(2020, 3, 1),
    "job_family": "nursing",
    "site": "medical_center",
}


def spec(name: str = "tuition", **more: Any) -> CampaignSpec:
    values: dict[str, Any] = {
        "id": name,
        "title": "Tuition help",
        "program_id": "tuition-assistance",
        "text": None,
        "link": None,
        "conditions": {},
        "starts_on": date(2026, 11, 30),
        "ends_on": date(2026, 12, 31),
        "repeat_days": None,
        "reminder_days": (),
    }
    return CampaignSpec(**{**values, **more})


@dataclass
class House:
    """People, campaigns and what became of them."""

    database: Database
    now: datetime = MORNING
    limits: Limits = LIMITS
    moments: tuple[Moment, ...] = ()

    def hire(self, name: str, *, zone: str | None = None, **job: Any) -> str:
        """Add somebody who is in HR's list and in Slack; return their id."""
        person = {k: job.pop(k) for k in ("is_outsider", "is_deactivated") if k in job}
        with self.database.write() as session:
            session.add(
                Person(
                    id=f"p:{name}",
                    address_hash=name,
                    address_sealed="",
                    time_zone=zone,
                    created_at=self.now,
                    **person,
                )
            )
            job = {**NURSE, **job}
            employee = Employee(slack_hash=name, address_sealed="", updated_at=self.now, **job)
            session.add(employee)
        return f"p:{name}"

    def run(self, *specs: CampaignSpec) -> None:
        """Take these campaigns as the file's."""
        with self.database.write() as session:
            campaigns.bring_in(session, specs, self.now)

    def tick(self, *, arrives: bool = True) -> list[tuple[str, str, str]]:
        """Choose once; return who gets which occurrence of what, and let it arrive."""
        with self.database.read() as session:
            todo = plan(session, self.limits, self.moments, self.now)
        with self.database.write() as session:
            before = set(session.scalars(select(Telling.id)))
            count = carry_out(session, todo, self.limits, self.now)
            new = [one for one in _tellings(session) if one.id not in before]
            assert len(new) + len(todo.held) == count
            if arrives:
                for one in new:
                    one.status, one.told_at = TOLD, self.now
            return [(one.person_id, one.source, one.occurrence) for one in new]

    def days(self, count: int) -> list[tuple[str, str, str]]:
        """Let so many days pass, with a tick at some hours of the day and of the night."""
        found = []
        for _ in range(count * 24):
            self.now += timedelta(hours=1)
            if self.now.hour in TICKS:
                found += self.tick()
        return found

    def change(self, person: str, **values: Any) -> None:
        """Change the last message of somebody in the record."""
        with self.database.write() as session:
            telling = [one for one in _tellings(session) if one.person_id == person][-1]
            for name, value in values.items():
                setattr(telling, name, value)

    def tellings(self) -> list[Telling]:
        with self.database.read() as session:
            return _tellings(session)

    def campaign(self, name: str = "tuition") -> Campaign:
        with self.database.read() as session:
            return session.get(Campaign, name)


def _tellings(session: Session) -> list[Telling]:
    return list(session.scalars(select(Telling).order_by(Telling.id)))


@pytest.fixture(scope="session")
def _catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("catalogue")
    database = quick_database(folder)
    with database.write() as session:
        import_programs(session, ROOT / "data" / "programs.yml")
    database.empty_log()
    database.dispose()
    return folder / "quick.db"


@pytest.fixture
def house(_catalogue: Path, tmp_path: Path) -> Iterator[House]:
    """Give a house with the catalogue that we ship, and nobody in it."""
    file = tmp_path / "house.db"
    file.write_bytes(_catalogue.read_bytes())
    database = Database(f"sqlite:///{file}")
    yield House(database)
    database.dispose()

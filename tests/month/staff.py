"""The made-up staff: who works where, when, and how HR's list describes their jobs."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from bot.programs.employees_file import JOB

SITES = {
    "medical_center": "America/Chicago",
    "riverside": "America/New_York",
    "lakeview": "America/Denver",
}
FROM_HOME = ("America/Los_Angeles", "Pacific/Honolulu", "Europe/Lisbon")
SHIFTS = {"day": 7, "evening": 15, "night": 22}
SHIFT_HOURS = 8
KINDS = (
    ("full_time", 1.0), ("full_time", 0.9), ("part_time", 0.6), ("part_time", 0.4),
    ("per_diem", 0.1), ("resident", 1.0),
)  # fmt: skip
FAMILIES = (
    "nursing", "nursing_support", "allied_health", "physicians", "administration",
    "support_services",
)  # fmt: skip


@dataclass(frozen=True)
class Worker:
    """Somebody who works here; `job` has the columns of HR's list."""

    user: str
    zone: ZoneInfo
    shift: str
    job: dict[str, object]

    @property
    def hired(self) -> date:
        """Their first day."""
        return self.job["hire_date"]

    def at_work(self, day: date, random: Random) -> datetime:
        """Return a moment of the shift that begins on this day where they are."""
        start = datetime.combine(day, time(SHIFTS[self.shift]), self.zone)
        return start + timedelta(minutes=random.randrange(SHIFT_HOURS * 60))


def make_staff(count: int, first_day: date, random: Random) -> list[Worker]:
    """Return so many people; every twelfth begins within the first three weeks."""
    return [_worker(number, first_day, random) for number in range(count)]


def _worker(number: int, first_day: date, random: Random) -> Worker:
    kind, fte = random.choices(KINDS, (8, 5, 4, 1, 2, 1))[0]
    site = random.choices(list(SITES), (6, 3, 2))[0]
    zone = SITES[site]
    if number % 10 == 9:
        zone = FROM_HOME[number // 10 % len(FROM_HOME)]
    is_new = number % 12 == 11
    hired = first_day + timedelta(
        days=7 * random.randrange(3) if is_new else -random.randrange(20, 2500)
    )
    job = {
        "employment_type": kind,
        "fte": fte,
        "hire_date": hired,
        "job_family": random.choices(FAMILIES, (8, 3, 3, 1, 2, 2))[0],
        "site": site,
        "license_expires": first_day + timedelta(days=random.randrange(20, 700)),
        "next_review": None if is_new else first_day + timedelta(days=random.randrange(365)),
    }
    return Worker(f"U0MONTH{number:04d}", ZoneInfo(zone), random.choice(list(SHIFTS)), job)


def write_list(file: Path, team: str, staff: Iterable[Worker]) -> None:
    """Write HR's list of these people."""
    with file.open("w", encoding="utf-8", newline="") as opened:
        rows = csv.writer(opened)
        rows.writerow(("slack_team", "slack_user", *JOB))
        rows.writerows((team, one.user, *(one.job[column] for column in JOB)) for one in staff)

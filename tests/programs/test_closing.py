from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.db.models import Program, ProgramDate
from bot.db.session import Database
from bot.programs.closing import closing_soon
from bot.programs.eligibility import Bounds, JobFacts
from tests.records import quick_database

TODAY = date(2026, 11, 23)
NURSE = JobFacts(
    frozenset({"full_time"}), Bounds.exactly(1.0), date(2020, 1, 6), None, frozenset({"nursing"})
)


def program(name: str, closes_in: int, opens_in: int | None = None, **more: Any) -> Program:
    columns = {
        "aliases": [],
        "keywords": [],
        "category": "career",
        "audience": "employee",
        "summary": "Helps.",
        "employment_types": [],
        "job_families": [],
        "sites": [],
        "how_to_apply": "Apply.",
        "owner": "HR",
    }
    opens = None if opens_in is None else TODAY + timedelta(days=opens_in)
    window = ProgramDate(name="Round", opens=opens, closes=TODAY + timedelta(days=closes_in))
    return Program(id=name.lower(), name=name, dates=[window], **{**columns, **more})


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Database]:
    database = quick_database(tmp_path)
    with database.write() as session:
        session.add_all(
            [
                program("Today", 0),
                program("Yesterday", -1),
                program("Later", 31),
                program("Unopened", 20, opens_in=1),
                program("Nurses", 5, job_families=["nursing"]),
                program("Doctors", 6, job_families=["physicians"]),
                program("Noted", 7, eligibility_notes="Ask your lead."),
                program("Public", 8, audience="both"),
                program("Outside", 9, audience="candidate"),
                program("Retired", 3, active=False),
            ]
        )
    yield database
    database.dispose()


def names(database: Database, job: JobFacts, reader: str, limit: int = 9) -> dict[str, Any]:
    with database.read() as session:
        found = closing_soon(session, job, reader, TODAY, days=30, limit=limit)
    return {one.name: one.is_eligible for one in found}


def test_what_is_open_and_closes_soon_and_fits_the_job(catalogue: Database) -> None:
    expected = {"Today": True, "Nurses": True, "Noted": None, "Public": True}
    assert names(catalogue, NURSE, "employee") == expected
    assert list(names(catalogue, NURSE, "employee")) == list(expected)


def test_of_an_unknown_job_nothing_is_left_out(catalogue: Database) -> None:
    found = names(catalogue, JobFacts(), "employee")
    assert (found["Nurses"], found["Doctors"], found["Today"]) == (None, None, True)


def test_an_outsider_sees_what_is_public(catalogue: Database) -> None:
    assert list(names(catalogue, JobFacts(), "candidate")) == ["Public", "Outside"]


def test_no_more_than_asked_for(catalogue: Database) -> None:
    assert list(names(catalogue, NURSE, "employee", limit=2)) == ["Today", "Nurses"]

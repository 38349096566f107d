"""The sample catalogue in a database, and a way to import other ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from bot.db.migrate import upgrade
from bot.db.session import Database
from bot.programs.catalogue import ImportResult, import_programs

CATALOGUE = Path(__file__).parent / "twelve.yml"

ONE_PROGRAM = """\
- id: tuition
  name: Tuition assistance
  aliases: [money for school]
  keywords: [degree]
  topic: development/tuition_assistance
  category: education
  audience: employee
  summary: Pays for a degree.
  gives: {amount: 5250, unit: USD, period: calendar year}
  eligibility:
    employment_types: [full_time, part_time]
    min_fte: 0.5
    min_tenure_months: 6
    job_families: [nursing, physicians]
    sites: [riverside]
    notes: Good standing.
  dates:
  - {name: Spring, opens: 2026-11-01, closes: 2026-12-15, starts: 2027-01-11}
  how_to_apply: Apply in MyCedar.
  contact: education@cedarvalley.example
  link: https://hr.cedarvalley.example/programs/tuition
  owner: Learning
"""


@pytest.fixture
def today() -> date:
    return date(2026, 11, 23)


@pytest.fixture(scope="session")
def sample_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Give a database that holds twelve.yml, for reading only."""
    folder = tmp_path_factory.mktemp("programs")
    database = Database(f"sqlite:///{folder / 'sample.db'}")
    upgrade(database)
    with database.write() as session:
        import_programs(session, CATALOGUE)
    yield database
    database.dispose()


@pytest.fixture
def sample(sample_database: Database) -> Iterator[Session]:
    """Give a session on the sample catalogue."""
    with sample_database.read() as session:
        yield session


@pytest.fixture
def one_program() -> str:
    return ONE_PROGRAM


@pytest.fixture
def catalogue_file(tmp_path: Path) -> Callable[[str], Path]:
    """Give a function that writes a catalogue file."""

    def write(text: str) -> Path:
        path = tmp_path / "programs.yml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def import_text(
    database: Database, catalogue_file: Callable[[str], Path]
) -> Callable[[str], ImportResult]:
    """Give a function that imports a catalogue from its text."""

    def run(text: str) -> ImportResult:
        with database.write() as session:
            return import_programs(session, catalogue_file(text))

    return run

"""The search for what a run has left finds it wherever it is, and fails the run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import create_engine, text

from bot.db.session import Database

from ..conftest import HAS_POSTGRESQL, new_database
from .left import LeftBehind
from .planted import IDENTIFIERS, PHONE, SSN, found_in_database


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """Give a path below a folder that the real search finds empty again."""
    yield tmp_path / "deep" / "gateway.log"
    (tmp_path / "deep" / "gateway.log").unlink(missing_ok=True)


def outcome(folder: Path, *printed: str) -> int:
    """Return the exit status of a run that left a folder and printed something."""
    left = LeftBehind()
    for one in printed:
        report = SimpleNamespace(nodeid="a test", sections=[("Captured stdout call", one)])
        left.pytest_runtest_logreport(report)
    temporary = SimpleNamespace(getbasetemp=lambda: folder)
    session = SimpleNamespace(config=SimpleNamespace(_tmp_path_factory=temporary), exitstatus=0)
    left.pytest_sessionfinish(session)
    return session.exitstatus


def test_a_clean_run_passes(file: Path) -> None:
    file.parent.mkdir()
    file.write_text("turn.answered my [ssn]")
    assert outcome(file.parent, "inbox.accepted", "call [phone]") == 0


def test_one_line_in_one_file_fails_it(file: Path) -> None:
    file.parent.mkdir()
    file.write_text(f"turn.answered my {SSN}")
    assert outcome(file.parent.parent) == pytest.ExitCode.TESTS_FAILED


def test_one_line_that_a_test_logged_fails_it(tmp_path: Path) -> None:
    assert outcome(tmp_path, "inbox.accepted", f"call {PHONE}") == pytest.ExitCode.TESTS_FAILED


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_row_is_found_before_it_is_cleaned_away(tmp_path: Path, kind: str) -> None:
    if kind == "postgresql" and not HAS_POSTGRESQL:
        pytest.skip("no PostgreSQL answers here")
    with new_database(kind, tmp_path) as url:
        database = Database(url)
        with database.write() as session:
            session.execute(text("CREATE TABLE said (what TEXT)"))
            session.execute(text("INSERT INTO said VALUES (:what)"), {"what": f"my {SSN}"})
        assert {hit.partition(" in ")[0] for hit in found_in_database(database, IDENTIFIERS)} == {
            SSN
        }
        with database.write() as session:
            session.execute(text("DELETE FROM said"))
        database.compact()
        database.dispose()


@pytest.mark.skipif(not HAS_POSTGRESQL, reason="no PostgreSQL answers here")
def test_a_row_in_a_dump_fails_the_test_that_left_it(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="in the dump of a database"):
        _leave_a_row(tmp_path)


def _leave_a_row(folder: Path) -> None:
    with new_database("postgresql", folder) as url:
        engine = create_engine(url, future=True)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE said (what TEXT)"))
            connection.execute(text("INSERT INTO said VALUES (:what)"), {"what": f"my {SSN}"})
        engine.dispose()

"""Searches what a whole run has left for planted identifiers: one that is found fails the run.

Tests say them to the product as people do (`tests/privacy/planted.py`). Databases are searched
before they are emptied or dropped (tests/conftest.py); here it is what every test has printed
and logged, and each file below the run's temporary folder: SQLite files as they were left, logs
of all processes. Side by side, the process that hands out the tests does it for all.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from .planted import IDENTIFIERS, found_in_files, found_in_text

# Models and other made things that hold nothing of anybody.
TOO_LARGE_BYTES = 100_000_000


class LeftBehind:
    """The search as a plugin of pytest."""

    def __init__(self) -> None:
        self._found: set[str] = set()
        self._outputs = self._files = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Search what a test has printed and logged."""
        for title, content in report.sections:
            self._outputs += 1
            hits = found_in_text(content, IDENTIFIERS)
            self._found |= {f"{hit} in {title} of {report.nodeid}" for hit in hits}

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Search all files; whatever was found fails the run."""
        files = files_below(session.config._tmp_path_factory.getbasetemp())
        self._files = len(files)
        self._found |= found_in_files(files, IDENTIFIERS)
        if self._found:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was searched and found."""
        where = f"{self._outputs} outputs and {self._files} files"
        if not self._found:
            terminalreporter.write_line(f"No planted identifier in {where} of this run.")
            return
        terminalreporter.section("planted identifiers were left behind", red=True)
        for line in sorted(self._found):
            terminalreporter.write_line(line)


def files_below(folder: Path) -> list[Path]:
    """Return the files that are searched."""
    found = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sorted(path for path in found if path.stat().st_size <= TOO_LARGE_BYTES)

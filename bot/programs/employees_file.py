"""Reads a CSV file about employees and finds every mistake in it, with its line.

It knows the file's format, not the database: see `bot.programs.employees` for the import.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from bot.errors import DataFileError
from bot.programs.catalogue_file import EMPLOYMENT_TYPES, JOB_FAMILIES, SITES

WHO = ("slack_user", "slack_team", "email")
JOB = (
    "employment_type",
    "fte",
    "hire_date",
    "job_family",
    "site",
    "license_expires",
    "next_review",
)
COLUMNS = (*WHO, *JOB)
_SLACK_USER = re.compile(r"[UW][A-Z0-9]{2,30}")
_SLACK_TEAM = re.compile(r"[TE][A-Z0-9]{2,30}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_FIRST_YEAR = 1940
_OTHER_WORDS = {"prn": "per_diem", "ft": "full_time", "pt": "part_time"}


@dataclass(frozen=True)
class EmployeeRow:
    """One line: who it is about, and what it says of their job; blank cells are left out."""

    line: int
    slack_user: str | None
    slack_team: str | None
    email: str | None
    job: Mapping[str, Any] = field(default_factory=dict)


class _WrongError(Exception):
    """A cell that can't be right; the text says why."""


def read_employees(path: Path, slack_team: str | None = None) -> list[EmployeeRow]:
    """Return the lines of a CSV file, checked.

    Args:
        slack_team: the workspace of all lines whose own `slack_team` is missing or blank.

    Raises:
        DataFileError: with every mistake of the file, each with its line.
    """
    mistakes: list[tuple[int, str]] = []
    rows: list[EmployeeRow] = []
    for line, cells in _records(path, mistakes):
        row = _row(line, cells, slack_team, mistakes)
        if row is not None:
            rows.append(row)
    mistakes += _said_twice(rows)
    if not rows and not mistakes:
        mistakes.append((1, "there are no lines below the column names."))
    refuse(path, mistakes)
    return rows


def refuse(path: Path, mistakes: list[tuple[int, str]]) -> None:
    """Raise for the mistakes found in a file, if there are any.

    Raises:
        DataFileError: naming file, line and mistake, one a line.
    """
    if not mistakes:
        return
    found = sorted(set(mistakes))
    count = "1 mistake" if len(found) == 1 else f"{len(found)} mistakes"
    lines = "".join(f"\n{path}, line {line}: {text}" for line, text in found)
    raise DataFileError(f"{path} has {count}; nothing was imported.{lines}")


def _records(path: Path, mistakes: list[tuple[int, str]]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            names = [_name(cell) for cell in next(reader, [])]
            wrong = list(_wrong_columns(names))
            mistakes += [(1, text) for text in wrong]
            if wrong:
                return
            # A cell may hold a line break: the line that is named is where the record begins.
            line = reader.line_num + 1
            for cells in reader:
                cells = [cell.strip() for cell in cells]
                if len(cells) > len(names):
                    mistakes.append((line, "there are more cells than columns."))
                elif any(cells):
                    yield line, dict(zip(names, cells, strict=False))
                line = reader.line_num + 1
    except csv.Error as error:
        mistakes.append((reader.line_num, f"this is no CSV ({error})."))
    except (OSError, UnicodeDecodeError) as error:
        raise DataFileError(f"{path} can't be read: {error}") from error


def _name(cell: str) -> str:
    return re.sub(r"[^a-z]+", "_", cell.strip().lower()).strip("_")


def _wrong_columns(names: list[str]) -> Iterator[str]:
    for name in names:
        if name not in COLUMNS:
            yield f"no column is called “{name}”; there are {', '.join(COLUMNS)}."
    if len(set(names)) < len(names):
        yield "a column stands twice."
    if not {"slack_user", "email"} & set(names):
        yield "a column slack_user or email is needed, to know who a line is about."


def _row(
    line: int, cells: dict[str, str], slack_team: str | None, mistakes: list[tuple[int, str]]
) -> EmployeeRow | None:
    values: dict[str, Any] = {}
    wrong = []
    for name, cell in cells.items():
        if not cell:
            continue
        try:
            values[name] = _READ[name](cell)
        except _WrongError as error:
            wrong.append(f"“{name}” is “{cell}”: {error}")
    if not cells.get("slack_user") and not cells.get("email"):
        wrong.append("there is neither a slack_user nor an email, so nobody knows who this is.")
    team = values.get("slack_team") or slack_team
    if values.get("slack_user") and not team:
        wrong.append(
            "the workspace of the slack_user is not known: give a column slack_team (T…), "
            "or --slack-team for all lines."
        )
    mistakes += [(line, text) for text in wrong]
    if wrong:
        return None
    job = {name: values[name] for name in JOB if name in values}
    user = values.get("slack_user")
    return EmployeeRow(line, user, team if user else None, values.get("email"), job)


def _said_twice(rows: list[EmployeeRow]) -> Iterator[tuple[int, str]]:
    first: dict[tuple[str | None, ...], int] = {}
    for row in rows:
        keys = [("slack_user", row.slack_team, row.slack_user)] if row.slack_user else []
        keys += [("email", row.email)] if row.email else []
        for key in keys:
            line = first.setdefault(key, row.line)
            if line != row.line:
                yield row.line, f"this {key[0]} stands in line {line} already."


def _matching(pattern: re.Pattern[str], hint: str) -> Callable[[str], str]:
    def read(cell: str) -> str:
        if not pattern.fullmatch(cell):
            raise _WrongError(hint)
        return cell

    return read


def _one_of(names: tuple[str, ...]) -> Callable[[str], str]:
    def read(cell: str) -> str:
        name = re.sub(r"[^a-z]+", "_", cell.lower()).strip("_")
        name = _OTHER_WORDS.get(name, name)
        if name not in names:
            raise _WrongError(f"it must be one of {', '.join(names)}.")
        return name

    return read


def _fte(cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise _WrongError("it must be a number from 0 to 1, such as 0.9.")
    return value


def _day(cell: str) -> date:
    try:
        day = date.fromisoformat(cell)
    except ValueError:
        raise _WrongError("it must be a date such as 2024-03-15.") from None
    if day.year < _FIRST_YEAR:
        raise _WrongError("nobody who works here began so long ago.")
    return day


_READ: dict[str, Callable[[str], Any]] = {
    "slack_user": _matching(_SLACK_USER, "a Slack user id looks like U012AB3CD."),
    "slack_team": _matching(_SLACK_TEAM, "a Slack workspace id looks like T012AB3CD."),
    "email": lambda cell: _matching(_EMAIL, "this is no e-mail address.")(cell).lower(),
    "employment_type": _one_of(EMPLOYMENT_TYPES),
    "fte": _fte,
    "hire_date": _day,
    "license_expires": _day,
    "next_review": _day,
    "job_family": _one_of(JOB_FAMILIES),
    "site": _one_of(SITES),
}

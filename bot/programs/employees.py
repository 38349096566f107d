"""Who works here and how: imports it from a CSV file, and finds it for a person in a conversation.

Names don't stand here; Slack users and e-mail addresses are sealed and found by fingerprint.
What follows for a program is the business of `bot.programs.eligibility`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.db.models import Employee, Person
from bot.privacy.sealing import Seal
from bot.programs.eligibility import Bounds, JobFacts
from bot.programs.employees_file import JOB, EmployeeRow, read_employees, refuse

UNKNOWN_JOB = JobFacts()


@dataclass(frozen=True)
class EmployeesImported:
    """How many people an import added, changed, and left as they were."""

    added: int
    changed: int
    unchanged: int


def import_employees(
    session: Session, path: Path, seal: Seal, now: datetime, slack_team: str | None = None
) -> EmployeesImported:
    """Bring what a file says into the table; doing it again changes nothing.

    A column that is missing and a cell that is blank leave things as they are; people who
    aren't in the file stay.

    Args:
        slack_team: the workspace of lines without a `slack_team`; by default the one that
            the people who have written so far belong to.

    Raises:
        DataFileError: with every mistake of the file and its line; nothing is imported then.
    """
    rows = read_employees(path, slack_team or _only_team(session, seal))
    known = _Known(session.scalars(select(Employee)))
    mistakes: list[tuple[int, str]] = []
    counts = {"added": 0, "changed": 0, "unchanged": 0}
    for row in rows:
        hashes = _hashes(row, seal)
        found = known.find(hashes)
        if len(found) == 2 and not _halves(*found):
            text = "the slack_user and the email belong to two different people so far."
            mistakes.append((row.line, text))
            continue
        counts[_store(session, known, found, row, hashes, seal, now)] += 1
    refuse(path, mistakes)
    session.flush()
    return EmployeesImported(**counts)


def job_of(session: Session, person_id: str | None) -> JobFacts:
    """Return what is known about the job of somebody in a conversation; nothing if unknown.

    Somebody is known by their Slack user, or by the e-mail address of their Slack profile
    where HR's list names no Slack user with it. A line with the Slack user comes first; one
    with the address fills in what that doesn't say if it names no address of its own.
    """
    if person_id is None:
        return UNKNOWN_JOB
    person = session.get(Person, person_id)
    if person is None:
        return UNKNOWN_JOB
    is_theirs = Employee.slack_hash == person.address_hash
    if person.email_hash is not None:
        is_theirs = or_(is_theirs, Employee.email_hash == person.email_hash)
    lines = _Lines(session.scalars(select(Employee).where(is_theirs)))
    by_slack, by_email = _lines_of(person, lines)
    return _facts(by_slack).or_else(_facts(by_email))


@dataclass(frozen=True)
class Colleague:
    """Somebody who stands in HR's list and is known in Slack, and what the list says of them."""

    person: Person
    job: JobFacts
    license_expires: date | None
    next_review: date | None


def colleagues(session: Session) -> list[Colleague]:
    """Return everybody who stands in HR's list and is known in Slack, by the rules of `job_of`."""
    lines = _Lines(session.scalars(select(Employee)))
    found = []
    for person in session.scalars(select(Person).order_by(Person.id)):
        mine = _lines_of(person, lines)
        if any(mine):
            found.append(_colleague(person, *mine))
    return found


def _colleague(person: Person, by_slack: Employee | None, by_email: Employee | None) -> Colleague:
    known = [line for line in (by_slack, by_email) if line is not None]
    return Colleague(
        person,
        _facts(by_slack).or_else(_facts(by_email)),
        next((line.license_expires for line in known if line.license_expires), None),
        next((line.next_review for line in known if line.next_review), None),
    )


class _Lines:
    """Lines of HR's list by fingerprint."""

    def __init__(self, employees: Iterable[Employee]) -> None:
        self.by_slack: dict[str, Employee] = {}
        self.by_email_only: dict[str, Employee] = {}
        for employee in employees:
            if employee.slack_hash is not None:
                self.by_slack[employee.slack_hash] = employee
            elif employee.email_hash is not None:
                self.by_email_only[employee.email_hash] = employee


def _lines_of(person: Person, lines: _Lines) -> tuple[Employee | None, Employee | None]:
    """Return the line with somebody's Slack user, and the one with their address alone."""
    by_slack = lines.by_slack.get(person.address_hash)
    if person.email_hash is None or (by_slack is not None and by_slack.email_hash is not None):
        return by_slack, None
    return by_slack, lines.by_email_only.get(person.email_hash)


def _facts(employee: Employee | None) -> JobFacts:
    if employee is None:
        return UNKNOWN_JOB
    return JobFacts(
        employment_types=_only(employee.employment_type),
        fte=None if employee.fte is None else Bounds.exactly(employee.fte),
        hire_date=employee.hire_date,
        job_families=_only(employee.job_family),
        sites=_only(employee.site),
    )


def site_of(session: Session, person_id: str | None) -> str | None:
    """Return where somebody works, if that is known."""
    return next(iter(job_of(session, person_id).sites or ()), None)


class _Known:
    """The employees of the table by fingerprint, those added meanwhile too."""

    def __init__(self, employees: Iterable[Employee]) -> None:
        self._by_hash: dict[str, Employee] = {}
        for employee in employees:
            self.keep(employee)

    def keep(self, employee: Employee) -> None:
        for digest in (employee.slack_hash, employee.email_hash):
            if digest is not None:
                self._by_hash[digest] = employee

    def find(self, hashes: dict[str, str]) -> list[Employee]:
        found = [self._by_hash[digest] for digest in hashes.values() if digest in self._by_hash]
        return list(dict.fromkeys(found))


def _store(
    session: Session,
    known: _Known,
    found: list[Employee],
    row: EmployeeRow,
    hashes: dict[str, str],
    seal: Seal,
    now: datetime,
) -> str:
    values: dict[str, Any] = {**row.job, **hashes}
    if not found:
        sealed = seal.seal(_address(row))
        employee = Employee(**values, address_sealed=sealed, updated_at=now)
        session.add(employee)
        known.keep(employee)
        return "added"
    employee, *other = found
    for half in other:
        _join_halves(session, employee, half, seal)
    changed = {name: value for name, value in values.items() if getattr(employee, name) != value}
    if not changed and not other:
        return "unchanged"
    for name, value in changed.items():
        setattr(employee, name, value)
    employee.address_sealed = seal.seal({**seal.open(employee.address_sealed), **_address(row)})
    employee.updated_at = now
    known.keep(employee)
    return "changed"


def _halves(one: Employee, other: Employee) -> bool:
    """Tell whether of these one is known by Slack only and one by e-mail only: one person."""
    by_slack = {one.slack_hash is None, other.slack_hash is None}
    by_email = {one.email_hash is None, other.email_hash is None}
    return by_slack == by_email == {True, False}


def _join_halves(session: Session, employee: Employee, half: Employee, seal: Seal) -> None:
    """Give one row what only the other knows, and take the other away."""
    for column in JOB:
        if getattr(employee, column) is None:
            setattr(employee, column, getattr(half, column))
    both = {**seal.open(half.address_sealed), **seal.open(employee.address_sealed)}
    employee.address_sealed = seal.seal(both)
    session.delete(half)
    # Its fingerprint must be gone before the other row takes it.
    session.flush()


def _hashes(row: EmployeeRow, seal: Seal) -> dict[str, str]:
    hashes = {}
    if row.slack_user:
        hashes["slack_hash"] = seal.fingerprint("slack", row.slack_team, row.slack_user)
    if row.email:
        hashes["email_hash"] = seal.email_fingerprint(row.email)
    return hashes


def _address(row: EmployeeRow) -> dict[str, str]:
    parts = {"team": row.slack_team, "user": row.slack_user, "email": row.email}
    return {name: value for name, value in parts.items() if value}


def _only_team(session: Session, seal: Seal) -> str | None:
    """Return the Slack workspace of the people known so far, if it is one."""
    teams: set[str] = set()
    for sealed in session.scalars(select(Person.address_sealed)):
        team = seal.open(sealed).get("team")
        if team:
            teams.add(team)
        if len(teams) > 1:
            return None
    return next(iter(teams), None)


def _only(value: str | None) -> frozenset[str] | None:
    return None if value is None else frozenset({value})

"""Decides whether somebody may take part in a program, from the program's data and their job.

Pure: no database, no clock, no words of a dialogue around it (`bot.programs.eligibility_replies`).
What the data can't say stands in a program's notes, which are for people to read.
"""

from __future__ import annotations

import calendar
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, Protocol

from bot.programs.terms import FULL_TIME_HOURS, day_text, list_of, number_text, or_list_of

YES, NO, NOT_YET, UNKNOWN = "yes", "no", "not_yet", "unknown"
EMPLOYMENT_TYPE, TENURE, FTE, JOB_FAMILY, SITE = FACTS = (
    "employment_type",
    "tenure",
    "fte",
    "job_family",
    "site",
)
"""What can be asked about a job, in the order in which it is worth asking."""


class Conditions(Protocol):
    """The columns of a program that say who may take part; an empty list means anyone."""

    employment_types: Sequence[str]
    min_fte: float | None
    min_tenure_months: int | None
    job_families: Sequence[str]
    sites: Sequence[str]


@dataclass(frozen=True)
class Bounds:
    """A number of which it is known that it is at least one number and below another."""

    at_least: float
    below: float = math.inf
    exact: bool = False

    @classmethod
    def exactly(cls, value: float) -> Bounds:
        """Return the bounds of a number that is known."""
        return cls(value, math.nextafter(value, math.inf), exact=True)

    def reaches(self, minimum: float) -> bool | None:
        """Tell whether the number is `minimum` or more; None if that isn't known."""
        if self.at_least >= minimum:
            return True
        return False if self.below <= minimum else None


@dataclass(frozen=True)
class JobFacts:
    """What is known about a job; None where nothing is.

    A set holds what is still possible: {nursing} is known, {nursing, physicians} is nearly so.
    `tenure` is in months; it is asked for where no `hire_date` is known.
    """

    employment_types: frozenset[str] | None = None
    fte: Bounds | None = None
    hire_date: date | None = None
    tenure: Bounds | None = None
    job_families: frozenset[str] | None = None
    sites: frozenset[str] | None = None

    def or_else(self, other: JobFacts) -> JobFacts:
        """Return these facts, and where there are none, those of the other."""
        known = {f.name: getattr(self, f.name) for f in fields(self)}
        if self.tenure is not None and self.hire_date is None:
            other = replace(other, hire_date=None)
        return replace(other, **{name: value for name, value in known.items() if value is not None})

    def as_json(self) -> dict[str, Any]:
        """Return plain values that a conversation can keep."""
        values: dict[str, Any] = {}
        for name in ("employment_types", "job_families", "sites"):
            if (options := getattr(self, name)) is not None:
                values[name] = sorted(options)
        for name in ("fte", "tenure"):
            if (bounds := getattr(self, name)) is not None:
                below = None if math.isinf(bounds.below) else bounds.below
                values[name] = [bounds.at_least, below, bounds.exact]
        if self.hire_date is not None:
            values["hire_date"] = self.hire_date.isoformat()
        return values

    @classmethod
    def from_json(cls, values: dict[str, Any] | None) -> JobFacts:
        """Return what `as_json` kept."""
        read: dict[str, Any] = {}
        for name, value in (values or {}).items():
            if name in ("fte", "tenure"):
                at_least, below, exact = value
                read[name] = Bounds(at_least, math.inf if below is None else below, exact)
            elif name == "hire_date":
                read[name] = date.fromisoformat(value)
            else:
                read[name] = frozenset(value)
        return cls(**read)


@dataclass(frozen=True)
class Verdict:
    """Whether somebody may take part, and why.

    `eligible` is yes, no, not_yet (only time is missing) or unknown. `reasons` are clauses
    ("you are per-diem staff; it is for …"): what stands against it if anything does, else what
    speaks for it. `from_date` is known for not_yet where the hire date is. `missing` are the
    FACTS that are not known and matter, in the order in which to ask.
    """

    eligible: str
    reasons: tuple[str, ...] = ()
    from_date: date | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Finding:
    fact: str
    met: bool | None
    reason: str = ""


def check(program: Conditions, job: JobFacts, today: date) -> Verdict:
    """Return whether somebody with this job may take part today."""
    findings = list(_findings(program, job, today))
    missing = tuple(f.fact for f in findings if f.met is None)
    against = [f for f in findings if f.met is False]
    if any(f.fact != TENURE for f in against):
        return Verdict(NO, tuple(f.reason for f in against if f.fact != TENURE))
    if against:
        from_date = anniversary(program, job)
        return Verdict(NOT_YET, tuple(f.reason for f in against), from_date, missing)
    speaking_for = tuple(f.reason for f in findings if f.met)
    return Verdict(UNKNOWN if missing else YES, speaking_for, None, missing)


def anniversary(program: Conditions, job: JobFacts) -> date | None:
    """Return the day on which somebody has been here long enough, if the hire date is known."""
    if job.hire_date is None:
        return None
    return months_after(job.hire_date, program.min_tenure_months or 0)


def months_after(day: date, months: int) -> date:
    """Return the same day so many months later, or the last of the month if it is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def group_text(program: Conditions, fact: str) -> str:
    """Return whom one condition lets in: "people who work 30 hours a week (0.75 FTE) or more"."""
    if fact == EMPLOYMENT_TYPE:
        return f"{list_of(program.employment_types)} staff"
    if fact == FTE:
        return f"people who work {_hours(program.min_fte)} or more"
    if fact == TENURE:
        return f"people who have been here {_months(program.min_tenure_months)} or more"
    if fact == JOB_FAMILY:
        return f"jobs in {list_of(program.job_families)}"
    return f"people at {list_of(program.sites)}"


def _findings(program: Conditions, job: JobFacts, today: date) -> Iterator[_Finding]:
    if program.employment_types:
        yield _type_finding(program, job.employment_types)
    if program.min_tenure_months:
        yield _tenure_finding(program, job, today)
    if program.min_fte:
        yield _fte_finding(program, job.fte)
    if program.job_families:
        yield _family_finding(program, job.job_families)
    if program.sites:
        yield _site_finding(program, job.sites)


def _type_finding(program: Conditions, mine: frozenset[str] | None) -> _Finding:
    met = _within(mine, program.employment_types)
    if met is None:
        return _Finding(EMPLOYMENT_TYPE, None)
    needed = group_text(program, EMPLOYMENT_TYPE)
    me = f"you are {or_list_of(sorted(mine))} staff"
    return _Finding(EMPLOYMENT_TYPE, met, me if met else f"it is for {needed}, and {me}")


def _tenure_finding(program: Conditions, job: JobFacts, today: date) -> _Finding:
    needed = f"{_months(program.min_tenure_months)} here"
    if job.hire_date is not None:
        from_date = anniversary(program, job)
        met = from_date <= today
        since = f"you have been here since {day_text(job.hire_date)}"
        if met:
            return _Finding(TENURE, True, f"{since} ({_months(program.min_tenure_months)} count)")
        return _Finding(
            TENURE, False, f"it takes {needed}; you reach that on {day_text(from_date)}"
        )
    met = job.tenure.reaches(program.min_tenure_months) if job.tenure else None
    if met:
        return _Finding(TENURE, True, f"you have been here {needed.removesuffix(' here')} or more")
    return _Finding(TENURE, met, f"it takes {needed}")


def _fte_finding(program: Conditions, mine: Bounds | None) -> _Finding:
    met = mine.reaches(program.min_fte) if mine else None
    if met is None:
        return _Finding(FTE, None)
    needed = f"{_hours(program.min_fte)} or more"
    me = f"you work {_hours(mine.at_least)}" if mine.exact else "you work fewer"
    if met:
        return _Finding(FTE, True, me if mine.exact else f"you work {needed}")
    return _Finding(FTE, False, f"it takes {needed}, and {me}")


def _family_finding(program: Conditions, mine: frozenset[str] | None) -> _Finding:
    met = _within(mine, program.job_families)
    if met is None:
        return _Finding(JOB_FAMILY, None)
    needed = group_text(program, JOB_FAMILY)
    me = f"yours is in {list_of(sorted(mine))}" if len(mine) == 1 else "yours is in another area"
    if met:
        return _Finding(JOB_FAMILY, True, f"your job is in {or_list_of(sorted(mine))}")
    return _Finding(JOB_FAMILY, False, f"it is for {needed}, and {me}")


def _site_finding(program: Conditions, mine: frozenset[str] | None) -> _Finding:
    met = _within(mine, program.sites)
    if met is None:
        return _Finding(SITE, None)
    needed = group_text(program, SITE)
    me = f"you work at {or_list_of(sorted(mine))}"
    return _Finding(SITE, met, me if met else f"it is for {needed}, and {me}")


def _within(mine: frozenset[str] | None, allowed: Sequence[str]) -> bool | None:
    if mine is None:
        return None
    if mine <= set(allowed):
        return True
    return None if mine & set(allowed) else False


def _hours(fte: float) -> str:
    return f"{number_text(fte * FULL_TIME_HOURS)} hours a week ({fte:g} FTE)"


def _months(months: int) -> str:
    if months % 12 == 0:
        years = months // 12
        return "1 year" if years == 1 else f"{years} years"
    return "1 month" if months == 1 else f"{months} months"

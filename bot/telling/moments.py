"""Moments of somebody's working life at which they are told something; data/moments.yml says what.

Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from bot.db.models import Program
from bot.programs.eligibility import anniversary
from bot.programs.employees import Colleague

AFTER_HIRE, BECOMES_ELIGIBLE = "after_hire", "becomes_eligible"
BEFORE_LICENSE, BEFORE_REVIEW = "before_license_expires", "before_review"


@dataclass(frozen=True)
class Moment:
    """A moment and what is said then.

    when: after_hire (`days` after the first day), becomes_eligible (has been here long enough
    for `program_id`, or for any program that asks for that), before_license_expires and
    before_review (`days` before). `within_days`: whom it didn't reach by then it leaves alone.
    `conditions` narrow it down as those of a campaign do.
    """

    id: str
    title: str
    when: str
    text: str
    days: int = 0
    within_days: int = 14
    program_id: str | None = None
    link: str | None = None
    conditions: Mapping[str, Any] = field(default_factory=dict)


def day_of(moment: Moment, colleague: Colleague, program: Program | None) -> date | None:
    """Return the day of a moment in somebody's working life, None if it has none.

    Args:
        program: the one that they become eligible for.
    """
    days, hired = timedelta(days=moment.days), colleague.job.hire_date
    if moment.when == AFTER_HIRE:
        return hired + days if hired else None
    if moment.when == BECOMES_ELIGIBLE:
        needs_time = program is not None and program.min_tenure_months
        return anniversary(program, colleague.job) if needs_time else None
    is_license = moment.when == BEFORE_LICENSE
    day = colleague.license_expires if is_license else colleague.next_review
    return day - days if day else None


def occurrence(
    moment: Moment, colleague: Colleague, program: Program | None, today: date
) -> str | None:
    """Return which time of a moment it is for somebody today, None if it isn't theirs."""
    day = day_of(moment, colleague, program)
    if day is None or not day <= today < day + timedelta(days=moment.within_days):
        return None
    if moment.when == BECOMES_ELIGIBLE and program is not None:
        return f"{program.id}:{day}"
    return str(day)

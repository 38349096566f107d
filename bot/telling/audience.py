"""Whom something may be told: by the rules of "am I eligible?", and by what people want.

The one place that decides an audience. Who is found in no list of HR is told nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from bot.db.models import Employee, Program
from bot.db.telling import Telling, TellingPreference
from bot.programs.eligibility import NOT_YET, UNKNOWN, YES, JobFacts, Verdict, check
from bot.programs.employees import Colleague, colleagues
from bot.telling.gentle import WEEK, Limits

TOLD, WAITING, WITHDRAWN, FAILED = "told", "waiting", "withdrawn", "failed"
NOT_FOR_ME, LATER = "not_for_me", "later"
CAMPAIGN, MOMENT = "campaign", "moment"
GENTLE = (CAMPAIGN, MOMENT)
"""What counts for the weekly cap: whatever nobody asked for."""

RECENT_DAYS = 31
NOT_ELIGIBLE, TOO_NEW, JOB_UNKNOWN = "not_eligible", "too_new", "job_unknown"
OUTSIDER, STOPPED, CATEGORY_OFF, SET_ASIDE = "outsider", "stopped", "category_off", "set_aside"
ALREADY_TOLD, REACTED, THIS_WEEK, QUIET = "already_told", "reacted", "this_week", "quiet"
NOT_IN_SLACK = "not_in_slack"
NEVER = (
    NOT_ELIGIBLE, TOO_NEW, JOB_UNKNOWN, OUTSIDER, NOT_IN_SLACK, STOPPED, CATEGORY_OFF, SET_ASIDE,
    ALREADY_TOLD, REACTED,
)  # fmt: skip
LATER_ON = (THIS_WEEK, QUIET)
REASONS = (*NEVER, *LATER_ON)
"""Why somebody isn't told now: never, or only later on."""


@dataclass(frozen=True)
class Conditions:
    """Conditions as `bot.programs.eligibility` checks them; nothing given lets everybody in."""

    employment_types: Sequence[str] = ()
    min_fte: float | None = None
    min_tenure_months: int | None = None
    job_families: Sequence[str] = ()
    sites: Sequence[str] = ()


def judge(
    program: Program | None, conditions: Mapping[str, Any], job: JobFacts, today: date
) -> Verdict:
    """Return whether something is for somebody: the program is, and the narrower conditions too."""
    narrower = check(Conditions(**conditions), job, today)
    if program is None or narrower.eligible != YES:
        return narrower
    verdict = check(program, job, today)
    reasons = dict.fromkeys((*verdict.reasons, *(narrower.reasons if verdict.reasons else ())))
    return Verdict(verdict.eligible, tuple(reasons) or narrower.reasons, verdict.from_date)


def refusal(verdict: Verdict) -> str | None:
    """Return why a verdict keeps somebody out, None if it doesn't."""
    if verdict.eligible == YES:
        return None
    return {NOT_YET: TOO_NEW, UNKNOWN: JOB_UNKNOWN}.get(verdict.eligible, NOT_ELIGIBLE)


@dataclass
class Standing:
    """What one person was told and said so far.

    `times`: by means and source, when they were told, oldest first. `occurrences`: what there is
    a row of. `recent`: messages that count for the weekly cap.
    """

    stopped: bool = False
    categories_off: frozenset[str] = frozenset()
    times: dict[tuple[str, str], list[datetime]] = field(default_factory=dict)
    occurrences: set[tuple[str, str, str]] = field(default_factory=set)
    clicked: set[str] = field(default_factory=set)
    set_aside: set[str] = field(default_factory=set)
    programs: dict[str, datetime] = field(default_factory=dict)
    later: list[Any] = field(default_factory=list)
    recent: int = 0

    def note(self, telling: Any, week_ago: datetime) -> None:
        """Take one row of the record, with the columns of `Telling`, into account."""
        self.occurrences.add((telling.means, telling.source, telling.occurrence))
        if telling.status not in (TOLD, WAITING):
            return
        at = telling.told_at or telling.created_at
        self.times.setdefault((telling.means, telling.source), []).append(at)
        if telling.program_id:
            self.programs[telling.program_id] = max(at, self.programs.get(telling.program_id, at))
        if telling.means in GENTLE and at > week_ago:
            self.recent += 1
        subjects = subjects_of(telling)
        if telling.clicked_at is not None:
            self.clicked |= subjects
        if telling.response == NOT_FOR_ME:
            self.set_aside |= subjects
        elif telling.response == LATER:
            self.later.append(telling)


def subjects_of(telling: Any) -> set[str]:
    """Return what a message was about: its program, or what told it if there is none."""
    return {telling.program_id or f"{telling.means}:{telling.source}"}


@dataclass(frozen=True)
class Audience:
    """Everybody who can be told something, and where each of them stands."""

    colleagues: tuple[Colleague, ...]
    standings: Mapping[str, Standing]
    absent: int
    """People of HR's list whom nobody knows in Slack."""

    def of(self, colleague: Colleague) -> Standing:
        """Return where somebody stands."""
        return self.standings.get(colleague.person.id) or Standing()


def read_audience(
    session: Session, now: datetime, sources: Collection[str] = (), *, days: int = RECENT_DAYS
) -> Audience:
    """Return everybody who stands in HR's list and is in Slack, with what they were told so far.

    Args:
        sources: of these everything counts that was ever told; of others, what was reacted to
            and what is younger than `days`.
    """
    found = colleagues(session)
    standings: dict[str, Standing] = {}
    for preference in session.scalars(select(TellingPreference)):
        standings[preference.person_id] = Standing(
            stopped=preference.stopped_at is not None,
            categories_off=frozenset(preference.categories_off),
        )
    counts = or_(
        Telling.created_at > now - timedelta(days=days),
        Telling.response.is_not(None),
        Telling.clicked_at.is_not(None),
        Telling.source.in_(sources),
    )
    # Columns, not objects: in a big house these are many rows.
    rows = select(*Telling.__table__.columns).where(counts).order_by(Telling.id)
    for telling in session.execute(rows):
        standings.setdefault(telling.person_id, Standing()).note(telling, now - WEEK)
    lines = session.scalar(select(func.count()).select_from(Employee))
    return Audience(tuple(found), standings, max(0, lines - len(found)))


def unwilling(colleague: Colleague, standing: Standing, program: Program | None) -> str | None:
    """Return why somebody can't or doesn't want to be told of this at all, None if they may."""
    person = colleague.person
    if person.is_outsider or person.is_deactivated:
        return OUTSIDER
    if standing.stopped:
        return STOPPED
    if program is not None and program.category in standing.categories_off:
        return CATEGORY_OFF
    return None


def unready(colleague: Colleague, standing: Standing, limits: Limits, now: datetime) -> str | None:
    """Return why somebody is told later rather than now, None if now is fine."""
    if standing.recent >= limits.a_week:
        return THIS_WEEK
    return QUIET if limits.quiet.is_quiet(colleague.person.time_zone, now) else None


def eligible_count(
    people: Iterable[Colleague], program: Program, today: date, conditions: Mapping[str, Any]
) -> int:
    """Return how many of these people a program is for."""
    verdicts = (judge(program, conditions, one.job, today) for one in people)
    return Counter(verdict.eligible for verdict in verdicts)[YES]

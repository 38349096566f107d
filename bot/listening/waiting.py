"""How HR's queues did in a period: how long people waited, what was promised, what they thought.

Cases that were opened in the period count, by the queue that has them now. Cases without a name
and sensitive ones are in no figure. Times are service time, which passes only while a queue is
open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median, quantiles

from sqlalchemy import func, not_, select
from sqlalchemy.orm import Session

from bot.db.models import Case, CaseEvent, UTCDateTime
from bot.desk.cases import FINISHED, HELPFUL, NOT_HELPFUL, RESOLVED, WITHDRAWN
from bot.desk.routing import Queue, Routing
from bot.listening.intervals import Share
from bot.listening.outcomes import Group
from bot.listening.periods import Period
from bot.privacy.suppression import is_group

GOOD_SCORE = 4
SOLVED, CAME_BACK, SILENT, CLOSED, TAKEN_BACK, RUNNING = CASE_OUTCOMES = (
    "solved",
    "came_back",
    "silent",
    "closed",
    "taken_back",
    "running",
)


@dataclass(frozen=True)
class Waited:
    """How long people waited for something of HR, in service time.

    `usual` is the median and `long` what nine of ten waited at most; None where fewer than five
    people got it.
    """

    people: int
    usual: timedelta | None = None
    long: timedelta | None = None


@dataclass(frozen=True)
class QueueFigures:
    """A queue's cases of a period; a share is None where fewer than five people are in it."""

    name: str
    title: str
    cases: Group
    first_reply: Waited
    answer: Waited
    first_reply_in_time: Share | None
    resolved_in_time: Share | None
    satisfied: Share | None
    mean_score: float | None
    by_outcome: dict[str, Group]


@dataclass(frozen=True)
class _Row:
    queue: Queue
    case: Case
    first_answered_at: datetime | None
    last_answered_at: datetime | None


def queue_figures(
    session: Session, routing: Routing, period: Period, now: datetime
) -> list[QueueFigures]:
    """Return the figures of each open queue that had a case, in the order of the file."""
    rows = _rows(session, routing, period)
    return [
        _figures(queue.name, queue.title, mine, now)
        for queue in routing.queues.values()
        if not queue.restricted and (mine := [row for row in rows if row.queue == queue])
    ]


def figures_of_all(
    session: Session, routing: Routing, period: Period, now: datetime, title: str
) -> QueueFigures:
    """Return the figures of all open queues together."""
    return _figures("", title, _rows(session, routing, period), now)


def _rows(session: Session, routing: Routing, period: Period) -> list[_Row]:
    answered = (
        select(
            CaseEvent.case_id,
            func.min(CaseEvent.at, type_=UTCDateTime()).label("first"),
            func.max(CaseEvent.at, type_=UTCDateTime()).label("last"),
        )
        .where(CaseEvent.action == "answered")
        .group_by(CaseEvent.case_id)
        .subquery()
    )
    found = (
        select(Case, answered.c.first, answered.c.last)
        .outerjoin(answered, answered.c.case_id == Case.id)
        .where(
            Case.created_at >= period.since,
            Case.created_at < period.until,
            not_(Case.anonymous),
            not_(Case.sensitive),
            not_(Case.is_feedback),
        )
        .order_by(Case.id)
    )
    return [_Row(routing.queue_of(case), case, *at) for case, *at in session.execute(found)]


def _figures(name: str, title: str, rows: list[_Row], now: datetime) -> QueueFigures:
    rated = [row for row in rows if row.case.csat is not None]
    scores = [row.case.csat for row in rated]
    return QueueFigures(
        name=name,
        title=title,
        cases=_group(rows),
        first_reply=_waited(rows, lambda row: row.case.first_replied_at),
        answer=_waited(rows, lambda row: row.first_answered_at),
        first_reply_in_time=_share(rows, lambda row: _first_reply_in_time(row.case, now)),
        resolved_in_time=_share(rows, lambda row: _resolved_in_time(row, now)),
        satisfied=_share(rated, lambda row: row.case.csat >= GOOD_SCORE),
        mean_score=sum(scores) / len(scores) if is_group(_group(rated).people) else None,
        by_outcome={
            outcome: _group([row for row in rows if _outcome(row.case) == outcome])
            for outcome in CASE_OUTCOMES
        },
    )


def _group(rows: Iterable[_Row]) -> Group:
    askers = [row.case.person_id or row.case.conversation_id for row in rows]
    return Group(len(askers), len(set(askers)))


def _waited(rows: list[_Row], until: Callable[[_Row], datetime | None]) -> Waited:
    ended = [row for row in rows if until(row) is not None]
    people = _group(ended).people
    if not is_group(people):
        return Waited(people)
    waits = [row.queue.hours.between(row.case.created_at, until(row)) for row in ended]
    seconds = sorted(wait.total_seconds() for wait in waits)
    nine_of_ten = quantiles(seconds, n=10, method="inclusive")[-1]
    return Waited(people, timedelta(seconds=median(seconds)), timedelta(seconds=nine_of_ten))


def _share(rows: list[_Row], is_so: Callable[[_Row], bool | None]) -> Share | None:
    """Return the share of the cases of which it can be said; None for too few people."""
    said = [(row, word) for row in rows if (word := is_so(row)) is not None]
    if not is_group(_group(row for row, _ in said).people):
        return None
    return Share(sum(word for _, word in said), len(said))


def _first_reply_in_time(case: Case, now: datetime) -> bool | None:
    if case.first_reply_due_at is None or case.feedback == WITHDRAWN:
        return None
    return _in_time(case.first_replied_at, case.first_reply_due_at, now)


def _resolved_in_time(row: _Row, now: datetime) -> bool | None:
    case = row.case
    if case.resolution_due_at is None or case.feedback == WITHDRAWN:
        return None
    # HR has done its part with the answer; when the asker says that it helped is theirs.
    done_at = (row.last_answered_at or case.resolved_at) if case.status in FINISHED else None
    return _in_time(done_at, case.resolution_due_at, now)


def _in_time(done_at: datetime | None, due_at: datetime, now: datetime) -> bool | None:
    """Say whether something was done in time; None while it still can be."""
    if done_at is not None:
        return done_at <= due_at
    return None if now <= due_at else False


def _outcome(case: Case) -> str:
    if case.feedback == WITHDRAWN:
        return TAKEN_BACK
    if case.feedback == HELPFUL:
        return SOLVED
    if case.feedback == NOT_HELPFUL:
        return CAME_BACK
    if case.status not in FINISHED:
        return RUNNING
    return CLOSED if case.status == RESOLVED and case.answer is None else SILENT

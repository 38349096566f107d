"""The morning summary of a queue: what is open, due today and overdue, and the oldest cases.

Answers and programs that should have been checked again stand in it, too. Once a day with
service, at the queue's time; nothing where nothing is open and nothing happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.db.models import Case, CaseEvent
from bot.db.queues import enqueue, is_known
from bot.desk.cases import CLAIMED, OPEN
from bot.desk.reminders import deadlines
from bot.desk.routing import Queue, Routing
from bot.privacy.audience import EMPLOYEE

LISTED_AT_MOST = 5
GRACE = timedelta(hours=1)
DAY = timedelta(days=1)
Review = dict[str, "str | None"]
"""An overdue answer or program: `title` and the day on which it was `reviewed`, if known."""
FINISHING = ("answered", "resolved", "withdrawn")


@dataclass(frozen=True)
class Digest:
    """What stands in a summary; cases by id, the most urgent first."""

    day: str
    open: int
    unclaimed: int
    new: int
    finished: int
    overdue: list[int]
    due_today: list[int]
    oldest: list[int]
    reviews: list[Review]


def post_digests(
    session: Session,
    routing: Routing,
    now: datetime,
    overdue_reviews: Callable[[], Mapping[str, list[Review]]] = dict,
) -> int:
    """Put the summaries whose time has come into the outbox; doing it again adds nothing.

    Args:
        overdue_reviews: gives by queue the answers and programs that nobody has checked in time.
    """
    posted = 0
    for queue in routing.queues.values():
        day = queue.hours.local_date(now)
        key = f"digest:{queue.name}:{day}"
        if not _is_time(queue, day, now) or is_known(session, key):
            continue
        digest = digest_of(session, routing, queue, day, overdue_reviews().get(queue.name, []))
        if digest is None:
            continue
        row = enqueue(
            session,
            delivery_key=key,
            kind="digest",
            lane=f"digest:{queue.name}",
            payload={"queue": queue.name, **vars(digest)},
            audience=EMPLOYEE,
            now=now,
        )
        posted += row is not None
    return posted


def digest_of(
    session: Session, routing: Routing, queue: Queue, day: date, reviews: list[Review]
) -> Digest | None:
    """Return what stood in a queue at the time of its summary; None if that is nothing.

    What has come in since doesn't count, so that a late look finds the same.
    """
    at = _moment(queue, day)
    running = select(Case).where(Case.status.in_((OPEN, CLAIMED)), Case.created_at <= at)
    cases = [
        case
        for case in session.scalars(running.order_by(Case.created_at, Case.id))
        if routing.queue_of(case) == queue
    ]
    since = _moment(queue, _service_day_before(queue, day))
    new = _count(session, queue, ("opened",), since, at)
    finished = _count(session, queue, FINISHING, since, at)
    if not (cases or new or finished or reviews):
        return None
    closing = queue.hours.closing(day)
    due = [(min(due_at for _, due_at in deadlines(case)), case) for case in _limited(cases)]
    by_urgency = sorted(due, key=lambda pair: (pair[0], pair[1].id))
    return Digest(
        day=day.isoformat(),
        open=len(cases),
        unclaimed=sum(case.status == OPEN for case in cases),
        new=new,
        finished=finished,
        overdue=[case.id for due_at, case in by_urgency if due_at <= at],
        due_today=[case.id for due_at, case in by_urgency if at < due_at <= closing],
        oldest=[case.id for case in cases[:LISTED_AT_MOST]],
        reviews=reviews,
    )


def _limited(cases: Iterable[Case]) -> list[Case]:
    return [case for case in cases if any(deadlines(case))]


def _is_time(queue: Queue, day: date, now: datetime) -> bool:
    """Say whether the summary of a day is due, or was missed and is still of use."""
    if queue.digest is None or not queue.hours.is_service_day(day):
        return False
    at = _moment(queue, day)
    return at <= now < max(queue.hours.closing(day), at + GRACE)


def _moment(queue: Queue, day: date) -> datetime:
    return queue.hours.at(day, queue.digest or 0)


def _service_day_before(queue: Queue, day: date) -> date:
    day -= DAY
    while not queue.hours.is_service_day(day):
        day -= DAY
    return day


def _count(
    session: Session, queue: Queue, actions: Iterable[str], since: datetime, until: datetime
) -> int:
    counted = (
        select(func.count(func.distinct(CaseEvent.case_id)))
        .join(Case, Case.id == CaseEvent.case_id)
        .where(
            Case.queue == queue.name,
            CaseEvent.action.in_(tuple(actions)),
            CaseEvent.at > since,
            CaseEvent.at <= until,
        )
    )
    return session.scalar(counted)

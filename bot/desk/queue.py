"""Finds cases for HR: what is open, mine, overdue, or says certain words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement, Select

from bot.db.models import Case, CaseEntry
from bot.desk.cases import ANSWERED, CLAIMED, OPEN
from bot.desk.routing import Queue, Routing

PAGE = 10
WORDS_AT_MOST = 6
SEARCHED = 5_000
"""The newest so many cases are searched: a list must be there within Slack's three seconds."""
UNRESOLVED = (OPEN, CLAIMED, ANSWERED)


@dataclass(frozen=True)
class Load:
    """Unresolved cases of a queue in one status: how many, how many overdue, the oldest's time."""

    queue: str
    status: str
    count: int
    overdue: int
    oldest: datetime


def cases_open(queues: Collection[Queue]) -> Select:
    """Select the open cases of these queues, oldest first."""
    # Not by the plain id: PostgreSQL would walk through all resolved cases to find these in order.
    return _of(queues).where(Case.status.in_(UNRESOLVED)).order_by(Case.id + 0)


def cases_of_assignee(queues: Collection[Queue], person_id: str) -> Select:
    """Select what somebody of HR has claimed and not finished, oldest first."""
    return cases_open(queues).where(Case.assignee_id == person_id, Case.status == CLAIMED)


def cases_breached(queues: Collection[Queue], now: datetime) -> Select:
    """Select what is overdue: the first reply or the resolution; longest overdue first."""
    overdue = _of(queues).where(Case.status.in_(UNRESOLVED), _is_overdue(now))
    return overdue.order_by(Case.first_reply_due_at, Case.id)


def cases_with(session: Session, queues: Collection[Queue], words: str) -> Select:
    """Select those of the newest `SEARCHED` cases in which all these words stand, newest first."""
    newest = session.scalar(select(func.max(Case.id))) or 0
    found = _of(queues).where(Case.id > newest - SEARCHED)
    for word in words.split()[:WORDS_AT_MOST]:
        said = select(CaseEntry.id).where(CaseEntry.case_id == Case.id, _has(CaseEntry.text, word))
        found = found.where(or_(_has(Case.question, word), _has(Case.answer, word), said.exists()))
    return found.order_by(Case.id.desc())


def loads(session: Session, now: datetime) -> list[Load]:
    """Return what lies in each queue, by status; resolved cases don't count."""
    overdue = func.sum(case((_is_overdue(now), 1), else_=0))
    found = (
        select(Case.queue, Case.status, func.count(), overdue, func.min(Case.created_at))
        .where(Case.status.in_(UNRESOLVED))
        .group_by(Case.queue, Case.status)
    )
    return [Load(*row) for row in session.execute(found)]


def page_of(session: Session, found: Select, page: int) -> tuple[list[Case], int]:
    """Return one page of cases (the first is 0), and how many there are in all."""
    count = session.scalar(select(func.count()).select_from(found.order_by(None).subquery()))
    return list(session.scalars(found.limit(PAGE).offset(PAGE * page))), count


def is_of(routing: Routing, case: Case, queues: Collection[Queue]) -> bool:
    """Say whether a case is of one of these queues."""
    return routing.queue_of(case) in queues


def _is_overdue(now: datetime) -> ColumnElement:
    no_reply = (Case.first_replied_at.is_(None)) & (Case.first_reply_due_at < now)
    not_done = (Case.status != ANSWERED) & (Case.resolution_due_at < now)
    return or_(no_reply, not_done)


def _of(queues: Collection[Queue]) -> Select:
    """Select the cases of queues. What is sensitive shows only where the queue is restricted."""
    restricted = [queue.name for queue in queues if queue.restricted]
    others = [queue.name for queue in queues if not queue.restricted]
    return select(Case).where(
        or_(Case.queue.in_(restricted), Case.queue.in_(others) & Case.sensitive.is_(False))
    )


def _has(column: object, word: str) -> object:
    return func.lower(column).contains(word.lower(), autoescape=True)

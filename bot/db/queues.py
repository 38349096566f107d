"""Inbox and outbox as work queues: rows of one lane one at a time, in order, under a lease.

A row is claimed for a short lease; whoever claims it finishes it, or gives it back with the
time of the next attempt. If the claimer dies, the lease runs out and another one takes it.
On PostgreSQL several gateways share the work with FOR UPDATE SKIP LOCKED.

Clocks may jump. What was never tried is due whatever its time says, and a time further ahead
than anything ever waits was written under a clock that was wrong: it doesn't count.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import and_, bindparam, or_, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql import Select
from sqlalchemy.sql.elements import ColumnElement

from bot.db.models import InboxRow, OutboxRow

Row = TypeVar("Row", InboxRow, OutboxRow)
PENDING, DEAD = "pending", "dead"
BULK = ("telling",)
"""Kinds of outbox rows that go to many people at once; everything else goes first."""
LONGEST_WAIT = timedelta(minutes=10)
"""No row that is given back is due later than this."""


def enqueue(
    session: Session,
    *,
    delivery_key: str,
    kind: str,
    lane: str,
    payload: dict[str, Any],
    now: datetime,
    audience: str | None = None,
    conversation_id: str | None = None,
    case_id: int | None = None,
) -> OutboxRow | None:
    """Put something into the outbox, in the caller's transaction.

    Returns:
        The new row, or None if this delivery key is there already.
    """
    if is_known(session, delivery_key):
        return None
    row = OutboxRow(
        delivery_key=delivery_key,
        kind=kind,
        lane=lane,
        payload=payload,
        audience=audience,
        conversation_id=conversation_id,
        case_id=case_id,
        status=PENDING,
        attempts=0,
        refusals=0,
        due_at=now,
        created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        # Another process was a moment faster; anything else is a mistake of ours.
        if is_known(session, delivery_key):
            return None
        raise
    return row


def has_due(reading: Connection, model: type[Row], now: datetime, lease: timedelta) -> bool:
    """Say whether `claim` would find something; it needs no write lock for that."""
    return reading.scalar(_first_due(model), _moments(now, lease)) is not None


def claim(
    session: Session,
    model: type[Row],
    *,
    worker: str,
    now: datetime,
    lease: timedelta,
    limit: int,
) -> list[Row]:
    """Take up to `limit` due rows, the oldest unfinished one of each lane that is at rest.

    What goes to many people at once comes last.

    A row of the outbox counts as attempted from here on. The one that is returned still shows
    whether an earlier attempt is of unknown outcome.

    Returns:
        The rows, claimed by `worker` until `now + lease`.
    """
    rows = list(session.scalars(_due_rows(model), {**_moments(now, lease), "most": limit}))
    for row in rows:
        row.claimed_by = worker
        row.claimed_until = now + lease
        row.attempts += 1
        if isinstance(row, InboxRow) and not _is_past(row.first_attempt_at, now):
            row.first_attempt_at = now
    if model is OutboxRow and rows:
        session.execute(_ATTEMPTED, {"ids": [row.id for row in rows], "at": now})
    return rows


_ATTEMPTED = (
    update(OutboxRow)
    .where(OutboxRow.id.in_(bindparam("ids", expanding=True)), OutboxRow.attempted_at.is_(None))
    .values(attempted_at=bindparam("at"))
    .execution_options(synchronize_session=False)
)


def _is_past(time: datetime | None, now: datetime) -> bool:
    return time is not None and time <= now


@cache
def _due_rows(model: type[Row]) -> Select:
    return _due(model).limit(bindparam("most")).with_for_update(skip_locked=True, of=model)


@cache
def _first_due(model: type[Row]) -> Select:
    return _due(model).with_only_columns(model.id).limit(1)


def _due(model: type[Row]) -> Select:
    """Return the query of due rows, the oldest unfinished of each lane at rest, by `_moments`."""
    other = aliased(model)
    # A later row can be under way when an earlier one's transaction took longer to commit.
    is_next_of_lane = ~(
        select(other.id)
        .where(
            other.lane == model.lane,
            other.status == PENDING,
            (other.id < model.id) | ((other.id > model.id) & _is_claimed(other)),
        )
        .exists()
    )
    is_due = and_(
        model.status == PENDING,
        or_(
            model.attempts == 0,
            model.due_at <= bindparam("now"),
            model.due_at > bindparam("latest_due"),
        ),
        or_(model.claimed_until.is_(None), ~_is_claimed(model)),
    )
    # Who waits for an answer isn't kept waiting by what goes to many people.
    order = (model.kind.in_(BULK), model.id) if model is OutboxRow else (model.id,)
    return select(model).where(is_due, is_next_of_lane).order_by(*order)


def _is_claimed(model: type[Row]) -> ColumnElement:
    return and_(
        model.claimed_until > bindparam("now"), model.claimed_until <= bindparam("latest_claim")
    )


def _moments(now: datetime, lease: timedelta) -> dict[str, datetime]:
    return {
        "now": now,
        "latest_due": now + LONGEST_WAIT,
        # Somewhat more than the lease, since another gateway's clock may be a little ahead.
        "latest_claim": now + lease + LONGEST_WAIT,
    }


def is_known(session: Session, delivery_key: str) -> bool:
    """Say whether something with this delivery key is, or was, to be delivered."""
    known = select(OutboxRow.id).where(OutboxRow.delivery_key == delivery_key)
    return session.scalar(known) is not None


def owns(row: Row | None, worker: str) -> bool:
    """Say whether `worker` still holds the claim on an unfinished row."""
    return row is not None and row.status == PENDING and row.claimed_by == worker


def give_back(row: Row, due_at: datetime) -> None:
    """Let go of a claimed row; it is due again at `due_at`, `LONGEST_WAIT` from now at most."""
    row.claimed_by = None
    row.claimed_until = None
    row.due_at = due_at


def finish(row: Row, status: str, now: datetime) -> None:
    """End a row's life with `status`."""
    row.status = status
    row.claimed_by = None
    row.claimed_until = None
    row.finished_at = now


def release_claims_of(session: Session, worker: str) -> int:
    """Free the rows that an earlier life of `worker` held when it died. Returns how many."""
    freed = 0
    for model in (InboxRow, OutboxRow):
        result = session.execute(
            update(model)
            .where(model.claimed_by == worker, model.status == PENDING)
            .values(claimed_by=None, claimed_until=None)
        )
        freed += result.rowcount
    return freed


def look_before_sending(session: Session) -> None:
    """Let everything that waits to leave be looked for first: it may have left already.

    That is so where a database has been restored to an earlier state.
    """
    waiting = (OutboxRow.status == PENDING) & (OutboxRow.attempted_at.is_(None))
    session.execute(update(OutboxRow).where(waiting).values(attempted_at=OutboxRow.created_at))

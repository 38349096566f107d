"""What Rasa's tracker keeps of conversations: the one place that reads or removes it by id.

Rasa's own SQL store holds one row an event in this database. It is made by the assistant when
that first starts, so it may not be there yet.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

EVENTS = sa.table(
    "events",
    sa.column("id", sa.Integer),
    sa.column("sender_id", sa.String),
    sa.column("type_name", sa.String),
    sa.column("timestamp", sa.Float),
    sa.column("data", sa.Text),
)
_SESSION_BEGINS = "session_started"


def events_of(session: Session, conversations: Collection[str]) -> list[dict[str, Any]]:
    """Return the events of conversations as Rasa wrote them, oldest first."""
    if not _is_there(session):
        return []
    found = sa.select(EVENTS.c.sender_id, EVENTS.c.data).where(
        EVENTS.c.sender_id.in_(conversations)
    )
    rows = session.execute(found.order_by(EVENTS.c.id))
    return [{"conversation": row.sender_id, **json.loads(row.data)} for row in rows]


def conversations(session: Session) -> sa.sql.Select | None:
    """Return the query of all conversations of which anything is kept, if there may be any."""
    return sa.select(EVENTS.c.sender_id).distinct() if _is_there(session) else None


def forget_conversations(session: Session, conversations: Collection[str]) -> int:
    """Remove all that is kept of conversations. Returns how many events that were."""
    if not _is_there(session):
        return 0
    theirs = EVENTS.c.sender_id.in_(conversations)
    return session.execute(sa.delete(EVENTS).where(theirs)).rowcount


def forget_before(session: Session, moment: datetime, at_most: int) -> int:
    """Remove events from before a moment, the oldest first, but never of a session under way.

    Rasa goes on from where a conversation's latest session began, so that stays whole as long
    as anything of it is younger than the moment. Returns how many events are gone.
    """
    if not _is_there(session):
        return 0
    other, latest = EVENTS.alias(), EVENTS.alias()
    began = (
        sa.select(sa.func.max(other.c.id))
        .where(other.c.sender_id == EVENTS.c.sender_id, other.c.type_name == _SESSION_BEGINS)
        .scalar_subquery()
    )
    goes_on = (
        sa.select(latest.c.id)
        .where(latest.c.sender_id == EVENTS.c.sender_id, latest.c.timestamp >= moment.timestamp())
        .exists()
    )
    old = EVENTS.c.timestamp < moment.timestamp()
    doomed = sa.select(EVENTS.c.id).where(old, ~goes_on | (EVENTS.c.id < began))
    first = doomed.order_by(EVENTS.c.id).limit(at_most).scalar_subquery()
    return session.execute(sa.delete(EVENTS).where(EVENTS.c.id.in_(first))).rowcount


def _is_there(session: Session) -> bool:
    return sa.inspect(session.connection()).has_table(EVENTS.name)

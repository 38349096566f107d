"""What waits in the queues: counted for health and metrics, without any content."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from bot.db.models import InboxRow, OutboxRow
from bot.db.queues import DEAD, PENDING


@dataclass(frozen=True)
class Waiting:
    """Pending rows of one kind: how many, and since when (UTC) the oldest waits."""

    kind: str
    count: int
    oldest: datetime


def waiting_in_inbox(session: Session) -> list[Waiting]:
    """Return what people have said and nobody has answered yet: `message` and `choice`."""
    kind = case((InboxRow.choice_id.is_(None), "message"), else_="choice")
    return _waiting(session, InboxRow, kind)


def waiting_in_outbox(session: Session) -> list[Waiting]:
    """Return what has to leave, by kind of row."""
    return _waiting(session, OutboxRow, OutboxRow.kind)


def dead_letters(session: Session) -> dict[str, int]:
    """Return how many rows of each kind were given up."""
    dead = (
        select(OutboxRow.kind, func.count())
        .where(OutboxRow.status == DEAD)
        .group_by(OutboxRow.kind)
    )
    return dict(session.execute(dead).all())


def _waiting(session: Session, model: type, kind: object) -> list[Waiting]:
    pending = (
        select(kind, func.count(), func.min(model.created_at))
        .where(model.status == PENDING)
        .group_by(kind)
    )
    return [Waiting(*row) for row in session.execute(pending)]

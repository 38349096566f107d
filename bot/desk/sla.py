"""By when a case should have its first reply and its resolution, in its queue's service time."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.db.models import Case
from bot.desk.routing import Queue


def place(case: Case, queue: Queue, since: datetime | None = None) -> None:
    """Give a case to a queue, when it is opened and when it is moved; its deadlines follow.

    Args:
        since: when the asker began to wait; by default, when the case was opened. A move
            doesn't change that.
    """
    since = since or case.created_at
    case.queue = queue.name
    # What has been in a restricted queue doesn't leave this circle, should the queue go.
    case.sensitive = bool(case.sensitive or queue.restricted)
    case.first_reply_due_at = _due(queue, queue.sla.first_reply, since)
    case.resolution_due_at = _due(queue, queue.sla.resolution, since)


def note_first_reply(case: Case, now: datetime) -> None:
    """Note that HR has replied, with an answer or a question back; only the first one counts."""
    if case.first_replied_at is None:
        case.first_replied_at = now


def start_again(case: Case, queue: Queue, now: datetime) -> None:
    """Give a case that was opened again a new deadline for its resolution."""
    case.resolution_due_at = _due(queue, queue.sla.resolution, now)


def wait_is_over(case: Case, queue: Queue, waited_since: datetime, now: datetime) -> None:
    """Put the resolution off by as long as HR had to wait for the asker's reply."""
    if case.resolution_due_at is not None:
        waited = queue.hours.between(waited_since, now)
        case.resolution_due_at = queue.hours.add(case.resolution_due_at, waited)


def _due(queue: Queue, limit: timedelta | None, start: datetime) -> datetime | None:
    return None if limit is None else queue.hours.add(start, limit)

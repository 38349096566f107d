"""Reminds HR of cases whose time runs out: before a deadline and when it has passed.

Only while the queue is at work, each stage of a deadline once, and whoever is reminded gets one
message for everything that is due, at most every fifteen minutes. Cases that are snoozed or
wait for their asker are quiet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.models import Case, CaseReminder
from bot.db.queues import enqueue, is_known
from bot.desk.cases import CLAIMED, OPEN
from bot.desk.routing import Queue, Routing
from bot.privacy.audience import EMPLOYEE

FIRST_REPLY, RESOLUTION = "first_reply", "resolution"
SOON, OVERDUE = "soon", "overdue"
LEFT_WHEN_SOON = 0.25
SLOT_MINUTES = 15


class OvertakenError(Exception):
    """Another gateway does the same at this moment; nothing of ours may stay."""


@dataclass(frozen=True)
class Recipient:
    """Who is reminded: a person, by their id, or a queue's channel, where a group may be rung."""

    person: str | None = None
    queue: str | None = None
    group: str | None = None

    @property
    def key(self) -> str:
        """What tells recipients apart."""
        return self.person or f"queue:{self.queue}:{self.group or ''}"


@dataclass(frozen=True)
class Reminder:
    """A stage of a case's deadline (`first_reply` or `resolution`) that somebody must hear of."""

    case: Case
    deadline: str
    stage: str
    due_at: datetime
    recipients: tuple[Recipient, ...]

    @property
    def ledger_key(self) -> tuple[int, str, datetime]:
        """What counts once: a new deadline, after a move or a reopening, counts anew."""
        return self.case.id, f"{self.deadline}_{self.stage}", self.due_at


def remind(session: Session, routing: Routing, people: Mapping[str, str], now: datetime) -> int:
    """Put the reminders that are due into the outbox; doing it again adds nothing.

    Args:
        people: the person ids of those that data/routing.yml names, as far as they are known.

    Returns:
        How many reminders (of one case's deadline each) will go out.

    Raises:
        OvertakenError, IntegrityError: another gateway was faster; roll back, it has done it.
    """
    due = list(_due(session, routing, people, now))
    busy = {
        recipient
        for recipient in {r for reminder in due for r in reminder.recipients}
        if is_known(session, _delivery_key(recipient, now))
    }
    going = [reminder for reminder in due if not busy & {*reminder.recipients}]
    for recipient, reminders in _by_recipient(going).items():
        row = enqueue(
            session,
            delivery_key=_delivery_key(recipient, now),
            kind="reminder",
            lane=f"reminders:{recipient.key}",
            payload={
                "person": recipient.person,
                "queue": recipient.queue,
                "group": recipient.group,
                "reminders": [
                    {"case": r.case.id, "deadline": r.deadline, "stage": r.stage} for r in reminders
                ],
            },
            # HR's own people hear of cases, not of what is asked in them.
            audience=EMPLOYEE,
            now=now,
        )
        if row is None:
            raise OvertakenError
    for reminder in going:
        case_id, stage, due_at = reminder.ledger_key
        session.add(CaseReminder(case_id=case_id, stage=stage, due_at=due_at, at=now))
    session.flush()
    return len(going)


def deserves_reminding(case: Case, now: datetime) -> bool:
    """Say whether HR has something to do about a case now."""
    is_put_aside = case.snoozed_until is not None and case.snoozed_until > now
    return case.status in (OPEN, CLAIMED) and not is_put_aside and case.waiting_since is None


def deadlines(case: Case) -> Iterator[tuple[str, datetime]]:
    """Give a case's deadlines that still count."""
    if case.first_reply_due_at is not None and case.first_replied_at is None:
        yield FIRST_REPLY, case.first_reply_due_at
    if case.resolution_due_at is not None:
        yield RESOLUTION, case.resolution_due_at


def _due(
    session: Session, routing: Routing, people: Mapping[str, str], now: datetime
) -> Iterator[Reminder]:
    running = select(Case).where(Case.status.in_((OPEN, CLAIMED))).order_by(Case.id)
    cases = [case for case in session.scalars(running) if deserves_reminding(case, now)]
    known = _ledger(session, cases)
    for case in cases:
        queue = routing.queue_of(case)
        if not queue.hours.is_open(now):
            continue
        for deadline, due_at in deadlines(case):
            stage = _stage(queue, deadline, due_at, now)
            if stage is None:
                continue
            recipients = _recipients(case, queue, stage, people)
            reminder = Reminder(case, deadline, stage, due_at, recipients)
            if reminder.ledger_key not in known:
                yield reminder


def _stage(queue: Queue, deadline: str, due_at: datetime, now: datetime) -> str | None:
    if due_at <= now:
        return OVERDUE
    limit = queue.sla.first_reply if deadline == FIRST_REPLY else queue.sla.resolution
    # The limit may have left the file since the case got its deadline.
    if limit is not None and queue.hours.between(now, due_at) <= LEFT_WHEN_SOON * limit:
        return SOON
    return None


def _recipients(
    case: Case, queue: Queue, stage: str, people: Mapping[str, str]
) -> tuple[Recipient, ...]:
    """Return whose turn it is; where nobody is named or found, the queue's channel."""
    if case.status == CLAIMED and case.assignee_id is not None:
        return (Recipient(person=case.assignee_id),)
    named = (queue.escalation or queue.on_call) if stage == OVERDUE else queue.on_call
    found = [
        Recipient(person=people[name]) if name in people else Recipient(None, queue.name, name)
        for name in named
        if name in people or is_group(name)
    ]
    return tuple(dict.fromkeys(found)) or (Recipient(queue=queue.name),)


def is_group(name: str) -> bool:
    """Say whether data/routing.yml means a user group by this name."""
    return name.startswith("S") and "@" not in name


def _ledger(session: Session, cases: Iterable[Case]) -> set[tuple[int, str, datetime]]:
    numbers = [case.id for case in cases]
    rows = session.scalars(select(CaseReminder).where(CaseReminder.case_id.in_(numbers)))
    return {(row.case_id, row.stage, row.due_at) for row in rows}


def _by_recipient(reminders: Iterable[Reminder]) -> dict[Recipient, list[Reminder]]:
    grouped: dict[Recipient, list[Reminder]] = {}
    for reminder in reminders:
        for recipient in reminder.recipients:
            grouped.setdefault(recipient, []).append(reminder)
    return grouped


def _delivery_key(recipient: Recipient, now: datetime) -> str:
    """Return the key that lets a recipient have one message in fifteen minutes."""
    slot = now - timedelta(
        minutes=now.minute % SLOT_MINUTES, seconds=now.second, microseconds=now.microsecond
    )
    return f"reminder:{recipient.key}:{slot:%Y-%m-%dT%H:%M}"

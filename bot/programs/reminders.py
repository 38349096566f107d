"""“Remind me a week before”: what can be reminded of, what somebody asked for, what is due.

The day is the catalogue's: if it moves, the reminder moves with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.db.models import Program, ProgramDate
from bot.db.queues import enqueue
from bot.db.reminders import ProgramReminder
from bot.privacy.audience import EMPLOYEE
from bot.programs.facts import windows_ahead

LEAD = timedelta(days=7)
GONE_FOR = timedelta(days=400)
"""After that, a day that left the catalogue won't come back."""
STAGES = OPENS, CLOSES = ("opens", "closes")
UNCONFIRMED, ON, DUE, SENT, STOPPED, MISSED = (
    "unconfirmed", "on", "due", "sent", "stopped", "missed"
)  # fmt: skip
WAITING = (ON, DUE)
PROGRAM_REMINDER = "program_reminder"


@dataclass(frozen=True)
class Day:
    """A day of a program: its window opens or closes."""

    program_id: str
    name: str
    window: str
    stage: str
    day: date


def day_to_remind_of(program: Program, today: date) -> Day | None:
    """Return the next day of a program that is more than a week ahead, if there is one."""
    for window in windows_ahead(program, today):
        for stage in STAGES:
            day = getattr(window, stage)
            if day is not None and day - LEAD > today:
                return Day(program.id, program.name, window.name, stage, day)
    return None


def day_of(session: Session, program_id: str, window: str, stage: str) -> Day | None:
    """Return a day as the catalogue has it now; None if it is gone."""
    found = session.execute(
        select(Program.name, getattr(ProgramDate, stage))
        .join(ProgramDate, ProgramDate.program_id == Program.id)
        .where(Program.id == program_id, Program.active, ProgramDate.name == window)
    ).first()
    if found is None or found[1] is None:
        return None
    return Day(program_id, found[0], window, stage, found[1])


def ask(session: Session, person_id: str, day: Day, now: datetime) -> ProgramReminder:
    """Keep that somebody wants to be reminded; asked twice it is one reminder."""
    reminder = _known(session, person_id, day)
    if reminder is None:
        reminder = ProgramReminder(
            program_id=day.program_id,
            window=day.window,
            stage=day.stage,
            person_id=person_id,
            status=ON,
            asked_at=now,
        )
        try:
            with session.begin_nested():
                session.add(reminder)
        except IntegrityError:
            # Their other tap was a moment faster.
            return _known(session, person_id, day)
    elif reminder.status == STOPPED:
        reminder.status, reminder.asked_at, reminder.finished_at = ON, now, None
    return reminder


def is_asked(session: Session, person_id: str, day: Day) -> bool:
    """Say whether somebody has asked for this before, and not taken it back."""
    known = _known(session, person_id, day)
    return known is not None and known.status != STOPPED


def cancel(session: Session, person_id: str, reminder_id: int, now: datetime) -> bool:
    """Take a reminder of somebody's back; say whether there was one to take back."""
    reminder = session.get(ProgramReminder, reminder_id, with_for_update=True)
    if reminder is None or reminder.person_id != person_id or reminder.status not in WAITING:
        return False
    reminder.status, reminder.finished_at = STOPPED, now
    return True


def waiting_of(session: Session, person_id: str) -> list[tuple[ProgramReminder, Day]]:
    """Return what somebody will be reminded of, the next day first."""
    mine = select(ProgramReminder).where(
        ProgramReminder.person_id == person_id, ProgramReminder.status.in_(WAITING)
    )
    found = [(reminder, _day(session, reminder)) for reminder in session.scalars(mine)]
    known = [(reminder, day) for reminder, day in found if day is not None]
    return sorted(known, key=lambda pair: (pair[1].day, pair[0].id))


def put_due(session: Session, now: datetime, zone: tzinfo) -> int:
    """Put the reminders of employees whose time has come into the outbox, each once.

    Args:
        zone: of the house, whose days the catalogue's are.
    """
    today, count = now.astimezone(zone).date(), 0
    for reminder, day in _of_employees(session):
        is_forgotten = day is None and reminder.asked_at < now - GONE_FOR
        if is_forgotten or (day is not None and day.day < today):
            reminder.status, reminder.finished_at = MISSED, now
        if day is None or not day.day - LEAD <= today <= day.day:
            continue
        reminder.status = DUE
        enqueue(
            session,
            delivery_key=f"{PROGRAM_REMINDER}:{reminder.id}:{int(reminder.asked_at.timestamp())}",
            kind=PROGRAM_REMINDER,
            lane=f"{PROGRAM_REMINDER}:{reminder.person_id}",
            payload={"reminder": reminder.id},
            audience=EMPLOYEE,
            now=now,
        )
        count += 1
    session.flush()
    return count


def _of_employees(session: Session) -> Iterator[tuple[ProgramReminder, Day | None]]:
    waiting = (
        select(ProgramReminder)
        .where(ProgramReminder.status == ON, ProgramReminder.person_id.is_not(None))
        .order_by(ProgramReminder.id)
        .with_for_update(skip_locked=True)
    )
    for reminder in list(session.scalars(waiting)):
        yield reminder, _day(session, reminder)


def _day(session: Session, reminder: ProgramReminder) -> Day | None:
    return day_of(session, reminder.program_id, reminder.window, reminder.stage)


def _known(session: Session, person_id: str, day: Day) -> ProgramReminder | None:
    return session.scalar(
        select(ProgramReminder).where(
            ProgramReminder.person_id == person_id,
            ProgramReminder.program_id == day.program_id,
            ProgramReminder.window == day.window,
            ProgramReminder.stage == day.stage,
        )
    )

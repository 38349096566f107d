"""Which answers and programs are to be checked again, and who of HR is told of it, and when.

Each is told of once for each day on which it is due, to whoever data/routing.yml names for its
owner, else to the queue of its topic. Whoever is told gets one message a day, while that queue
is at work.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from bot.db.answers import ReviewReminder
from bot.db.models import Program
from bot.db.queues import enqueue, is_known
from bot.desk import editing
from bot.desk.editing import Subject
from bot.desk.reminders import OvertakenError, Recipient
from bot.desk.routing import Queue, Routing
from bot.faq import content
from bot.faq.book import AnswerBook
from bot.privacy.audience import CANDIDATE, EMPLOYEE

REVIEW = "review"
LISTED_AT_MOST = 10
"""In one message; what is left over comes on the next day with service."""


@dataclass(frozen=True)
class Rhythm:
    """How often what HR says is checked, in days.

    Args:
        remind: how long before the day its owner is told.
        every: when something without a day of its own is due, counted from its last check.
    """

    remind: int
    every: int

    def due(self, reviewed: Any, review_by: Any) -> date | None:
        """Return the day by which something is to be checked again, if that can be told.

        Args:
            reviewed: the day of its last check, as a date or as text.
            review_by: the day that HR has set.
        """
        last, by = _date(reviewed), _date(review_by)
        if by is not None:
            return by
        return last + timedelta(days=self.every) if last is not None else None

    def next_day(self, reviewed: Any, review_by: Any, today: date) -> date | None:
        """Return the day to set after a check today: as far ahead as the one before was.

        None where no day was set: then the rhythm itself says it.
        """
        last, by = _date(reviewed), _date(review_by)
        if by is None:
            return None
        ahead = (by - last).days if last is not None else self.every
        return today + timedelta(days=ahead if ahead > 0 else self.every)


@dataclass(frozen=True)
class Item:
    """An answer or a program with the day by which it is to be checked again."""

    subject: Subject
    title: str
    owner: str
    reviewed: date | None
    due: date
    queue: Queue

    def value(self) -> str:
        """Return it as a message and its buttons carry it."""
        return f"{self.subject.value()}:{self.due.isoformat()}"


def items_due(
    session: Session, book: AnswerBook, routing: Routing, rhythm: Rhythm, until: date
) -> list[Item]:
    """Return all that is due by a day, the longest overdue first."""
    found = [
        *_answers(book, routing, rhythm, until),
        *_programs(session, routing, rhythm, until),
    ]
    return sorted(found, key=lambda item: (item.due, item.title, item.subject.value()))


def item_of(
    session: Session, book: AnswerBook, routing: Routing, rhythm: Rhythm, subject: Subject
) -> Item | None:
    """Return one of them however far ahead its day is; None if it is gone or has no such day."""
    if subject.kind == content.PROGRAM:
        program = session.get(Program, subject.name)
        return _of_program(program, routing, rhythm) if program and program.active else None
    variants = book.responses.get(subject.name, ())
    if subject.variant >= len(variants):
        return None
    return _of_answer(book, routing, rhythm, subject)


def overdue_by_queue(
    session: Session, book: AnswerBook, routing: Routing, rhythm: Rhythm, today: date
) -> dict[str, list[dict[str, str | None]]]:
    """Return the overdue of each queue by its name, as a summary shows them."""
    found: dict[str, list[dict[str, str | None]]] = {}
    for item in items_due(session, book, routing, rhythm, today - timedelta(days=1)):
        reviewed = item.reviewed.isoformat() if item.reviewed else None
        found.setdefault(item.queue.name, []).append({"title": item.title, "reviewed": reviewed})
    return found


def remind(
    session: Session,
    book: AnswerBook,
    routing: Routing,
    people: Mapping[str, str],
    rhythm: Rhythm,
    now: datetime,
) -> int:
    """Put what owners are to be told into the outbox; doing it again adds nothing.

    Args:
        people: the person ids of those that data/routing.yml names, as far as they are known.

    Returns:
        How many answers and programs somebody will hear of.

    Raises:
        OvertakenError, IntegrityError: another gateway was faster; roll back, it has done it.
    """
    if not any(queue.hours.is_open(now) for queue in routing.queues.values()):
        return 0
    soon = now.date() + timedelta(days=rhythm.remind)
    told = _told(session)
    fresh = [
        item
        for item in items_due(session, book, routing, rhythm, soon)
        if item.queue.hours.is_open(now) and (item.subject.value(), item.due) not in told
    ]
    bundles, left = _bundles(session, routing, people, fresh, now)
    for recipient, items in bundles.items():
        row = enqueue(
            session,
            delivery_key=_delivery_key(recipient, now),
            kind=REVIEW,
            lane=f"{REVIEW}:{recipient.key}",
            payload={
                "person": recipient.person,
                "queue": recipient.queue,
                "items": [item.value() for item in items],
                "more": left[recipient],
            },
            audience=EMPLOYEE,
            now=now,
        )
        if row is None:
            raise OvertakenError
    listed = {item.value(): item for items in bundles.values() for item in items}
    for item in listed.values():
        session.add(ReviewReminder(subject=item.subject.value(), due_on=item.due, at=now))
    session.flush()
    return len(listed)


def confirm(
    session: Session,
    book: AnswerBook,
    subject: Subject,
    rhythm: Rhythm,
    now: datetime,
    *,
    person_id: str | None,
) -> None:
    """Write down that something is still right today; doing it again changes nothing.

    Raises:
        ContentError: it isn't there any more.
    """
    fields = editing.current(session, book, subject)
    today = now.date()
    if _date(fields["reviewed"]) == today:
        return
    following = rhythm.next_day(fields["reviewed"], fields["review_by"], today)
    editing.save(
        session,
        book,
        subject,
        {
            **fields,
            "reviewed": today.isoformat(),
            "review_by": following.isoformat() if following else None,
        },
        now,
        person_id=person_id,
        seen=editing.version_of(session, subject),
        cause=content.CHECKED,
    )


def read_value(value: str) -> tuple[Subject, date]:
    """Return what `Item.value` wrote."""
    subject, _, due = value.rpartition(":")
    return Subject.read(subject), date.fromisoformat(due)


def _answers(book: AnswerBook, routing: Routing, rhythm: Rhythm, until: date) -> Iterator[Item]:
    for topic in book.topics():
        response = f"utter_{topic}"
        for number in range(len(book.responses.get(response, ()))):
            subject = Subject(content.ANSWER, response, number)
            item = _of_answer(book, routing, rhythm, subject)
            if item is not None and item.due <= until:
                yield item


def _of_answer(book: AnswerBook, routing: Routing, rhythm: Rhythm, subject: Subject) -> Item | None:
    variant = book.responses[subject.name][subject.variant]
    about = variant.metadata
    due = rhythm.due(about.get("reviewed"), about.get("review_by"))
    if due is None:
        return None
    return Item(
        subject=subject,
        title=about.get("title") or subject.topic,
        owner=about.get("owner") or "",
        reviewed=_date(about.get("reviewed")),
        due=due,
        queue=routing.queue_for(subject.topic, _reader(variant.audience)),
    )


def _programs(session: Session, routing: Routing, rhythm: Rhythm, until: date) -> Iterator[Item]:
    checked_until = until - timedelta(days=rhythm.every)
    due = or_(
        Program.review_by <= until,
        and_(Program.review_by.is_(None), Program.reviewed <= checked_until),
    )
    for program in session.scalars(select(Program).where(Program.active, due)):
        item = _of_program(program, routing, rhythm)
        if item is not None:
            yield item


def _of_program(program: Program, routing: Routing, rhythm: Rhythm) -> Item | None:
    due = rhythm.due(program.reviewed, program.review_by)
    if due is None:
        return None
    return Item(
        subject=Subject(content.PROGRAM, program.id),
        title=program.name,
        owner=program.owner,
        reviewed=program.reviewed,
        due=due,
        queue=routing.queue_for(program.topic, _reader(program.audience)),
    )


def _reader(audience: str | None) -> str:
    return CANDIDATE if audience == CANDIDATE else EMPLOYEE


def _bundles(
    session: Session,
    routing: Routing,
    people: Mapping[str, str],
    items: Iterable[Item],
    now: datetime,
) -> tuple[dict[Recipient, list[Item]], Counter[Recipient]]:
    """Return what each recipient is told now, and of how much they will be told later.

    What one of its recipients can't take any more today waits for all of them.
    """
    bundles: dict[Recipient, list[Item]] = {}
    left: Counter[Recipient] = Counter()
    busy: dict[Recipient, bool] = {}
    for item in items:
        recipients = _recipients(item, routing, people)
        for recipient in recipients:
            if recipient not in busy:
                busy[recipient] = is_known(session, _delivery_key(recipient, now))
        if any(busy[r] or len(bundles.get(r, ())) >= LISTED_AT_MOST for r in recipients):
            left.update(recipients)
            continue
        for recipient in recipients:
            bundles.setdefault(recipient, []).append(item)
    return bundles, left


def _delivery_key(recipient: Recipient, now: datetime) -> str:
    """Return the key that lets a recipient have one message a day."""
    return f"{REVIEW}:{recipient.key}:{now.date()}"


def _recipients(item: Item, routing: Routing, people: Mapping[str, str]) -> tuple[Recipient, ...]:
    """Return who is told; where nobody is named or found, the queue of its topic."""
    named = routing.named_for(item.owner)
    found = [Recipient(person=people[name]) for name in named if name in people]
    found += [Recipient(queue=name) for name in named if name in routing.queues]
    return tuple(dict.fromkeys(found)) or (Recipient(queue=item.queue.name),)


def _told(session: Session) -> set[tuple[str, date]]:
    rows = session.execute(select(ReviewReminder.subject, ReviewReminder.due_on))
    return {(subject, due) for subject, due in rows}


def _date(value: Any) -> date | None:
    if value is None or value == "":
        return None
    return value if isinstance(value, date) else date.fromisoformat(str(value))

"""Removes what has been kept long enough, kind by kind, a batch at a time.

How long is a setting (`bot.periods`). Cases and questions lose their texts and people and stay
countable; everything else goes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta

from sqlalchemy import Column, Table, and_, delete, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from bot.db.audit import AuditEntry
from bot.db.models import (
    Base,
    Case,
    Choice,
    Conversation,
    InboxRow,
    OutboxRow,
    Person,
    TurnLog,
    WidgetEvent,
    WidgetLink,
    WidgetSession,
)
from bot.db.queues import PENDING
from bot.db.reminders import ProgramReminder
from bot.db.telling import Telling
from bot.desk.cases import FINISHED
from bot.desk.erasing import ERASED_TURN, erase_case
from bot.periods import Periods
from bot.privacy import audit, trackers

BATCH = 2000
Rule = Callable[[Session, datetime, int], int]


def purge(
    session: Session,
    periods: Periods,
    now: datetime,
    *,
    contacts: Collection[str] | None = None,
    at_most: int = BATCH,
    actor: str = audit.SYSTEM,
) -> dict[str, int]:
    """Remove up to `at_most` rows of each kind whose time is over, in the caller's transaction.

    Args:
        contacts: ids of people that a running gateway knows by heart. People whom nothing
            refers to any more are removed except these; without a gateway to ask, none are.

    Returns:
        How many of each kind are gone; kinds of which nothing is are left out.
    """
    removed: dict[str, int] = {}
    for kind, rules in _RULES.items():
        before = now - timedelta(days=getattr(periods, kind))
        removed[kind] = sum(rule(session, before, at_most) for rule in rules)
    removed["cases"] = _cases(session, now - timedelta(days=periods.cases), now, at_most)
    idle_since = now - timedelta(days=periods.messages)
    removed["conversations"] = _idle_conversations(session, idle_since, at_most)
    if contacts is not None:
        removed["people"] = _idle_people(session, idle_since, contacts, at_most)
    counts = {kind: count for kind, count in removed.items() if count}
    if counts:
        audit.write(session, now, actor=actor, action=audit.PURGED, subject="data", rows=counts)
    return counts


def _rows(table: Table, condition: Callable[[datetime], ColumnElement[bool]]) -> Rule:
    """Return the rule that deletes the rows of a table that fulfil a condition."""
    (key,) = table.primary_key

    def rule(session: Session, before: datetime, at_most: int) -> int:
        doomed = select(key).where(condition(before)).order_by(key).limit(at_most)
        return _delete(session, table, key.in_(doomed.scalar_subquery()))

    return rule


def _delete(session: Session, table: Table, doomed: ColumnElement[bool]) -> int:
    return session.execute(delete(table).where(doomed)).rowcount


def _older(table: Table, column: str = "created_at") -> Rule:
    return _rows(table, lambda before: table.c[column] <= before)


def _finished(model: type[InboxRow] | type[OutboxRow]) -> Rule:
    table = model.__table__
    return _rows(
        table, lambda before: (table.c.status != PENDING) & (table.c.finished_at <= before)
    )


def _unused_choices() -> Rule:
    table = Choice.__table__
    used = select(InboxRow.choice_id).where(InboxRow.choice_id.is_not(None))
    return _rows(table, lambda before: (table.c.created_at <= before) & table.c.id.not_in(used))


def _past_events() -> Rule:
    """What the careers page shows, but for the newest of what somebody can come back to.

    New events are numbered on from there. Without it the numbers would begin anew, and a browser
    would take what is new for what it has shown already.
    """
    table = WidgetEvent.__table__
    later = table.alias()
    is_newest = ~(
        select(later.c.id)
        .where(later.c.conversation_id == table.c.conversation_id, later.c.number > table.c.number)
        .exists()
    )
    is_reached = or_(
        *(
            select(way.id).where(way.conversation_id == table.c.conversation_id).exists()
            for way in (WidgetSession, WidgetLink)
        )
    )
    goes_on_from = is_newest & is_reached
    return _rows(table, lambda before: (table.c.created_at <= before) & ~goes_on_from)


def _questions(session: Session, before: datetime, at_most: int) -> int:
    log = TurnLog.__table__
    old = (log.c.created_at <= before) & log.c.question.is_not(None)
    ids = select(log.c.id).where(old).order_by(log.c.id).limit(at_most)
    forgetting = update(log).where(log.c.id.in_(ids.scalar_subquery()))
    return session.execute(forgetting.values(question=None)).rowcount


def _cases(session: Session, before: datetime, now: datetime, at_most: int) -> int:
    done_with = (Case.status.in_(FINISHED)) & (Case.updated_at <= before)
    kept = select(Case).where(done_with, Case.turn_id.not_like(f"{ERASED_TURN}:%"))
    found = list(session.scalars(kept.order_by(Case.id).limit(at_most)))
    for case in found:
        erase_case(session, case, now, with_hr=True)
    session.flush()
    return len(found)


_RULES: dict[str, tuple[Rule, ...]] = {
    "messages": (
        _finished(InboxRow),
        _unused_choices(),
        _older(ProgramReminder.__table__, "finished_at"),
    ),
    "outbox": (_finished(OutboxRow),),
    "turns": (_older(Base.metadata.tables["turns"]),),
    "tracker": (trackers.forget_before,),
    # Sessions and links end by themselves (bot/gateway/widget/deleting.py).
    "widget": (_past_events(),),
    "questions": (_questions,),
    "event_log": (_older(TurnLog.__table__), _older(Telling.__table__)),
    "audit": (_older(AuditEntry.__table__, "at"),),
}


PURGED_BY_RULE = set(_RULES)


def _references(table: Table, *, by_name: str) -> Iterator[Column]:
    """Give every column that refers to a table's rows, by a foreign key or by its name."""
    for other in Base.metadata.sorted_tables:
        for column in other.columns:
            if column.references(table.c.id) or column.name == by_name:
                yield column


def _unreferenced(table: Table, by_name: str) -> ColumnElement[bool]:
    return and_(
        *(
            table.c.id.not_in(select(column).where(column.is_not(None)))
            for column in _references(table, by_name=by_name)
        )
    )


def _idle_conversations(session: Session, before: datetime, at_most: int) -> int:
    table = Conversation.__table__
    remembered = trackers.conversations(session)
    idle = [table.c.created_at <= before, _unreferenced(table, "conversation_id")]
    if remembered is not None:
        idle.append(table.c.id.not_in(remembered))
    return _rows(table, lambda _: and_(*idle))(session, before, at_most)


def _idle_people(
    session: Session, before: datetime, contacts: Collection[str], at_most: int
) -> int:
    table = Person.__table__
    not_seen = or_(table.c.home_opened_at.is_(None), table.c.home_opened_at <= before)
    idle = [
        table.c.created_at <= before,
        not_seen,
        table.c.id.not_in(tuple(contacts)),
        _unreferenced(table, "person_id"),
    ]
    return _rows(table, lambda _: and_(*idle))(session, before, at_most)

"""Which rows of which table are somebody's: the one map that erasing and exporting go by.

A table is somebody's by a column `conversation_id`, `person_id` or `case_id`, or by a rule of
its own below; a table that is nobody's is named, so that a new one can't be forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import String, Table, cast, false, or_
from sqlalchemy.sql import ColumnElement

from bot.db.models import Base
from bot.privacy.subjects import Subject

NOBODYS = {
    "programs",
    "program_dates",
    "content_versions",
    "content_revision",
    "promotions",
    "promoted_phrasings",
    "review_reminders",
    "campaigns",
    "telling_state",
}
"""The catalogue, and what HR has published: who of HR did it goes when their person goes."""


def tables() -> Iterator[Table]:
    """Give every table that may hold something of somebody, those that point to others first."""
    for table in reversed(Base.metadata.sorted_tables):
        if table.name not in NOBODYS:
            yield table


def rows_of(table: Table, subject: Subject) -> ColumnElement[bool]:
    """Return the condition by which a row of a table is somebody's.

    Raises:
        LookupError: if nothing says whose the rows of this table are.
    """
    if table.name == "people":
        return table.c.id.in_(subject.people)
    if table.name == "conversations":
        return table.c.id.in_(subject.conversations)
    if table.name == "cases":
        return table.c.id.in_(subject.cases)
    if table.name == "employees":
        return table.c.id.in_(subject.employees)
    if table.name == "case_entries":
        # A note on somebody else's case is that one's, whoever of HR wrote it.
        return table.c.case_id.in_(subject.cases)
    if table.name == "audit":
        return or_(table.c.subject.in_(subject.ids), table.c.actor.in_(subject.people))
    if table.name == "program_reminders":
        return or_(table.c.id.in_(subject.reminders), _by_columns(table, subject))
    if table.name == "outbox":
        return _of_outbox(table, subject)
    return _by_columns(table, subject)


def _by_columns(table: Table, subject: Subject) -> ColumnElement[bool]:
    named = {
        "case_id": subject.cases,
        "conversation_id": subject.conversations,
        "person_id": subject.people,
    }
    conditions = [table.c[name].in_(ids) for name, ids in named.items() if name in table.c]
    if not conditions:
        raise LookupError(f"Nothing says whose the rows of “{table.name}” are.")
    return or_(*conditions)


def _of_outbox(table: Table, subject: Subject) -> ColumnElement[bool]:
    """What goes to them, and what names them: their Home tab, a reminder of a case."""
    names = [
        column.contains(person, autoescape=True)
        for person in subject.people
        for column in (table.c.lane, cast(table.c.payload, String))
    ]
    return or_(false(), table.c.conversation_id.in_(subject.conversations), *names)

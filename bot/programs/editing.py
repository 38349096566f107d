"""What HR edits of a program while everything runs; an import of the file keeps it.

It reads no catalogue file and builds no index: searches see by the program's revision that
something has changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.db.answers import ContentVersion
from bot.db.models import Program
from bot.faq import content

TEXTS = ("summary", "gives_text", "eligibility_notes", "how_to_apply")
LINES = ("contact", "link", "owner")
DAYS = ("reviewed", "review_by")
EDITABLE = ("audience", *TEXTS, *LINES, *DAYS)
REQUIRED = ("audience", "summary", "how_to_apply", "owner")


def editable_of(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a program that HR may edit, as plain JSON."""
    fields = {name: columns[name] for name in EDITABLE}
    days = {name: fields[name].isoformat() if fields[name] else None for name in DAYS}
    return {**fields, **days}


def with_edits(columns: dict[str, Any], version: ContentVersion | None) -> dict[str, Any]:
    """Return a program's columns as its file says, with what HR edited since."""
    if version is None:
        return columns
    return {**columns, **_columns_of(content.in_force(editable_of(columns), version))}


def fields_of(program: Program) -> dict[str, Any]:
    """Return what HR may edit of a program, as it holds now."""
    return editable_of({name: getattr(program, name) for name in EDITABLE})


def edit(
    session: Session,
    program: Program,
    fields: dict[str, Any],
    now: datetime,
    *,
    person_id: str | None,
    seen: int | None = None,
    cause: str = content.EDITED,
) -> None:
    """Change a program's editable fields, for everybody at once.

    Raises:
        bot.faq.content.ContentError: a colleague has changed it since version `seen`.
    """
    content.change(
        session,
        now,
        kind=content.PROGRAM,
        subject=program.id,
        content=fields,
        in_file=fields_of(program),
        cause=cause,
        person_id=person_id,
        seen=seen,
    )
    _store(session, program, fields)


def undo(
    session: Session,
    program: Program,
    now: datetime,
    *,
    person_id: str | None,
    seen: int | None = None,
) -> None:
    """Take back the last edit. Raises as `edit` does, or if there is none."""
    version = content.undo(
        session,
        now,
        kind=content.PROGRAM,
        subject=program.id,
        in_file=fields_of(program),
        person_id=person_id,
        seen=seen,
    )
    _store(session, program, version.content)


def _store(session: Session, program: Program, fields: dict[str, Any]) -> None:
    for name, value in _columns_of(fields).items():
        setattr(program, name, value)
    program.revision = (session.scalar(select(func.max(Program.revision))) or 0) + 1


def _columns_of(fields: dict[str, Any]) -> dict[str, Any]:
    # A version may be older than a column.
    given = {name: fields.get(name) for name in DAYS}
    days = {name: date.fromisoformat(day) if day else None for name, day in given.items()}
    return {**fields, **days}

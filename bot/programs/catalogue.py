"""Imports a catalogue file into the database: all of it, or nothing.

The file's format and its mistakes are the business of `bot.programs.catalogue_file`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from bot.db.models import Program, ProgramDate
from bot.faq import content
from bot.programs.catalogue_file import read_catalogue
from bot.programs.editing import with_edits
from bot.programs.search import forget_index


@dataclass(frozen=True)
class ImportResult:
    """How many programs an import added, changed, left as they were, and took out of use."""

    added: int
    changed: int
    unchanged: int
    removed: int


def import_programs(session: Session, path: Path) -> ImportResult:
    """Bring the database to what the file says; doing it again changes nothing.

    What HR edited meanwhile stays, until the file has it. Programs that the file no longer has
    become inactive; they are kept, since cases and reports may speak of them.

    Raises:
        DataFileError: with every mistake of the file and its line; nothing is imported then.
    """
    rows = read_catalogue(path)
    query = select(Program).options(selectinload(Program.dates))
    known = {program.id: program for program in session.scalars(query)}
    revision = max((program.revision for program in known.values()), default=0) + 1
    edited = content.latest(session, content.PROGRAM)
    counts = {"added": 0, "changed": 0, "unchanged": 0}
    for row in rows:
        identifier = row["id"]
        columns = with_edits(columns_of(row), edited.get(identifier))
        counts[_store(session, known.pop(identifier, None), row, columns, revision)] += 1
    gone = [program for program in known.values() if program.active]
    for program in gone:
        program.active, program.revision = False, revision
    session.flush()
    forget_index(session)
    return ImportResult(**counts, removed=len(gone))


def _store(
    session: Session,
    program: Program | None,
    row: dict[str, Any],
    columns: dict[str, Any],
    revision: int,
) -> str:
    windows = {window["name"]: window for window in row.get("dates", [])}
    if program is None:
        program = Program(id=row["id"], revision=revision, **columns)
        session.add(program)
        _set_windows(program, windows)
        return "added"
    changed = {name: value for name, value in columns.items() if getattr(program, name) != value}
    for name, value in changed.items():
        setattr(program, name, value)
    windows_changed = _set_windows(program, windows)
    if not changed and not windows_changed:
        return "unchanged"
    program.revision = revision
    return "changed"


def columns_of(row: dict[str, Any]) -> dict[str, Any]:
    """Return a program of the file by the columns of its table, without its dates."""
    gives, eligibility = row["gives"], row.get("eligibility", {})
    return {
        "name": row["name"],
        "aliases": row.get("aliases", []),
        "keywords": row.get("keywords", []),
        "topic": row.get("topic"),
        "category": row["category"],
        "audience": row["audience"],
        "summary": row["summary"],
        "gives_amount": gives.get("amount"),
        "gives_unit": gives.get("unit"),
        "gives_period": gives.get("period"),
        "gives_text": gives.get("text"),
        "employment_types": eligibility.get("employment_types", []),
        "min_fte": eligibility.get("min_fte"),
        "min_tenure_months": eligibility.get("min_tenure_months"),
        "job_families": eligibility.get("job_families", []),
        "sites": eligibility.get("sites", []),
        "eligibility_notes": eligibility.get("notes"),
        "how_to_apply": row["how_to_apply"],
        "contact": row.get("contact"),
        "link": row.get("link"),
        "owner": row["owner"],
        "reviewed": row.get("reviewed"),
        "review_by": row.get("review_by"),
        "active": True,
    }


def _set_windows(program: Program, windows: dict[str, dict[str, Any]]) -> bool:
    """Make the program's windows those given; rows that stay are changed in place."""
    changed = False
    for date_row in list(program.dates):
        if date_row.name not in windows:
            program.dates.remove(date_row)
            changed = True
    known = {date_row.name: date_row for date_row in program.dates}
    for name, window in windows.items():
        values = {key: window.get(key) for key in ("opens", "closes", "starts")}
        if name not in known:
            program.dates.append(ProgramDate(name=name, **values))
            changed = True
            continue
        for key, value in values.items():
            if getattr(known[name], key) != value:
                setattr(known[name], key, value)
                changed = True
    return changed

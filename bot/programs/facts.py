"""Facts of programs in words, for answers that name them; loads nothing but the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from bot.db.models import Program, ProgramDate
from bot.programs.terms import day_text, number_text

ANY_TIME = "none, apply any time"
NOT_ANNOUNCED = "not announced yet"


def facts(
    session: Session, today: date, identifiers: Sequence[str] | None = None
) -> dict[str, str]:
    """Return what FAQ answers may say of programs, by key: `program.<id>.amount` and so on.

    Args:
        identifiers: the programs that answers speak of, or None for all.
    """
    query = select(Program).where(Program.active).options(selectinload(Program.dates))
    if identifiers is not None:
        query = query.where(Program.id.in_(list(identifiers)))
    found: dict[str, str] = {}
    for program in session.scalars(query):
        key = f"program.{program.id}"
        found[f"{key}.name"] = program.name
        found[f"{key}.amount"] = amount_text(program)
        found[f"{key}.next_deadline"] = next_deadline_text(program, today)
        if program.link:
            found[f"{key}.link"] = program.link
    return found


def amount_text(program: Program) -> str:
    """Return what a program gives, e.g. "$5,250 per calendar year"."""
    if program.gives_text:
        return program.gives_text
    number = number_text(program.gives_amount)
    if program.gives_unit == "USD":
        amount = f"${number}"
    else:
        one = number == "1"
        amount = f"{number} {program.gives_unit.removesuffix('s') if one else program.gives_unit}"
    return f"{amount} per {program.gives_period}" if program.gives_period else amount


def next_deadline_text(program: Program, today: date) -> str:
    """Return e.g. "December 15, 2026 (Spring term 2027)"; fits after "Next deadline:"."""
    if not program.dates:
        return ANY_TIME
    window = next(iter(windows_ahead(program, today)), None)
    return f"{day_text(window.closes)} ({window.name})" if window else NOT_ANNOUNCED


def windows_ahead(program: Program, today: date) -> list[ProgramDate]:
    """Return the windows that close today or later, the next first."""
    ahead = [window for window in program.dates if window.closes and window.closes >= today]
    return sorted(ahead, key=lambda window: (window.closes, window.name))

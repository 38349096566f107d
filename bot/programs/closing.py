"""Which programs close soon, for somebody with a certain job; light enough for the gateway."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.db.models import Program, ProgramDate
from bot.privacy.audience import BOTH, CANDIDATE, EMPLOYEE
from bot.programs.eligibility import UNKNOWN, YES, JobFacts, check


@dataclass(frozen=True)
class Closing:
    """A program that can be applied for now. `is_eligible` is None where that isn't known."""

    id: str
    name: str
    closes: date
    is_eligible: bool | None


def closing_soon(
    session: Session, job: JobFacts, reader: str, today: date, *, days: int, limit: int
) -> list[Closing]:
    """Return the programs of which a window is open and closes within some days, soonest first.

    What somebody with this job can't take part in is left out; of an outsider's job nothing is
    known, and nothing is said.
    """
    audiences = (BOTH, EMPLOYEE) if reader == EMPLOYEE else (BOTH, CANDIDATE)
    windows = session.execute(
        select(Program, ProgramDate.closes)
        .join(ProgramDate, ProgramDate.program_id == Program.id)
        .where(
            Program.active,
            Program.audience.in_(audiences),
            ProgramDate.closes.between(today, today + timedelta(days=days)),
            or_(ProgramDate.opens.is_(None), ProgramDate.opens <= today),
        )
        .order_by(ProgramDate.closes, Program.name)
    )
    found: dict[str, Closing] = {}
    for program, closes in windows:
        verdict = check(program, job, today)
        if program.id in found or (reader == EMPLOYEE and verdict.eligible not in (YES, UNKNOWN)):
            continue
        # Where only the notes say for whom it is, nobody can tell yes from the data.
        only_notes = not verdict.reasons and program.eligibility_notes
        is_known = verdict.eligible == YES and not only_notes
        found[program.id] = Closing(program.id, program.name, closes, True if is_known else None)
        if len(found) == limit:
            break
    return list(found.values())

"""How many of those whom a program is for know of it: eligible, told, asked, clicked, knew before.

Counted are people, up to a day, however often: awareness adds up. Eligible is who may take part
today by the rules of "am I eligible?", among those who stand in HR's list and are known in Slack.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.models import Program
from bot.db.telling import Telling
from bot.desk.routing import Routing
from bot.listening.intervals import Share
from bot.listening.outcomes import questions
from bot.listening.periods import Period
from bot.privacy.suppression import is_group
from bot.programs.eligibility import YES, check
from bot.programs.employees import colleagues

TOLD = "told"


@dataclass(frozen=True)
class Awareness:
    """What is known of who knows a program; a number is None for one to four people.

    `knew_before` is the share of yes among those who answered "did you know this before?", so
    before; `know_now` the share of the eligible who have been told or have asked, so after.
    """

    id: str
    name: str
    eligible: int | None
    told: int | None
    asked: int | None
    clicked: int | None
    knew_before: Share | None
    know_now: Share | None


def awareness(session: Session, routing: Routing, until: datetime) -> list[Awareness]:
    """Return what is known of each program that is offered, by name."""
    programs = list(session.scalars(select(Program).where(Program.active).order_by(Program.name)))
    everybody = colleagues(session)
    told, asked = _told(session, until), _askers(session, routing, programs, until)
    found = []
    for program in programs:
        eligible = {
            one.person.id
            for one in everybody
            if check(program, one.job, until.date()).eligible == YES
        }
        rows = told[program.id]
        people = {row.person_id for row in rows}
        answers = {row.person_id: row.knew_before for row in rows if row.knew_before is not None}
        reached = eligible & (people | asked[program.id])
        found.append(
            Awareness(
                program.id,
                program.name,
                eligible=_count(eligible),
                told=_count(people),
                asked=_count(asked[program.id]),
                clicked=_count({row.person_id for row in rows if row.clicked_at is not None}),
                knew_before=_share(sum(answers.values()), len(answers)),
                know_now=_share(len(reached), len(eligible)),
            )
        )
    return found


def _told(session: Session, until: datetime) -> dict[str, list[Telling]]:
    rows = session.scalars(
        select(Telling)
        .where(Telling.status == TOLD, Telling.told_at < until, Telling.program_id.is_not(None))
        .order_by(Telling.id)
    )
    found: dict[str, list[Telling]] = defaultdict(list)
    for row in rows:
        found[row.program_id].append(row)
    return found


def _askers(
    session: Session, routing: Routing, programs: Iterable[Program], until: datetime
) -> dict[str, set[str]]:
    by_topic = defaultdict(list)
    for program in programs:
        by_topic[program.topic].append(program.id)
    asked = questions(routing, Period(datetime.min.replace(tzinfo=until.tzinfo), until))
    rows = session.execute(select(asked.c.asker, asked.c.program, asked.c.topic).distinct())
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        of_topic = by_topic[row.topic] if row.topic else []
        for program in {row.program, *of_topic} - {None}:
            found[program].add(row.asker)
    return found


def _count(people: set[str]) -> int | None:
    return len(people) if is_group(len(people)) or not people else None


def _share(count: int, of: int) -> Share | None:
    """Return a share, if both those who are in it and those who aren't are no few people."""
    few = [part for part in (count, of - count) if part and not is_group(part)]
    return Share(count, of) if of and not few else None

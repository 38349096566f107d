"""Which topics and programs people ask about, and where the answer doesn't help."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from bot.db.models import Program
from bot.desk.routing import Routing
from bot.listening.intervals import Share
from bot.listening.outcomes import Group, questions
from bot.listening.periods import Period
from bot.privacy.suppression import is_group


@dataclass(frozen=True)
class TopicFigures:
    """A topic that at least five people asked about.

    `not_helped` is the share of those who said anything, where at least five people said that
    the answer didn't help; else None.
    """

    topic: str
    asked: Group
    not_helped: Share | None


@dataclass(frozen=True)
class ProgramFigures:
    """A program and how many different people asked about it."""

    id: str
    name: str
    askers: int


def topics_asked(session: Session, routing: Routing, period: Period) -> list[TopicFigures]:
    """Return the topics that were answered, those asked by most people first."""
    asked = questions(routing, period)
    unhappy = case((asked.c.feedback == "not_helped", asked.c.asker))
    rows = session.execute(
        select(
            asked.c.topic,
            func.count().label("count"),
            func.count(func.distinct(asked.c.asker)).label("people"),
            func.count(asked.c.feedback).label("said"),
            func.count(unhappy).label("not_helped"),
            func.count(func.distinct(unhappy)).label("unhappy"),
        )
        .where(asked.c.topic.is_not(None), asked.c.decision == "answer")
        .group_by(asked.c.topic)
    )
    found = [
        TopicFigures(
            row.topic,
            Group(row.count, row.people),
            Share(row.not_helped, row.said) if is_group(row.unhappy) else None,
        )
        for row in rows
        if is_group(row.people)
    ]
    return sorted(found, key=lambda one: (-one.asked.people, -one.asked.count, one.topic))


def programs_asked(session: Session, routing: Routing, period: Period) -> list[ProgramFigures]:
    """Return every program that is offered, those that fewest people asked about first.

    Those of too few people stand by name: their order would tell how many each are.
    """
    asked = questions(routing, period)
    rows = session.execute(
        select(Program.id, Program.name, func.count(func.distinct(asked.c.asker)).label("askers"))
        .outerjoin(
            asked,
            (asked.c.program == Program.id)
            | (Program.topic.is_not(None) & (asked.c.topic == Program.topic)),
        )
        .where(Program.active)
        .group_by(Program.id, Program.name)
    )
    found = [ProgramFigures(row.id, row.name, row.askers) for row in rows]
    return sorted(found, key=lambda one: (_place(one.askers), one.name))


def _place(askers: int) -> int:
    return askers if is_group(askers) else min(askers, 1)

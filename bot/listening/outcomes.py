"""What became of the questions of a period, counted in the event log.

Sensitive questions are in no figure, and neither is what was sent without a name: the log keeps
nothing of that. Small talk is no question. What the assistant asked back about and was then
narrowed with a button counts once, as that button's answer.

Each question has one outcome, the first that fits: a person in HR got it (handed over); the
asker said that it helped (solved); they said that it didn't, or asked about the same within a
week (came back); nothing was answered and HR wasn't asked either (unanswered); else they said
nothing (silent), which proves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import and_, case, extract, func, not_, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnCollection, ColumnElement, Subquery

from bot.db.models import Case, Conversation, TurnLog
from bot.desk.routing import Routing
from bot.listening.periods import Period
from bot.privacy.suppression import hidden_among

SOLVED, SILENT, CAME_BACK, HANDED_OVER, UNANSWERED = OUTCOMES = (
    "solved",
    "silent",
    "came_back",
    "handed_over",
    "unanswered",
)
COMES_BACK_WITHIN_DAYS = 7
PRIVATE_KINDS = ("sensitive", "crisis")
_DAY_SECONDS = 24 * 60 * 60


@dataclass(frozen=True)
class Group:
    """So many questions or cases by so many different people."""

    count: int
    people: int


NOBODY = Group(0, 0)


@dataclass(frozen=True)
class Outcomes:
    """All questions, and those with each outcome."""

    all: Group
    by_outcome: Mapping[str, Group]

    def shown(self) -> dict[str, int | None]:
        """Return the count of each outcome, None where it could tell on somebody."""
        groups = {name: self.by_outcome.get(name, NOBODY) for name in OUTCOMES}
        return shown(groups)


def shown(groups: Mapping[str, Group]) -> dict[str, int | None]:
    """Return the counts of groups that are parts of a total, None where one is kept back."""
    hidden = hidden_among({name: group.people for name, group in groups.items()})
    return {name: None if name in hidden else group.count for name, group in groups.items()}


def outcomes(session: Session, routing: Routing, period: Period) -> Outcomes:
    """Count the questions of a period by what became of them."""
    asked = questions(routing, period)
    by_outcome = {
        row.outcome: Group(row.count, row.people)
        for row in session.execute(
            select(asked.c.outcome, *_counts(asked)).group_by(asked.c.outcome)
        )
    }
    total = session.execute(select(*_counts(asked))).one()
    return Outcomes(Group(total.count, total.people), by_outcome)


def questions(routing: Routing, period: Period) -> Subquery:
    """Return the questions of a period with `asker` and `outcome`, as a query to build on."""
    log = TurnLog.__table__
    asker = func.coalesce(Conversation.person_id, log.c.conversation_id)
    in_conversation = {"partition_by": log.c.conversation_id, "order_by": log.c.id}
    next_decision = func.lead(log.c.decision).over(**in_conversation)
    next_question = func.lead(log.c.question).over(**in_conversation)
    # With the sensitive ones: what a button narrowed to one of these is in no figure either.
    asked = (
        select(
            log,
            asker.label("asker"),
            and_(next_decision.is_not(None), next_question.is_(None)).label("is_narrowed"),
        )
        .outerjoin(Conversation, Conversation.id == log.c.conversation_id)
        .where(log.c.created_at >= period.since, not_(_is_small_talk(log.c)))
        .subquery()
    )
    about_the_same = {"partition_by": (asked.c.asker, asked.c.topic), "order_by": asked.c.id}
    came_after = func.lead(asked.c.created_at).over(**about_the_same)
    turns = (
        select(
            asked,
            (extract("epoch", came_after) - extract("epoch", asked.c.created_at)).label(
                "came_after"
            ),
        )
        .where(asked.c.kind.not_in(PRIVATE_KINDS), not_(_is_sensitive(asked.c.topic, routing)))
        .subquery()
    )
    outcome = case(
        (Case.id.is_not(None), HANDED_OVER),
        (turns.c.decision != "answer", UNANSWERED),
        (turns.c.feedback == "helped", SOLVED),
        (turns.c.feedback == "not_helped", CAME_BACK),
        (
            and_(
                turns.c.topic.is_not(None),
                turns.c.came_after <= COMES_BACK_WITHIN_DAYS * _DAY_SECONDS,
            ),
            CAME_BACK,
        ),
        else_=SILENT,
    )
    return (
        select(turns, outcome.label("outcome"))
        .outerjoin(Case, Case.turn_id == turns.c.turn_id)
        .where(
            turns.c.created_at < period.until,
            not_(and_(turns.c.decision == "clarify", turns.c.is_narrowed)),
            or_(Case.id.is_(None), not_(Case.sensitive)),
        )
        .subquery()
    )


def _counts(asked: Subquery) -> tuple[ColumnElement, ColumnElement]:
    return (
        func.count().label("count"),
        func.count(func.distinct(asked.c.asker)).label("people"),
    )


def _is_small_talk(log: ColumnCollection) -> ColumnElement[bool]:
    return and_(log.kind == "dialogue", log.decision == "answer")


def _is_sensitive(topic: ColumnElement, routing: Routing) -> ColumnElement[bool]:
    """Return the condition under which only restricted queues may get a topic; never NULL."""
    named = func.coalesce(topic, "")
    beginnings = (named.startswith(f"{name}/", autoescape=True) for name in routing.sensitive)
    return or_(named.in_(routing.sensitive), *beginnings)

"""A case's life on both kinds of database, as the tests of the desk drive it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select

from bot.db.models import Case, OutboxRow
from bot.db.session import Database
from bot.desk import cases
from bot.desk.cases import Actor

from ..records import ROUTING

SAM, DANA = Actor("hr", "p:sam"), Actor("hr", "p:dana")
ROBIN, CASEY = Actor("asker", "p:robin"), Actor("asker", "p:casey")


def open_one(
    database: Database, conversation: str, now: datetime, turn_id: str = "turn:1", **more: object
) -> int:
    values: dict[str, object] = {"topic": "benefits/dental", "question": "Is a crown paid?", **more}
    with database.write() as session:
        return cases.open_case(
            session,
            turn_id=turn_id,
            conversation_id=conversation,
            now=now,
            **{"routing": ROUTING, **values},
        ).id


def do(
    database: Database, change: Callable[..., Case], *arguments: object, **named: object
) -> Case:
    with database.write() as session:
        return change(session, *arguments, **named)


def history(database: Database, case_id: int) -> list[tuple[str, str, str | None]]:
    with database.read() as session:
        found = session.get(Case, case_id).history
        return [(event.action, event.actor, event.person_id) for event in found]


def outbox(database: Database, *kinds: str) -> list[OutboxRow]:
    with database.read() as session:
        rows = session.scalars(select(OutboxRow).order_by(OutboxRow.id)).all()
    return [row for row in rows if not kinds or row.kind in kinds]

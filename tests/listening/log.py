"""Rows of the event log and cases, as turns and the desk leave them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.db.models import Conversation, Person, TurnLog


def add_asker(session: Session, name: str, now: datetime) -> str:
    """Add a person with a conversation; return the conversation's id."""
    session.add(Person(id=f"p:{name}", address_hash=name, address_sealed="", created_at=now))
    session.flush()
    session.add(
        Conversation(
            id=f"slack:{name}",
            person_id=f"p:{name}",
            audience="employee",
            address_hash=f"c-{name}",
            address_sealed="",
            created_at=now,
        )
    )
    session.flush()
    return f"slack:{name}"


def add_turn(session: Session, conversation: str, at: datetime, **more: object) -> TurnLog:
    """Add an answered question about dental care, or what `more` says instead."""
    number = session.query(TurnLog).count()
    values = {
        "turn_id": f"turn:{number}",
        "audience": "employee",
        "kind": "faq",
        "decision": "answer",
        "topic": "benefits/dental",
        "topics": [],
        "candidates": [],
        "question": "is a crown paid",
        **more,
    }
    turn = TurnLog(conversation_id=conversation, created_at=at, **values)
    session.add(turn)
    session.flush()
    return turn

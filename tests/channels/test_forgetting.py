from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timezone

import pytest
from sqlalchemy import text

from bot.channels.forgetting import forget_conversation, forget_turns
from bot.db.models import Turn
from bot.db.session import Database

EVENTS = [
    ("slack:a", "action", "action_session_start", {}),
    ("slack:a", "user", None, {"message_id": "turn:1", "text": "hello"}),
    ("slack:a", "bot", None, {"text": "Hello!"}),
    ("slack:b", "user", None, {"message_id": "turn:2", "text": "somebody else's"}),
    ("slack:a", "user", None, {"message_id": "turn:2", "text": "is it haunted"}),
    ("slack:a", "slot", None, {"name": "pending_question", "value": "is it haunted"}),
    ("slack:a", "bot", None, {"text": "> is it haunted"}),
    ("slack:a", "action", "action_session_start", {}),
    ("slack:a", "user", None, {"message_id": "turn:3", "text": "when is payday"}),
]


@pytest.fixture
def tracked(database_url: str) -> Iterator[Database]:
    """Give a database with events of two conversations."""
    database = Database(database_url)
    with database.write() as session:
        session.execute(
            text(
                "CREATE TABLE events (id INTEGER PRIMARY KEY, sender_id VARCHAR(255), "
                "type_name VARCHAR(255), action_name VARCHAR(255), data TEXT)"
            )
        )
        for number, (sender, kind, action, data) in enumerate(EVENTS):
            values = {"i": number, "s": sender, "t": kind, "a": action, "d": json.dumps(data)}
            session.execute(text("INSERT INTO events VALUES (:i, :s, :t, :a, :d)"), values)
    yield database
    database.dispose()


def left_in(database: Database) -> list[int]:
    with database.read() as session:
        return session.execute(text("SELECT id FROM events ORDER BY id")).scalars().all()


def test_a_turn_goes_with_all_that_came_of_it(tracked: Database) -> None:
    assert forget_turns(tracked, "slack:a", ["turn:2"]) == 3
    assert forget_turns(tracked, "slack:a", ["turn:2"]) == 0
    assert left_in(tracked) == [0, 1, 2, 3, 7, 8]


def test_a_conversation_goes_with_the_replies_kept_of_it(tracked: Database) -> None:
    Turn.__table__.create(tracked.engine)
    with tracked.write() as session:
        for turn, conversation in (("turn:1", "slack:a"), ("turn:9", "slack:b")):
            now = datetime.now(timezone.utc)
            row = Turn(turn_id=turn, conversation_id=conversation, reply={}, created_at=now)
            session.add(row)
    assert forget_conversation(tracked, "slack:a") == 8
    assert left_in(tracked) == [3]
    with tracked.read() as session:
        assert [turn.turn_id for turn in session.query(Turn)] == ["turn:9"]


def test_without_a_tracker_table_there_is_nothing_to_forget(database_url: str) -> None:
    database = Database(database_url)
    assert forget_turns(database, "slack:a", ["turn:1"]) == 0
    database.dispose()

"""Takes turns or whole conversations out of what the assistant remembers.

A question sent without a name leaves no turn; a candidate may have all of theirs forgotten.

Rasa only ever appends to a tracker, so this works on its table; the caller holds the
conversation's lock.
"""

from __future__ import annotations

import json
from collections.abc import Collection

import sqlalchemy as sa

from bot.db.models import Turn
from bot.db.session import Database

_EVENTS = sa.table(
    "events",
    sa.column("id"),
    sa.column("sender_id"),
    sa.column("type_name"),
    sa.column("action_name"),
    sa.column("data"),
)
_SESSION_BEGINS = "action_session_start"


def forget_turns(database: Database, conversation: str, turn_ids: Collection[str]) -> int:
    """Delete all events of these turns. Returns how many.

    A turn begins with what the person said, and ends where the next one or a new session
    begins.
    """
    of_conversation = (
        sa.select(_EVENTS).where(_EVENTS.c.sender_id == conversation).order_by(_EVENTS.c.id)
    )
    with database.write() as session:
        if not sa.inspect(session.connection()).has_table(_EVENTS.name):
            return 0
        doomed, within = [], False
        for event in session.execute(of_conversation):
            if event.type_name == "user":
                within = json.loads(event.data).get("message_id") in turn_ids
            elif event.action_name == _SESSION_BEGINS:
                within = False
            if within:
                doomed.append(event.id)
        session.execute(sa.delete(_EVENTS).where(_EVENTS.c.id.in_(doomed)))
    return len(doomed)


def forget_conversation(database: Database, conversation: str) -> int:
    """Delete all events of a conversation and the replies kept of it. Returns how many events."""
    with database.write() as session:
        session.execute(sa.delete(Turn).where(Turn.conversation_id == conversation))
        if not sa.inspect(session.connection()).has_table(_EVENTS.name):
            return 0
        theirs = sa.delete(_EVENTS).where(_EVENTS.c.sender_id == conversation)
        return session.execute(theirs).rowcount

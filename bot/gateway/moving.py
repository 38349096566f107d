"""Takes a question from a channel along into the asker's direct messages, and points there."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.models import Choice, Conversation, InboxRow
from bot.db.queues import enqueue
from bot.gateway.inbox import accept_choice, accept_text
from bot.privacy.audience import BOTH
from bot.privacy.sealing import opaque_id


def move(session: Session, row: InboxRow, there: Conversation, now: datetime) -> InboxRow | None:
    """Ask again, in `there`, what a row asked; once, however often it is called.

    Returns:
        The row of the question there, or None if it was there already.
    """
    key = hashlib.sha256(f"moved:{row.key}".encode()).hexdigest()
    if row.choice_id is None:
        said = {"text": row.text, "hidden": row.hidden, "is_quoted": True}
        return accept_text(session, there, key=key, now=now, **said)
    chosen = session.get(Choice, row.choice_id)
    # The message that it points to was said in the other conversation.
    entities = {k: v for k, v in (chosen.meaning.get("entities") or {}).items() if k != "turn"}
    choice = Choice(
        id=opaque_id("choice"),
        conversation_id=there.id,
        title=chosen.title,
        meaning={**chosen.meaning, "entities": entities},
        created_at=now,
    )
    session.add(choice)
    session.flush()
    return accept_choice(session, there, key=key, choice=choice, now=now, day=row.chosen_date)


def point_to_direct_messages(
    session: Session, row: InboxRow, *, is_open: bool, now: datetime
) -> None:
    """Let only the asker see, where they asked, that the answer is elsewhere.

    Args:
        is_open: whether we could open direct messages with them; else they have to.
    """
    # Slack shows nothing in a thread that nobody has answered yet.
    earlier = select(InboxRow.id).where(
        InboxRow.conversation_id == row.conversation_id, InboxRow.status == "answered"
    )
    enqueue(
        session,
        delivery_key=f"pointer:{row.turn_id}",
        kind="pointer",
        lane=row.conversation_id,
        payload={
            "wording": "pointer" if is_open else "pointer_write_me",
            "in_thread": session.scalar(earlier.limit(1)) is not None,
        },
        audience=BOTH,
        conversation_id=row.conversation_id,
        now=now,
    )

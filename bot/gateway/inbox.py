"""Takes what people send into the inbox: redacted, once, before it is acknowledged."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import structlog
from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.db.models import Choice, Conversation, InboxRow
from bot.db.queues import PENDING
from bot.gateway.hidden import redacted_in
from bot.gateway.metrics import REDACTIONS
from bot.privacy.redaction import redact
from bot.privacy.sealing import Seal, opaque_id

log = structlog.get_logger(__name__)

MOVED = "moved"
"""The status of what goes on in direct messages, since others read along."""
MAX_TEXT = 4000
LONGEST_READ = 2 * MAX_TEXT
FIRST_DAY = date(1900, 1, 1)


def accept_text(
    session: Session,
    conversation: Conversation,
    *,
    key: str,
    text: str,
    now: datetime,
    is_quoted: bool = False,
    hidden: list[str] | None = None,
    seal: Seal | None = None,
) -> InboxRow | None:
    """Take a message in. Returns None if it was taken before.

    Args:
        key: identifies the message with its sender's system, already fingerprinted.
        text: what the person wrote; it is redacted here, before anything is stored.
        is_quoted: the chat doesn't show the message, so the reply quotes it.
        hidden: the kinds that were redacted before, in a text that comes from elsewhere.
        seal: keeps the placeholders the same throughout the conversation; without it they
            count anew in each message.
    """
    # Cut after redaction, or half an identifier could stay at the end.
    redacted = redacted_in(session, conversation, text[:LONGEST_READ], seal)
    _count(redacted.kinds)
    kinds = sorted({*redacted.kinds, *(hidden or ())}) or None
    kept = {"text": redacted.text[:MAX_TEXT], "is_quoted": is_quoted, "hidden": kinds}
    return _add(session, conversation, key, now, **kept)


def redacted_text(text: str) -> str:
    """Return what is kept of a message that becomes no row of the inbox."""
    found = redact(text[:LONGEST_READ])
    _count(found.kinds)
    # Cut after redaction, or half an identifier could stay at the end.
    return found.text[:MAX_TEXT]


def accept_choice(
    session: Session,
    conversation: Conversation,
    *,
    key: str,
    choice: Choice,
    now: datetime,
    day: date | None = None,
) -> InboxRow | None:
    """Take the click on a button in, or the day that was picked with a choice.

    Returns None if it was taken before.
    """
    return _add(session, conversation, key, now, choice_id=choice.id, chosen_date=day)


def past_day(written: str, today: date) -> date | None:
    """Return the day of an ISO date, or None if it is none, too long ago or yet to come."""
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= today else None


def was_taken(session: Session, key: str) -> bool:
    """Say whether something with this key is in the inbox already."""
    return session.scalar(select(InboxRow.id).where(InboxRow.key == key)) is not None


def _count(kinds: Iterable[str]) -> None:
    for kind in kinds:
        REDACTIONS.labels(kind).inc()


_FOR_ITSELF = (
    select(Conversation.id)
    .where(Conversation.id == bindparam("conversation"))
    .with_for_update(key_share=True)
)


def _add(
    session: Session, conversation: Conversation, key: str, now: datetime, **content: Any
) -> InboxRow | None:
    # Or of two that come at once, the later in number could be seen, and answered, first.
    session.execute(_FOR_ITSELF, {"conversation": conversation.id})
    if was_taken(session, key):
        return None
    row = InboxRow(
        key=key,
        turn_id=opaque_id("turn"),
        conversation_id=conversation.id,
        lane=conversation.id,
        status=PENDING,
        attempts=0,
        due_at=now,
        created_at=now,
        **content,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        if was_taken(session, key):
            return None
        raise
    log.info("inbox.accepted", turn_id=row.turn_id)
    return row

"""The events of a conversation on the careers page: what its browsers are shown, in order."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.engine import Connection, Row
from sqlalchemy.orm import Session

from bot.db.models import WidgetEvent, WidgetSession
from bot.desk.anonymous import FORGOTTEN
from bot.gateway.addresses import locked

MESSAGE, FORM, FORM_DONE, DELETED = "message", "form", "form_done", "deleted"
ME, ASSISTANT, HR = "me", "assistant", "hr"


def append(
    session: Session,
    conversation_id: str,
    *,
    key: str,
    kind: str,
    payload: dict[str, Any],
    now: datetime,
    turn_id: str | None = None,
    case_id: int | None = None,
) -> WidgetEvent | None:
    """Add an event, in the caller's transaction.

    Args:
        key: that of the message or delivery it comes with; one key is shown once.
        payload: what is shown, and nothing else, but for names that begin with `_`.

    Returns:
        The event, or None if it is there already or the conversation is deleted.
    """
    if not is_new(session, conversation_id, key):
        return None
    return add(
        session,
        conversation_id,
        key=key,
        kind=kind,
        payload=payload,
        now=now,
        turn_id=turn_id,
        case_id=case_id,
    )


def add(
    session: Session,
    conversation_id: str,
    *,
    key: str,
    kind: str,
    payload: dict[str, Any],
    now: datetime,
    turn_id: str | None = None,
    case_id: int | None = None,
) -> WidgetEvent:
    """Add an event as `append` does, once it is seen that it is new."""
    event = WidgetEvent(
        conversation_id=conversation_id,
        number=last_number(session, conversation_id) + 1,
        key=key,
        kind=kind,
        payload=payload,
        turn_id=turn_id,
        case_id=case_id,
        created_at=now,
    )
    session.add(event)
    session.flush()
    return event


def is_new(session: Session, conversation_id: str, key: str) -> bool:
    """Say whether an event with this key is still to be added, by this transaction alone."""
    conversation = locked(session, conversation_id)
    is_there = conversation is not None and conversation.address_sealed != FORGOTTEN
    return is_there and event_with(session, key) is None


def event_with(session: Session, key: str) -> WidgetEvent | None:
    """Return the event with this key."""
    return session.scalar(select(WidgetEvent).where(WidgetEvent.key == key))


def event_numbered(session: Session, conversation_id: str, number: int) -> WidgetEvent | None:
    """Return the event of a conversation with this number."""
    return session.scalar(
        select(WidgetEvent).where(
            WidgetEvent.conversation_id == conversation_id, WidgetEvent.number == number
        )
    )


_NEXT = (
    select(
        WidgetSession.expires_at,
        WidgetEvent.id,
        WidgetEvent.number,
        WidgetEvent.kind,
        WidgetEvent.payload,
        WidgetEvent.created_at,
    )
    .select_from(WidgetSession)
    .outerjoin(
        WidgetEvent,
        and_(
            WidgetEvent.conversation_id == WidgetSession.conversation_id,
            WidgetEvent.number > bindparam("after"),
        ),
    )
    .where(WidgetSession.id == bindparam("session"))
    .order_by(WidgetEvent.number)
    .limit(bindparam("most"))
)


def events_after(
    reading: Connection, session_id: str, number: int, limit: int
) -> tuple[datetime | None, list[Row]]:
    """Return until when a browser's session lasts, and the next events that it is shown, in order.

    The time is None if there is no such session any more.
    """
    given = {"session": session_id, "after": number, "most": limit}
    found = reading.execute(_NEXT, given).all()
    if not found:
        return None, []
    # A session to which nothing new belongs is one row without an event.
    return found[0].expires_at, [row for row in found if row.number is not None]


def last_number(session: Session, conversation_id: str) -> int:
    """Return the number of the newest event, 0 if there is none."""
    highest = select(func.max(WidgetEvent.number)).where(
        WidgetEvent.conversation_id == conversation_id
    )
    return session.scalar(highest) or 0


def shown(event: WidgetEvent | Row) -> dict[str, Any]:
    """Return an event's data as browsers get it."""
    said = {name: value for name, value in event.payload.items() if not name.startswith("_")}
    return {"event": event.number, **said, "at": iso(event.created_at)}


def iso(at: datetime) -> str:
    """Return a time as the widget's interface writes it."""
    return at.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")

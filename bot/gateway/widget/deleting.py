"""“Delete my conversation”, and what goes by itself once nobody can come back to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.db.models import (
    Case,
    Choice,
    Conversation,
    InboxRow,
    OutboxRow,
    Turn,
    WidgetEvent,
    WidgetLink,
    WidgetSession,
)
from bot.db.queues import enqueue
from bot.db.reminders import ProgramReminder
from bot.desk import asking
from bot.desk.anonymous import FORGOTTEN, FORGOTTEN_HASH
from bot.desk.cases import CLAIMED, OPEN, Actor
from bot.desk.erasing import erase_case
from bot.gateway.addresses import locked
from bot.gateway.outbox import FORGET_TURNS
from bot.gateway.widget.events import DELETED, append
from bot.privacy.erasure import forget_in_event_log

# So long after its end a session is still known: what its browser is told differs.
KEPT = timedelta(days=1)
_THEIRS = (WidgetSession, WidgetLink, OutboxRow, InboxRow, Choice, Turn, ProgramReminder)


@dataclass(frozen=True)
class Deletion:
    """Deletes conversations on the careers page."""

    clock: Callable[[], datetime]

    def delete(self, session: Session, conversation_id: str) -> None:
        """Delete all that was said and who it was.

        HR keeps that there was a case, and sees that its question was taken back.
        """
        now = self.clock()
        conversation = locked(session, conversation_id)
        self._erase_cases(session, conversation, now)
        under_way = self._turn_under_way_until(session, conversation_id)
        session.flush()
        for table in _THEIRS:
            session.execute(delete(table).where(table.conversation_id == conversation_id))
        session.execute(delete(WidgetEvent).where(WidgetEvent.conversation_id == conversation_id))
        forget_in_event_log(session, [conversation_id])
        gone = f"{DELETED}:{conversation_id}"
        append(session, conversation_id, key=gone, kind=DELETED, payload={}, now=now)
        conversation.address_sealed = FORGOTTEN
        conversation.address_hash = f"{FORGOTTEN_HASH}{conversation_id}"
        conversation.placeholders = None
        self._forget_tracker(session, conversation, 0, now)
        if under_way is not None:
            # Once more, for what it may still leave.
            self._forget_tracker(session, conversation, 1, under_way)

    def _erase_cases(self, session: Session, conversation: Conversation, now: datetime) -> None:
        cases = session.scalars(select(Case).where(Case.conversation_id == conversation.id)).all()
        for case in cases:
            if case.status in (OPEN, CLAIMED):
                asker = Actor("asker", conversation_id=conversation.id)
                asking.withdraw(session, case.id, asker, now)
            session.flush()
            erase_case(session, case, now)

    def _turn_under_way_until(self, session: Session, conversation_id: str) -> datetime | None:
        """Return when a turn that the assistant may have right now has ended for sure."""
        rows = session.scalars(
            select(InboxRow).where(InboxRow.conversation_id == conversation_id).with_for_update()
        )
        return max((row.claimed_until for row in rows if row.claimed_until), default=None)

    def _forget_tracker(
        self, session: Session, conversation: Conversation, number: int, due_at: datetime
    ) -> None:
        row = enqueue(
            session,
            delivery_key=f"forget:{conversation.id}:{number}",
            kind=FORGET_TURNS,
            lane=f"tracker:{conversation.id}",
            payload={"turns": None},
            audience=conversation.audience,
            conversation_id=conversation.id,
            now=due_at,
        )
        assert row is not None


def forget_ended(session: Session, now: datetime) -> int:
    """Delete sessions and links that ended a day ago, and conversations in which nobody spoke.

    Whoever asks for sessions and uses none leaves nothing behind that lasts longer than a day.
    Returns how many rows that were.
    """
    is_unused = ~(
        select(WidgetEvent.id)
        .where(WidgetEvent.conversation_id == WidgetSession.conversation_id)
        .exists()
    )
    unused = delete(WidgetSession).where(WidgetSession.created_at <= now - KEPT, is_unused)
    without_loading = {"synchronize_session": False}
    gone = session.execute(unused, execution_options=without_loading).rowcount
    for table in (WidgetSession, WidgetLink):
        ended = delete(table).where(table.expires_at <= now - KEPT)
        gone += session.execute(ended).rowcount
    is_reached = (
        select(WidgetSession.id).where(WidgetSession.conversation_id == Conversation.id).exists()
        | select(WidgetLink.id).where(WidgetLink.conversation_id == Conversation.id).exists()
    )
    is_kept = (
        select(InboxRow.id).where(InboxRow.conversation_id == Conversation.id).exists()
        | select(OutboxRow.id).where(OutboxRow.conversation_id == Conversation.id).exists()
        | select(Case.id).where(Case.conversation_id == Conversation.id).exists()
        | select(Choice.id).where(Choice.conversation_id == Conversation.id).exists()
        | select(ProgramReminder.id)
        .where(ProgramReminder.conversation_id == Conversation.id)
        .exists()
    )
    silent = session.scalars(
        select(Conversation.id).where(
            Conversation.id.like("web:%"),
            Conversation.created_at <= now - KEPT,
            ~is_reached,
            ~is_kept,
        )
    ).all()
    if silent:
        session.execute(delete(WidgetEvent).where(WidgetEvent.conversation_id.in_(silent)))
        session.execute(delete(Conversation).where(Conversation.id.in_(silent)))
    return gone + len(silent)

"""Erases a person or a conversation: every row and every event, so that nothing leads back.

What must stay countable loses the person instead: cases keep number, dates, queue and topic
(`bot.desk.erasing`), and turns of the event log keep what was decided, on which day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.db.models import Case, Conversation, InboxRow, OutboxRow, TurnLog
from bot.db.queues import PENDING
from bot.desk.anonymous import FORGOTTEN, forget_address
from bot.desk.cases import start_of_day
from bot.desk.erasing import erase_case, forget_colleagues
from bot.errors import HRBotError
from bot.privacy import audit, trackers
from bot.privacy.holdings import rows_of, tables
from bot.privacy.sealing import Seal, opaque_id
from bot.privacy.subjects import Subject

# They have a rule of their own here, or none of their rows is deleted.
_APART = {"audit", "cases", "case_events", "case_reminders", "turn_log"}


class UnderWayError(HRBotError):
    """Somebody is being answered just now."""


def erase(
    session: Session, subject: Subject, seal: Seal, now: datetime, actor: str
) -> dict[str, int]:
    """Erase all that is known of a subject, in the caller's transaction.

    Returns:
        How many rows of which table are gone or lost their person. Anonymous cases lose their
        way back uncounted: the numbers must not tell that there were any.

    Raises:
        UnderWayError: if a message of theirs is being answered or delivered.
    """
    _must_be_at_rest(session, subject, now)
    gone: Counter[str] = Counter()
    for case in session.scalars(select(Case).where(Case.id.in_(subject.cases))):
        erase_case(session, case, now)
        gone["cases"] += 1
    if subject.people:
        forget_colleagues(session, subject.people, now)
    _forget_ways_back(session, seal, subject)
    session.flush()
    gone["turn_log"] = forget_in_event_log(session, subject.conversations)
    gone["events"] = trackers.forget_conversations(session, subject.conversations)
    for table in tables():
        if table.name not in _APART:
            gone[table.name] = session.execute(
                delete(table).where(rows_of(table, subject))
            ).rowcount
    counts = {name: count for name, count in sorted(gone.items()) if count}
    for erased in subject.people or subject.conversations or ("employee",):
        audit.write(session, now, actor=actor, action=audit.ERASED, subject=erased, rows=counts)
    return counts


def _must_be_at_rest(session: Session, subject: Subject, now: datetime) -> None:
    for model in (InboxRow, OutboxRow):
        running = select(model.id).where(
            model.conversation_id.in_(subject.conversations),
            model.status == PENDING,
            model.claimed_until > now,
        )
        if session.scalar(running.limit(1)) is not None:
            raise UnderWayError(
                "A message of theirs is being answered just now. Try again in a minute."
            )


def forget_in_event_log(session: Session, conversations: Collection[str]) -> int:
    """Leave of each turn what was decided on which day; all of them count as one asker.

    Returns how many turns that were.
    """
    asker = opaque_id("erased")
    turns = select(TurnLog).where(TurnLog.conversation_id.in_(conversations))
    count = 0
    for turn in session.scalars(turns):
        turn.turn_id, turn.conversation_id = opaque_id("erased"), asker
        turn.question, turn.candidates = None, []
        turn.created_at = start_of_day(turn.created_at)
        count += 1
    session.flush()
    return count


def _forget_ways_back(session: Session, seal: Seal, subject: Subject) -> None:
    ways = (
        select(Case, Conversation)
        .join(Conversation, Conversation.id == Case.conversation_id)
        .where(Case.anonymous, Conversation.address_sealed != FORGOTTEN)
    )
    for case, conversation in session.execute(ways).all():
        leads_here = (
            seal.way_back_fingerprint(conversation.id, team, user) for team, user in subject.slack
        )
        if conversation.address_hash in leads_here:
            forget_address(session, case, conversation)
            to_them = OutboxRow.conversation_id == conversation.id
            session.execute(delete(OutboxRow).where(to_them))

"""Anonymous cases: opened without a person, answered through a way back that is forgotten.

Such a case keeps days instead of times, a turn id and a conversation of its own, and no
person. The conversation is only the way back: its address is sealed, and whoever holds the
key can tell whether a given chat is the one, but nothing in the database leads there.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from bot.db.models import Case, CasePlace, Choice, Conversation, InboxRow, OutboxRow, Turn, TurnLog
from bot.db.queues import PENDING
from bot.desk.cases import HELPFUL, RESOLVED, WITHDRAWN

FORGOTTEN = ""
FORGOTTEN_HASH = "forgotten:"


def forget_way_back(session: Session, now: datetime, days: int) -> int:
    """Delete the way back of anonymous cases that are closed for good. Returns how many.

    Closed for good is what the asker has confirmed or taken back, and what has been resolved
    for `days` days.
    """
    under_way = (
        select(OutboxRow.id)
        .where(OutboxRow.conversation_id == Conversation.id, OutboxRow.status == PENDING)
        .exists()
    )
    closed = (
        select(Case, Conversation)
        .join(Conversation, Conversation.id == Case.conversation_id)
        .where(
            Case.anonymous,
            Case.status == RESOLVED,
            Conversation.address_sealed != FORGOTTEN,
            or_(
                Case.feedback.in_((HELPFUL, WITHDRAWN)),
                Case.resolved_at <= now - timedelta(days=days),
            ),
            ~under_way,
        )
        .with_for_update(of=Case)
    )
    found = session.execute(closed).all()
    for case, conversation in found:
        forget_address(session, case, conversation)
    return len(found)


def forget_address(session: Session, case: Case, conversation: Conversation) -> None:
    """Leave nothing of where the asker of a case can be found."""
    conversation.address_sealed = FORGOTTEN
    conversation.address_hash = f"{FORGOTTEN_HASH}{conversation.id}"
    session.execute(delete(CasePlace).where(CasePlace.case_id == case.id))


def forget_asking(
    session: Session, conversation_id: str, question: str, turn_ids: set[str], case_id: int
) -> set[str]:
    """Delete what the asker's own conversation keeps of a question sent without their name.

    Args:
        turn_ids: the turns in which it was asked and offered; every other turn that shows the
            same question goes too.
        case_id: the case that it became. The fingerprints of the messages stay with it as long
            as the way back does: Slack may deliver one again, and it must not be taken in anew.

    Returns:
        The turns that are gone; the assistant's tracker must forget them as well.
    """
    quoted = question.splitlines()[0] if question else question
    turns = session.scalars(select(Turn).where(Turn.conversation_id == conversation_id))
    shown = {t.turn_id for t in turns if quoted and quoted in _words(t.reply)}
    rows = session.scalars(
        select(InboxRow).where(
            InboxRow.conversation_id == conversation_id, InboxRow.status != PENDING
        )
    )
    asked = {row.turn_id for row in rows if row.text == question}
    gone = turn_ids | shown | asked
    said = session.scalars(
        select(OutboxRow).where(
            OutboxRow.conversation_id == conversation_id,
            OutboxRow.case_id.is_(None),
            or_(OutboxRow.status != PENDING, OutboxRow.attempted_at.is_not(None)),
        )
    )
    for row in said:
        of_turn = any(f":{turn}:" in f":{row.delivery_key}:" for turn in gone)
        # Somebody may choose before it is written down that what they chose from has arrived.
        has_left = row.status != PENDING
        if of_turn or (has_left and quoted and quoted in _words(row.payload)):
            session.delete(row)
    said_in = (InboxRow.turn_id.in_(gone), InboxRow.choice_id.is_(None))
    for key in session.scalars(select(InboxRow.key).where(*said_in)):
        session.add(CasePlace(key=key, case_id=case_id, once=False))
    session.execute(delete(TurnLog).where(TurnLog.turn_id.in_(gone)))
    session.execute(delete(Turn).where(Turn.turn_id.in_(gone)))
    session.execute(delete(InboxRow).where(InboxRow.turn_id.in_(gone)))
    offered = session.scalars(select(Choice).where(Choice.conversation_id == conversation_id))
    for choice in offered:
        if gone & _turns_named(choice) or choice.meaning.get("question") == question:
            session.execute(delete(InboxRow).where(InboxRow.choice_id == choice.id))
            session.delete(choice)
    return gone


def _words(reply: dict) -> str:
    return "\n".join(message.get("text", "") for message in reply.get("messages", []))


def _turns_named(choice: Choice) -> set[str]:
    meaning = choice.meaning
    entities = meaning.get("entities") or {}
    named = (meaning.get("turn_id"), meaning.get("turn"), entities.get("turn"))
    return {turn for turn in (*named, *(meaning.get("turns") or ())) if turn}

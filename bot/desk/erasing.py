"""What is left of a case when its asker's data is erased: number, dates, queue, topic, marks.

Those are what HR has to be able to count. Who asked, what was asked and what was answered is
gone, and the card in HR's channel shows that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.db.models import (
    Case,
    CaseDetail,
    CaseEntry,
    CaseEvent,
    CasePlace,
    Conversation,
    OutboxRow,
)
from bot.db.queues import PENDING
from bot.desk.anonymous import FORGOTTEN, FORGOTTEN_HASH, forget_address
from bot.desk.cases import CLAIMED, OPEN, RESOLVED, SYSTEM, record, refresh_card, start_of_day
from bot.privacy.sealing import opaque_id

ERASED = "[erased]"
ERASED_REASON = "erased"
ASSIGNED = "assigned"
ERASED_TURN = "erased"


def is_erased(case: Case) -> bool:
    """Say whether a case's asker and texts are gone."""
    return case.turn_id.startswith(f"{ERASED_TURN}:")


def erase_case(session: Session, case: Case, now: datetime, *, with_hr: bool = False) -> None:
    """Take the asker and every text out of a case; an open one is closed by that.

    Args:
        with_hr: whether who of HR worked on it is forgotten, too.
    """
    if is_erased(case):
        return
    if case.status in (OPEN, CLAIMED):
        case.reason = ERASED_REASON
    if case.status != RESOLVED:
        case.status, case.resolved_at = RESOLVED, now
    case.turn_id = opaque_id(ERASED_TURN)
    case.person_id = None
    case.question = ERASED
    case.answer = case.answer and ERASED
    case.candidates = []
    case.waiting_since = case.snoozed_until = None
    if case.anonymous:
        forget_address(session, case, session.get(Conversation, case.conversation_id))
    else:
        case.conversation_id = _nowhere(session, case, now).id
    session.execute(delete(CasePlace).where(CasePlace.case_id == case.id))
    for told in (CaseEntry, CaseDetail):
        session.execute(delete(told).where(told.case_id == case.id))
    asked = (CaseEvent.case_id == case.id) & (CaseEvent.actor != "hr")
    session.execute(update(CaseEvent).where(asked).values(person_id=None))
    if with_hr:
        case.assignee_id = None
        of_case = select(CaseEvent).where(CaseEvent.case_id == case.id)
        _forget_names(session.scalars(of_case))
    # What still waits for HR's channel shows the case as it is now.
    gone = (OutboxRow.conversation_id.is_not(None)) | (OutboxRow.status != PENDING)
    session.execute(delete(OutboxRow).where(OutboxRow.case_id == case.id, gone))
    record(session, case, SYSTEM, ERASED_REASON, now)


def forget_colleagues(session: Session, people: Collection[str], now: datetime) -> int:
    """Take people of HR out of the cases that they worked on; their open ones wait again.

    What was done stays in each history, as done by HR. Returns how many cases named them.
    """
    theirs = list(session.scalars(select(Case).where(Case.assignee_id.in_(people))))
    for case in theirs:
        case.assignee_id = None
        if case.status == CLAIMED:
            case.status = OPEN
            refresh_card(session, case, now, f"card:{case.id}:{case.revision}:nobody")
    acted = CaseEvent.person_id.in_(people) | (CaseEvent.action == ASSIGNED)
    events = [e for e in session.scalars(select(CaseEvent).where(acted)) if _names(e, people)]
    _forget_names(events)
    noted = CaseEntry.person_id.in_(people)
    session.execute(update(CaseEntry).where(noted).values(person_id=None))
    return len({case.id for case in theirs} | {event.case_id for event in events})


def _nowhere(session: Session, case: Case, now: datetime) -> Conversation:
    """Add the conversation of a case whose asker is gone; theirs may go on about other things."""
    identifier = opaque_id(ERASED_TURN)
    nowhere = Conversation(
        id=identifier,
        audience=case.audience,
        address_hash=f"{FORGOTTEN_HASH}{identifier}",
        address_sealed=FORGOTTEN,
        created_at=start_of_day(now),
    )
    session.add(nowhere)
    session.flush()
    return nowhere


def _names(event: CaseEvent, people: Collection[str]) -> bool:
    return event.person_id in people or event.detail.get("to") in people


def _forget_names(events: Iterable[CaseEvent]) -> None:
    for event in events:
        event.person_id = None
        if event.action == ASSIGNED:
            event.detail = {**event.detail, "to": None}

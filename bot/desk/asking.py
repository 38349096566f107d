"""What the asker does with their case: add, edit, take back, say whether it helped, rate."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot.db.models import Case, CaseDetail, CaseEntry
from bot.desk import sla
from bot.desk.cases import (
    ADDITION,
    ANSWERED,
    CLAIMED,
    FINISHED,
    HELPFUL,
    NOT_HELPFUL,
    OPEN,
    RESOLVED,
    WITHDRAWN,
    Actor,
    DeskError,
    add_entry,
    entry_with,
    find_case,
    in_thread,
    record,
    redacted,
    start_of_day,
)
from bot.desk.routing import Routing

CSAT_SCORES = (1, 2, 3, 4, 5)


def add(
    session: Session,
    case_id: int,
    actor: Actor,
    text: str,
    now: datetime,
    *,
    routing: Routing,
    key: str | None = None,
) -> Case:
    """Add something to the question. It wakes the case, and opens it again if it was finished.

    Args:
        key: the fingerprint of the form or message it came with, so that it counts once.

    Raises:
        DeskError: if there is no text, or the case isn't the actor's.
    """
    case = find_case(session, case_id)
    require_asker(case, actor)
    if key is not None and entry_with(session, key) is not None:
        return case
    entry = add_entry(session, case, ADDITION, text, actor, now, key)
    was_finished = case.status in FINISHED
    if was_finished:
        _open_again(case, routing, now)
        case.feedback = None
    if case.waiting_since is not None:
        # Of an anonymous asker's reply only the day may be told, by no deadline more.
        replied = max(_asker_time(case, now), case.waiting_since)
        sla.wait_is_over(case, routing.queue_of(case), case.waiting_since, replied)
    case.waiting_since = case.snoozed_until = None
    record(session, case, actor, "added", now, reopened=was_finished)
    in_thread(
        session,
        case,
        "thread_added",
        now,
        entry=entry.id,
        person=case.assignee_id,
        broadcast=was_finished,
    )
    return case


def additions_since(session: Session, case_id: int, moment: datetime) -> int:
    """Return how often the asker has added to a case since a moment."""
    added = select(func.count()).where(
        CaseEntry.case_id == case_id, CaseEntry.kind == ADDITION, CaseEntry.at > moment
    )
    return session.scalar(added)


def take_out(
    session: Session, case_id: int, actor: Actor, entry_id: int, now: datetime
) -> str | None:
    """Take an addition out again that wasn't meant for HR.

    Returns:
        Its text, or None if it is out already.
    """
    case = find_case(session, case_id)
    require_asker(case, actor)
    entry = session.get(CaseEntry, entry_id)
    if entry is None or entry.case_id != case.id or entry.kind != ADDITION:
        return None
    text = entry.text
    session.delete(entry)
    record(session, case, actor, "took_out", now)
    return text


def edit(session: Session, case_id: int, actor: Actor, text: str, now: datetime) -> Case:
    """Replace the question while nobody has answered it.

    Raises:
        DeskError: if there is no text, it is answered, or the case isn't the actor's.
    """
    case = find_case(session, case_id)
    require_asker(case, actor)
    _must_be_unanswered(case)
    question = redacted(text)
    if not question:
        raise DeskError("A question needs some text.")
    if question == case.question:
        return case
    case.question = question
    record(session, case, actor, "edited", now)
    in_thread(session, case, "thread_edited", now, person=case.assignee_id)
    return case


def withdraw(session: Session, case_id: int, actor: Actor, now: datetime) -> Case:
    """Close a case because the asker no longer needs an answer.

    Raises:
        DeskError: if it isn't the actor's, or if it is answered or resolved.
    """
    case = find_case(session, case_id)
    require_asker(case, actor)
    if case.feedback == WITHDRAWN:
        return case
    _must_be_unanswered(case)
    case.status = RESOLVED
    case.feedback = WITHDRAWN
    session.execute(delete(CaseDetail).where(CaseDetail.case_id == case.id))
    case.resolved_at = _asker_time(case, now)
    case.waiting_since = case.snoozed_until = None
    record(session, case, actor, "withdrawn", now)
    return case


def confirm_helpful(session: Session, case_id: int, actor: Actor, now: datetime) -> Case:
    """Note that the answer helped; this resolves the case."""
    case = find_case(session, case_id)
    require_asker(case, actor)
    if case.feedback == HELPFUL:
        return case
    if case.answer is None or case.status not in FINISHED:
        raise DeskError(f"{case.reference} has no answer yet.")
    case.feedback = HELPFUL
    if case.status == ANSWERED:
        case.status = RESOLVED
        case.resolved_at = _asker_time(case, now)
    record(session, case, actor, "helpful", now)
    return case


def reopen(
    session: Session, case_id: int, actor: Actor, now: datetime, *, routing: Routing
) -> Case:
    """Open a case again because the answer didn't help; its time to be resolved begins anew."""
    case = find_case(session, case_id)
    require_asker(case, actor)
    if case.status in (OPEN, CLAIMED):
        return case
    _open_again(case, routing, now)
    case.feedback = NOT_HELPFUL
    record(session, case, actor, "reopened", now)
    in_thread(session, case, "thread_reopened", now, person=case.assignee_id, broadcast=True)
    return case


def rate(session: Session, case_id: int, actor: Actor, score: int, now: datetime) -> Case:
    """Keep how satisfied the asker was, from 1 to 5; the first word counts.

    Raises:
        DeskError: if the case isn't resolved, isn't the actor's, or there is no such score.
    """
    case = find_case(session, case_id)
    require_asker(case, actor)
    if case.csat is not None:
        return case
    if case.status != RESOLVED or score not in CSAT_SCORES:
        raise DeskError(f"{case.reference} can't be rated now.")
    case.csat = score
    record(session, case, actor, "rated", now, score=score)
    return case


def require_asker(case: Case, actor: Actor) -> None:
    """See that a case is the actor's.

    Raises:
        DeskError: if it isn't.
    """
    if case.person_id is not None:
        is_asker = actor.person_id == case.person_id
    else:
        is_asker = actor.conversation_id == case.conversation_id
    if actor.role != "asker" or not is_asker:
        raise DeskError("Only the person who asked can do that.")


def _open_again(case: Case, routing: Routing, now: datetime) -> None:
    since = _asker_time(case, now) + timedelta(days=1) if case.anonymous else now
    sla.start_again(case, routing.queue_of(case), since)
    case.status = CLAIMED if case.assignee_id else OPEN
    case.reason = None
    case.resolved_at = None


def _asker_time(case: Case, now: datetime) -> datetime:
    return start_of_day(now) if case.anonymous else now


def _must_be_unanswered(case: Case) -> None:
    if case.status in FINISHED:
        raise DeskError(f"{case.reference} is {case.status} already.")

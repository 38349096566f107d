"""What HR does with a case: claim, assign, answer, ask back, note, move, resolve, snooze."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.models import Case, CaseEntry, CaseEvent
from bot.desk import sla
from bot.desk.cases import (
    ANSWERED,
    CLAIMED,
    FINISHED,
    NOTE,
    OPEN,
    QUESTION,
    RESOLVED,
    SYSTEM,
    Actor,
    DeskError,
    add_entry,
    entry_with,
    find_case,
    in_thread,
    place,
    record,
    redacted,
    to_asker,
    to_hr,
    to_tracker,
)
from bot.desk.routing import Routing

REASONS = ("answered_elsewhere", "duplicate", "not_hr", "no_answer", "other")
# What a colleague must know of before deciding about a case from an old form.
_DECISIONS = ("claimed", "assigned", "answered", "moved", "resolved", "snoozed")


def claim(session: Session, case_id: int, actor: Actor, now: datetime) -> Case:
    """Make `actor` the assignee; a snoozed case wakes.

    Raises:
        DeskError: if the case is finished, or a colleague's: that takes `assign`.
    """
    case = find_case(session, case_id)
    _must_be_unfinished(case)
    if case.status == CLAIMED and case.assignee_id != actor.person_id:
        raise DeskError(f"A colleague has claimed {case.reference} already.")
    if case.status == CLAIMED and case.snoozed_until is None:
        return case
    case.status = CLAIMED
    case.assignee_id = actor.person_id
    case.snoozed_until = None
    record(session, case, actor, "claimed", now)
    return case


def assign(
    session: Session,
    case_id: int,
    actor: Actor,
    now: datetime,
    *,
    assignee: str,
    seen: int | None = None,
) -> Case:
    """Give the case to somebody, who is told in the card's thread.

    Args:
        assignee: a person id; that they may work on the queue is the caller's to check.
        seen: the revision that `actor` decided upon; see `_must_be_fresh`.

    Raises:
        DeskError: if the case is finished, or a colleague has decided something since.
    """
    case = find_case(session, case_id)
    _must_be_unfinished(case)
    if case.status == CLAIMED and case.assignee_id == assignee:
        return case
    _must_be_fresh(session, case, actor, seen)
    case.status = CLAIMED
    case.assignee_id = assignee
    case.snoozed_until = None
    record(session, case, actor, "assigned", now, to=assignee)
    if assignee != actor.person_id:
        in_thread(session, case, "thread_assigned", now, person=assignee)
    return case


def answer(session: Session, case_id: int, actor: Actor, text: str, now: datetime) -> Case:
    """Send HR's answer to the asker, word for word.

    Raises:
        DeskError: if it is empty, or if somebody has answered in the meantime.
    """
    case = find_case(session, case_id)
    text = text.strip()
    if not text:
        raise DeskError("An answer needs some text.")
    if case.status in FINISHED:
        if case.answer == text and case.assignee_id == actor.person_id:
            return case
        raise DeskError(f"{case.reference} is {case.status} already; yours was not sent.")
    case.status = ANSWERED
    case.assignee_id = actor.person_id
    case.answer = text
    case.answer_count += 1
    sla.note_first_reply(case, now)
    case.feedback = None
    case.waiting_since = None
    case.snoozed_until = None
    record(session, case, actor, "answered", now)
    key = f"answer:{case.id}:{case.answer_count}"
    to_asker(session, case, "case_answer", key, now, text=text)
    to_tracker(session, case, text, key, now)
    return case


def ask_back(session: Session, case_id: int, actor: Actor, text: str, now: datetime) -> Case:
    """Ask the asker something, word for word; the case waits for what they reply.

    Raises:
        DeskError: if there is no text, or the case is finished.
    """
    case = find_case(session, case_id)
    text = text.strip()
    _must_be_unfinished(case)
    if case.waiting_since is not None and _last_question(session, case) == redacted(text):
        return case
    add_entry(session, case, QUESTION, text, actor, now)
    if case.status == OPEN:
        case.status, case.assignee_id = CLAIMED, actor.person_id
    case.waiting_since = now
    case.snoozed_until = None
    sla.note_first_reply(case, now)
    record(session, case, actor, "asked_back", now)
    key = f"asked:{case.id}:{case.revision}"
    to_asker(session, case, "case_asked", key, now, text=text)
    to_tracker(session, case, text, key, now)
    return case


def add_note(
    session: Session,
    case_id: int,
    actor: Actor,
    text: str,
    now: datetime,
    *,
    key: str | None = None,
    said_in_thread: bool = False,
) -> Case:
    """Keep a note of HR with the case; it never leaves HR's channel.

    Args:
        key: the fingerprint of the form or message it came with, so that it counts once.
        said_in_thread: it stands in the card's thread already.

    Raises:
        DeskError: if there is no text.
    """
    case = find_case(session, case_id)
    if key is not None and entry_with(session, key) is not None:
        return case
    entry = add_entry(session, case, NOTE, text, actor, now, key)
    record(session, case, actor, "noted", now)
    if not said_in_thread:
        in_thread(session, case, "thread_note", now, entry=entry.id, person=actor.person_id)
    return case


def move(
    session: Session,
    case_id: int,
    actor: Actor,
    now: datetime,
    *,
    queue: str,
    routing: Routing,
    seen: int | None = None,
) -> Case:
    """Hand the case to another queue: a new card there, a pointer where the old one was.

    Raises:
        DeskError: if there is no such queue, it would widen the circle of a sensitive case,
            the case is finished, or a colleague has decided something since.
    """
    case = find_case(session, case_id)
    _must_be_unfinished(case)
    if case.queue == queue:
        return case
    if queue not in routing.queues:
        raise DeskError("There is no such queue any more. Please choose another one.")
    if routing.queues[queue] not in routing.queues_open_to(case.sensitive):
        raise DeskError(f"{case.reference} is sensitive and can only go to a restricted queue.")
    _must_be_fresh(session, case, actor, seen)
    was, channel, ts = case.queue, case.card_channel, case.card_ts
    place(case, routing.queues[queue])
    case.moves += 1
    case.card_channel = case.card_ts = None
    case.status, case.assignee_id = OPEN, None
    case.snoozed_until = None
    record(session, case, actor, "moved", now, of=was, to=queue)
    if ts is not None:
        key = f"moved:{case.id}:{case.moves}"
        to_hr(session, case, "case_moved", key, now, channel=channel, ts=ts)
    return case


def resolve(
    session: Session,
    case_id: int,
    actor: Actor,
    now: datetime,
    *,
    reason: str | None = None,
    seen: int | None = None,
) -> Case:
    """Close a case.

    An asker who never got an answer is told why; who got one is asked, once a case, whether
    it solved it.

    Args:
        reason: one of `REASONS`; None for a case that was answered.

    Raises:
        DeskError: if a colleague has decided something since.
    """
    case = find_case(session, case_id)
    if case.status == RESOLVED:
        return case
    _must_be_fresh(session, case, actor, seen)
    unanswered = case.status != ANSWERED
    case.status = RESOLVED
    case.reason = reason
    case.resolved_at = now
    case.waiting_since = case.snoozed_until = None
    if case.assignee_id is None:
        case.assignee_id = actor.person_id
    record(session, case, actor, "resolved", now, answered=not unanswered, reason=reason)
    if unanswered:
        to_asker(session, case, "case_closed", f"closed:{case.id}:{case.revision}", now)
    elif case.followed_up_at is None and case.feedback is None:
        case.followed_up_at = now
        to_asker(session, case, "case_followup", f"followup:{case.id}", now)
    return case


def snooze(
    session: Session,
    case_id: int,
    actor: Actor,
    now: datetime,
    *,
    until: datetime,
    seen: int | None = None,
) -> Case:
    """Put the case aside; it comes back by itself, or when the asker adds something.

    Raises:
        DeskError: if the time is past, the case finished, or a colleague has decided since.
    """
    case = find_case(session, case_id)
    _must_be_unfinished(case)
    if until <= now:
        raise DeskError("That time has passed already.")
    if case.snoozed_until == until:
        return case
    _must_be_fresh(session, case, actor, seen)
    case.snoozed_until = until
    record(session, case, actor, "snoozed", now, until=until.isoformat())
    return case


def wake_snoozed(session: Session, now: datetime) -> int:
    """Bring back the cases whose time has come, visibly in HR's channel. Returns how many."""
    due = (
        select(Case)
        .where(Case.snoozed_until <= now, Case.status.in_((OPEN, CLAIMED)))
        .order_by(Case.id)
        .with_for_update(skip_locked=True)
    )
    woken = list(session.scalars(due))
    for case in woken:
        case.snoozed_until = None
        record(session, case, SYSTEM, "woke", now)
        in_thread(session, case, "thread_woke", now, broadcast=True, person=case.assignee_id)
    return len(woken)


def _must_be_unfinished(case: Case) -> None:
    if case.status in FINISHED:
        raise DeskError(f"{case.reference} is {case.status} already.")


def _must_be_fresh(session: Session, case: Case, actor: Actor, seen: int | None) -> None:
    """Refuse a decision that a colleague has overtaken since revision `seen`."""
    if seen is None:
        return
    since = (
        select(CaseEvent.action)
        .where(
            CaseEvent.case_id == case.id,
            CaseEvent.revision > seen,
            CaseEvent.actor == "hr",
            CaseEvent.person_id != actor.person_id,
            CaseEvent.action.in_(_DECISIONS),
        )
        .limit(1)
    )
    if session.scalar(since) is not None:
        raise DeskError(
            f"A colleague has changed {case.reference} in the meantime. "
            "Close this form, look at the card, and decide again."
        )


def _last_question(session: Session, case: Case) -> str | None:
    asked = select(CaseEntry.text).where(CaseEntry.case_id == case.id, CaseEntry.kind == QUESTION)
    return session.scalar(asked.order_by(CaseEntry.id.desc()).limit(1))

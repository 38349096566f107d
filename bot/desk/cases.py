"""The life of a case: open, claim, answer, resolve, confirm, reopen, withdraw.

Every function changes the case, writes a row of its history and what must leave (the card
in HR's channel, the answer to the asker) in the caller's transaction: all of it, or nothing.
Doing again what is done already changes nothing and is no mistake.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.db.models import Case, CaseEvent, Conversation
from bot.db.queues import enqueue
from bot.desk import sla
from bot.desk.routing import Routing
from bot.errors import HRBotError
from bot.privacy.redaction import redact
from bot.programs.employees import site_of

OPEN, CLAIMED, ANSWERED, RESOLVED = "open", "claimed", "answered", "resolved"
HELPFUL, NOT_HELPFUL, WITHDRAWN = "helpful", "not_helpful", "withdrawn"


class DeskError(HRBotError):
    """Something can't be done with a case now; the text says why."""


@dataclass(frozen=True)
class Actor:
    """Who acts: `hr` or `asker` with their person id, or `system`."""

    role: str
    person_id: str | None = None


SYSTEM = Actor("system")


def open_case(
    session: Session,
    *,
    turn_id: str,
    conversation_id: str,
    question: str,
    topic: str | None,
    routing: Routing,
    now: datetime,
    answer_here: bool = False,
    sensitive: bool = False,
) -> Case:
    """Open a case for a redacted question; the same turn opens it once.

    Args:
        answer_here: the asker wants the answer in the thread where they asked.
        sensitive: only a restricted queue may get it, whatever its topic.

    Raises:
        DeskError: if the conversation isn't known.
    """
    known = session.scalar(select(Case).where(Case.turn_id == turn_id))
    if known is not None:
        return known
    conversation = session.get(Conversation, conversation_id)
    if conversation is None:
        raise DeskError("This conversation isn't known, so HR couldn't answer into it.")
    case = Case(
        turn_id=turn_id,
        conversation_id=conversation_id,
        person_id=conversation.person_id,
        audience=conversation.audience,
        topic=topic,
        question=question,
        answer_here=answer_here,
        status=OPEN,
        answer_count=0,
        revision=0,
        created_at=now,
        updated_at=now,
        sensitive=sensitive or routing.is_sensitive(topic),
    )
    site = site_of(session, conversation.person_id)
    sla.place(
        case,
        routing.queue_for(topic, conversation.audience, site=site, sensitive=case.sensitive),
    )
    try:
        with session.begin_nested():
            session.add(case)
    except IntegrityError:
        return session.execute(select(Case).where(Case.turn_id == turn_id)).scalar_one()
    _record(session, case, Actor("asker", conversation.person_id), "opened", now)
    return case


def find_case(session: Session, case_id: int) -> Case:
    """Return a case, locked for change.

    Raises:
        DeskError: if there is none with this number.
    """
    case = session.scalar(select(Case).where(Case.id == case_id).with_for_update())
    if case is None:
        raise DeskError(f"There is no case HR-{1000 + case_id}.")
    return case


def case_by_reference(session: Session, reference: str) -> Case:
    """Return the case with the number that people see, such as `HR-1001` or `1001`.

    Raises:
        DeskError: if there is none.
    """
    digits = reference.upper().removeprefix("HR-")
    if not digits.isdecimal() or len(digits) > 9:
        raise DeskError(f"“{reference}” is not a case number; they look like HR-1001.")
    return find_case(session, int(digits) - 1000)


def claim(session: Session, case_id: int, actor: Actor, now: datetime) -> Case:
    """Make `actor` the assignee; taking over from a colleague is allowed and recorded.

    Raises:
        DeskError: if the case is answered or resolved.
    """
    case = find_case(session, case_id)
    if case.status in (ANSWERED, RESOLVED):
        raise DeskError(f"{case.reference} is {case.status} already.")
    if case.status == CLAIMED and case.assignee_id == actor.person_id:
        return case
    case.status = CLAIMED
    case.assignee_id = actor.person_id
    _record(session, case, actor, "claimed", now)
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
    if case.status in (ANSWERED, RESOLVED):
        if case.answer == text and case.assignee_id == actor.person_id:
            return case
        raise DeskError(f"{case.reference} is {case.status} already; yours was not sent.")
    case.status = ANSWERED
    case.assignee_id = actor.person_id
    case.answer = text
    case.answer_count += 1
    sla.note_first_reply(case, now)
    case.feedback = None
    _record(session, case, actor, "answered", now)
    _send_answer(session, case, now)
    return case


def resolve(session: Session, case_id: int, actor: Actor, now: datetime) -> Case:
    """Close a case; an asker who never got an answer is told."""
    case = find_case(session, case_id)
    if case.status == RESOLVED:
        return case
    unanswered = case.status in (OPEN, CLAIMED)
    case.status = RESOLVED
    if case.assignee_id is None:
        case.assignee_id = actor.person_id
    _record(session, case, actor, "resolved", now, answered=not unanswered)
    if unanswered:
        _tell_asker(session, case, "case_closed", f"closed:{case.id}:{case.revision}", now)
    return case


def confirm_helpful(session: Session, case_id: int, actor: Actor, now: datetime) -> Case:
    """Note that the answer helped; this resolves the case."""
    case = find_case(session, case_id)
    _require_asker(case, actor)
    if case.feedback == HELPFUL:
        return case
    if case.answer is None:
        raise DeskError(f"{case.reference} has no answer yet.")
    case.feedback = HELPFUL
    case.status = RESOLVED
    _record(session, case, actor, "helpful", now)
    return case


def reopen(session: Session, case_id: int, actor: Actor, now: datetime) -> Case:
    """Open a case again because the answer didn't help."""
    case = find_case(session, case_id)
    _require_asker(case, actor)
    if case.status in (OPEN, CLAIMED):
        return case
    case.status = CLAIMED if case.assignee_id else OPEN
    case.feedback = NOT_HELPFUL
    _record(session, case, actor, "reopened", now)
    enqueue(
        session,
        delivery_key=f"reopened:{case.id}:{case.revision}",
        kind="case_reopened",
        lane=f"case:{case.id}",
        payload={},
        case_id=case.id,
        audience=case.audience,
        now=now,
    )
    return case


def withdraw(session: Session, case_id: int, actor: Actor, now: datetime) -> Case:
    """Close a case because the asker no longer needs an answer.

    Raises:
        DeskError: if it isn't the actor's, or if it is answered or resolved.
    """
    case = find_case(session, case_id)
    _require_asker(case, actor)
    if case.feedback == WITHDRAWN:
        return case
    if case.status in (ANSWERED, RESOLVED):
        raise DeskError(f"{case.reference} is {case.status} already.")
    case.status = RESOLVED
    case.feedback = WITHDRAWN
    _record(session, case, actor, "withdrawn", now)
    return case


def cases_of_person(session: Session, conversation_id: str) -> list[Case]:
    """Return the cases of the person who talks in this conversation, newest first."""
    conversation = session.get(Conversation, conversation_id)
    if conversation is None:
        return []
    mine = (
        Case.person_id == conversation.person_id
        if conversation.person_id
        else Case.conversation_id == conversation_id
    )
    return list(session.scalars(select(Case).where(mine).order_by(Case.id.desc())))


def open_cases(session: Session, status: str | None = None) -> list[Case]:
    """Return cases that aren't resolved, or those with `status`, oldest first."""
    wanted = Case.status == status if status else Case.status != RESOLVED
    return list(session.scalars(select(Case).where(wanted).order_by(Case.id)))


def _require_asker(case: Case, actor: Actor) -> None:
    if case.person_id is not None and actor.person_id != case.person_id:
        raise DeskError("Only the person who asked can say whether it helped.")


def _record(
    session: Session, case: Case, actor: Actor, action: str, now: datetime, **detail: Any
) -> None:
    case.updated_at = now
    case.revision += 1
    session.add(
        CaseEvent(
            case_id=case.id,
            at=now,
            actor=actor.role,
            person_id=actor.person_id,
            action=action,
            detail=detail,
        )
    )
    enqueue(
        session,
        delivery_key=f"card:{case.id}:{case.revision}",
        kind="case_card",
        lane=f"case:{case.id}",
        payload={},
        case_id=case.id,
        audience=case.audience,
        now=now,
    )


def _send_answer(session: Session, case: Case, now: datetime) -> None:
    key = f"answer:{case.id}:{case.answer_count}"
    _tell_asker(session, case, "case_answer", key, now, text=case.answer)
    enqueue(
        session,
        delivery_key=f"tracker:{key}",
        kind="tracker_events",
        lane=f"tracker:{case.conversation_id}",
        payload={
            "events": [
                {
                    "event": "bot",
                    "text": redact(case.answer).text,
                    "metadata": {"audience": case.audience, "case": case.reference},
                }
            ]
        },
        conversation_id=case.conversation_id,
        case_id=case.id,
        audience=case.audience,
        now=now,
    )


def _tell_asker(
    session: Session, case: Case, kind: str, key: str, now: datetime, **payload: Any
) -> None:
    enqueue(
        session,
        delivery_key=key,
        kind=kind,
        lane=case.conversation_id,
        payload=payload,
        conversation_id=case.conversation_id,
        case_id=case.id,
        audience=case.audience,
        now=now,
    )

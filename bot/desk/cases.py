"""Cases: what they are, how one is opened and found, and how each change is written down.

Every function of the desk changes the case, writes a row of its history and what must leave
(the card in HR's channel, the answer to the asker) in the caller's transaction: all of it, or
nothing. Doing again what is done already changes nothing and is no mistake. What HR does with
a case is in `bot.desk.work`, what the asker does in `bot.desk.asking`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.db.models import Case, CaseEntry, CaseEvent, Conversation
from bot.db.queues import enqueue
from bot.desk import sla
from bot.desk.routing import Queue, Routing
from bot.errors import HRBotError
from bot.privacy import audit
from bot.privacy.redaction import redact
from bot.programs.employees import site_of

OPEN, CLAIMED, ANSWERED, RESOLVED = "open", "claimed", "answered", "resolved"
FINISHED = (ANSWERED, RESOLVED)
HELPFUL, NOT_HELPFUL, WITHDRAWN = "helpful", "not_helpful", "withdrawn"
NOTE, ADDITION, QUESTION = "note", "addition", "question"
MAX_TEXT = 4000
LONGEST_READ = 2 * MAX_TEXT


class DeskError(HRBotError):
    """Something can't be done with a case now; the text says why."""


@dataclass(frozen=True)
class Actor:
    """Who acts: `hr` or `asker`, or `system`.

    HR and named askers are known by their person id; where a case has no person, its asker is
    whoever talks in its conversation.
    """

    role: str
    person_id: str | None = None
    conversation_id: str | None = None


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
    candidates: tuple[str, ...] = (),
    answer_here: bool = False,
    anonymous: bool = False,
    sensitive: bool = False,
    is_feedback: bool = False,
) -> Case:
    """Open a case for a redacted question; the same turn opens it once.

    Args:
        candidates: topics that the question may be about, likeliest first.
        answer_here: the asker wants the answer in the thread where they asked.
        anonymous: the conversation is only a way back; see `bot.desk.anonymous`.
        sensitive: only a restricted queue may get it, whatever its topic.
        is_feedback: it tells HR something instead of asking.

    Raises:
        DeskError: if the conversation isn't known.
    """
    known = case_of_turn(session, turn_id)
    if known is not None:
        return known
    conversation = session.get(Conversation, conversation_id)
    if conversation is None:
        raise DeskError("This conversation isn't known, so HR couldn't answer into it.")
    opened = start_of_day(now) if anonymous else now
    case = Case(
        turn_id=turn_id,
        conversation_id=conversation_id,
        person_id=conversation.person_id,
        audience=conversation.audience,
        is_feedback=is_feedback,
        topic=topic,
        candidates=list(candidates),
        question=question,
        anonymous=anonymous,
        answer_here=answer_here,
        status=OPEN,
        answer_count=0,
        moves=0,
        revision=0,
        created_at=opened,
        updated_at=opened,
        sensitive=sensitive or routing.is_sensitive(topic),
    )
    # Where somebody works narrows down who it is, so an anonymous case is routed without.
    site = site_of(session, conversation.person_id)
    place(
        case,
        routing.queue_for(topic, conversation.audience, site=site, sensitive=case.sensitive),
    )
    try:
        with session.begin_nested():
            session.add(case)
    except IntegrityError:
        return session.execute(select(Case).where(Case.turn_id == turn_id)).scalar_one()
    record(session, case, Actor("asker", conversation.person_id), "opened", now)
    return case


def case_of_turn(session: Session, turn_id: str) -> Case | None:
    """Return the case that a turn opened, if it did."""
    return session.scalar(select(Case).where(Case.turn_id == turn_id))


def find_case(session: Session, case_id: int) -> Case:
    """Return a case as it is now, locked for change.

    Raises:
        DeskError: if there is none with this number.
    """
    locked = select(Case).where(Case.id == case_id).with_for_update()
    # What the session has read before it got the lock may be old.
    case = session.scalar(locked.execution_options(populate_existing=True))
    if case is None:
        raise DeskError(f"There is no case HR-{1000 + case_id}.")
    return case


def number_of(reference: str) -> int:
    """Return the id of the case with the number that people see, `HR-1001` or `1001`.

    Raises:
        DeskError: if it isn't such a number.
    """
    digits = reference.upper().removeprefix("HR-")
    if not digits.isdecimal() or len(digits) > 9:
        raise DeskError(f"“{reference}” is not a case number; they look like HR-1001.")
    return int(digits) - 1000


def case_by_reference(session: Session, reference: str) -> Case:
    """Return the case with the number that people see.

    Raises:
        DeskError: if there is none.
    """
    return find_case(session, number_of(reference))


def cases_of_person(session: Session, conversation_id: str) -> list[Case]:
    """Return the named cases of whoever talks in this conversation, newest first."""
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


def start_of_day(now: datetime) -> datetime:
    """Return the day of a time: all that an anonymous case keeps of it."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def place(case: Case, queue: Queue) -> None:
    """Give a case to a queue. Of an anonymous one the deadlines count from its day's end."""
    asked = case.created_at
    sla.place(case, queue, asked + timedelta(days=1) if case.anonymous else asked)


def redacted(text: str) -> str:
    """Return a text as the desk stores it."""
    # Cut after redaction, or half an identifier could stay at the end.
    return redact(text.strip()[:LONGEST_READ]).text[:MAX_TEXT]


def record(
    session: Session, case: Case, actor: Actor, action: str, now: datetime, **detail: Any
) -> None:
    """Write one line of history, and have the card show the case as it is now."""
    at = start_of_day(now) if case.anonymous and actor.role == "asker" else now
    case.updated_at = max(case.updated_at, at)
    case.revision += 1
    session.add(
        CaseEvent(
            case_id=case.id,
            revision=case.revision,
            at=at,
            actor=actor.role,
            person_id=actor.person_id,
            action=action,
            detail=detail,
        )
    )
    if actor.role == "hr":
        # Without a person it was the command line.
        who = actor.person_id or audit.operator()
        audit.write(
            session, now, actor=who, action=audit.CHANGED, subject=case.reference, what=action
        )
    refresh_card(session, case, now, key=f"card:{case.id}:{case.revision}")


def refresh_card(session: Session, case: Case, now: datetime, key: str) -> None:
    """Have the card posted or updated, once a key."""
    to_hr(session, case, "case_card", key, now)


def add_entry(
    session: Session,
    case: Case,
    kind: str,
    text: str,
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> CaseEntry | None:
    """Add a note, an addition or a question of HR.

    Returns:
        The entry, or None if one with this key is there already.

    Raises:
        DeskError: if there is no text.
    """
    if not text.strip():
        raise DeskError("That needs some text.")
    if key is not None and entry_with(session, key) is not None:
        return None
    at = start_of_day(now) if case.anonymous and actor.role == "asker" else now
    entry = CaseEntry(
        case_id=case.id,
        kind=kind,
        text=redacted(text),
        person_id=actor.person_id if actor.role == "hr" else None,
        key=key,
        at=at,
    )
    session.add(entry)
    session.flush()
    return entry


def entry_with(session: Session, key: str) -> CaseEntry | None:
    """Return the entry that came with the message of this fingerprint."""
    return session.scalar(select(CaseEntry).where(CaseEntry.key == key))


def to_hr(session: Session, case: Case, kind: str, key: str, now: datetime, **payload: Any) -> None:
    """Have something shown in HR's channel. Texts of people stay in the case's own rows."""
    enqueue(
        session,
        delivery_key=key,
        kind=kind,
        lane=f"case:{case.id}",
        payload=payload,
        case_id=case.id,
        audience=case.audience,
        now=start_of_day(now) if case.anonymous else now,
    )


def in_thread(session: Session, case: Case, says: str, now: datetime, **payload: Any) -> None:
    """Have something said in the thread of the card, at most once a revision.

    Args:
        says: the key of the text in data/wording.yml.
        payload: `entry` to quote, `person` to ring, `broadcast` to show it in the channel too.
    """
    key = f"thread:{case.id}:{case.revision}:{says}"
    to_hr(session, case, "case_thread", key, now, says=says, **payload)


def to_asker(
    session: Session, case: Case, kind: str, key: str, now: datetime, **payload: Any
) -> None:
    """Have something said to the person who asked."""
    enqueue(
        session,
        delivery_key=key,
        kind=kind,
        lane=case.conversation_id,
        payload=payload,
        conversation_id=case.conversation_id,
        case_id=case.id,
        audience=case.audience,
        now=start_of_day(now) if case.anonymous else now,
    )


def to_tracker(session: Session, case: Case, text: str, key: str, now: datetime) -> None:
    """Have the assistant know what HR told the asker; of an anonymous case it knows nothing."""
    if case.anonymous:
        return
    enqueue(
        session,
        delivery_key=f"tracker:{key}",
        kind="tracker_events",
        lane=f"tracker:{case.conversation_id}",
        payload={
            "events": [
                {
                    "event": "bot",
                    "text": redact(text).text,
                    "metadata": {"audience": case.audience, "case": case.reference},
                }
            ]
        },
        conversation_id=case.conversation_id,
        case_id=case.id,
        audience=case.audience,
        now=now,
    )

"""“Did you know”: with an answer about a program, one more that is for the person and new.

Eligible by the rules of "am I eligible?", never asked about or told before, and never what
somebody doesn't want to hear of.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from bot.db.models import Case, Conversation, Program, TurnLog
from bot.db.telling import Telling
from bot.privacy.audience import CANDIDATE
from bot.programs.eligibility import YES
from bot.programs.employees import job_of
from bot.programs.facts import windows_ahead
from bot.telling.answers import preference_of
from bot.telling.audience import TOLD, WAITING, judge

DID_YOU_KNOW = "did_you_know"
SENSITIVE_KINDS = ("sensitive", "crisis")
QUIET_AFTER_SENSITIVE = timedelta(days=1)


def is_welcome(session: Session, conversation: Conversation, now: datetime, days: int) -> bool:
    """Say whether somebody can be told of something else in a conversation now.

    Args:
        days: between two of these for one person.
    """
    person = conversation.person_id
    if person is None:
        return False
    preference = preference_of(session, person)
    if preference is not None and preference.stopped_at is not None:
        return False
    lately = select(Telling.id).where(
        Telling.means == DID_YOU_KNOW,
        Telling.person_id == person,
        Telling.created_at > now - timedelta(days=days),
    )
    hard = select(TurnLog.id).where(
        TurnLog.conversation_id == conversation.id,
        TurnLog.kind.in_(SENSITIVE_KINDS),
        TurnLog.created_at > now - QUIET_AFTER_SENSITIVE,
    )
    with_hr = select(Case.id).where(
        Case.conversation_id == conversation.id, Case.sensitive, Case.resolved_at.is_(None)
    )
    return all(session.scalar(found.limit(1)) is None for found in (lately, hard, with_hr))


def related_program(
    session: Session, person_id: str, shown: Program, today: date
) -> Program | None:
    """Return the nearest program of the same kind that is for somebody and new to them."""
    preference = preference_of(session, person_id)
    if preference is not None and shown.category in preference.categories_off:
        return None
    seen_programs, seen_topics = _seen(session, person_id)
    others = (
        select(Program)
        .where(
            Program.active,
            Program.audience != CANDIDATE,
            Program.category == shown.category,
            Program.id.not_in({shown.id, *seen_programs}),
            or_(Program.topic.is_(None), Program.topic.not_in(seen_topics)),
        )
        .options(selectinload(Program.dates))
    )
    job = job_of(session, person_id)
    fitting = [
        program
        for program in session.scalars(others)
        if _can_be_applied_for(program, today) and judge(program, {}, job, today).eligible == YES
    ]
    wanted = _words(shown.keywords)
    nearest = sorted(fitting, key=lambda one: (-len(wanted & _words(one.keywords)), one.id))
    return next(iter(nearest), None)


def note(session: Session, person_id: str, shown: Program, program: Program, now: datetime) -> None:
    """Write down that somebody was told of a program with the answer about another."""
    session.add(
        Telling(
            means=DID_YOU_KNOW,
            source=shown.id,
            occurrence=now.isoformat(),
            person_id=person_id,
            program_id=program.id,
            status=TOLD,
            created_at=now,
            told_at=now,
        )
    )


def _seen(session: Session, person_id: str) -> tuple[set[str], set[str]]:
    """Return the programs and topics that somebody has asked about or been told of."""
    theirs = select(Conversation.id).where(Conversation.person_id == person_id)
    asked = session.execute(
        select(TurnLog.program, TurnLog.topic).where(TurnLog.conversation_id.in_(theirs)).distinct()
    ).all()
    told = session.scalars(
        select(Telling.program_id).where(
            Telling.person_id == person_id,
            Telling.program_id.is_not(None),
            Telling.status.in_((TOLD, WAITING)),
        )
    )
    programs = {program for program, _ in asked if program} | set(told)
    return programs, {topic for _, topic in asked if topic}


def _can_be_applied_for(program: Program, today: date) -> bool:
    return not program.dates or bool(windows_ahead(program, today))


def _words(keywords: Iterable[str]) -> set[str]:
    return {word for keyword in keywords for word in keyword.casefold().split()}

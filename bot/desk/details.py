"""Details that redaction hid and a named asker sends again: sealed, and shown to HR on request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.db.models import Case, CaseDetail, CaseEntry
from bot.desk.asking import require_asker
from bot.desk.cases import ADDITION, RESOLVED, Actor, DeskError, find_case, in_thread, record
from bot.privacy.redaction import PLACEHOLDER
from bot.privacy.sealing import Seal

MAX_LENGTH = 200


def hidden_in(question: str, entries: Iterable[CaseEntry] = ()) -> list[str]:
    """Return what is hidden in an asker's words, once each and in order: `ssn`, `name 2`."""
    words = [question, *(entry.text for entry in entries if entry.kind == ADDITION)]
    found = (match.group()[1:-1] for text in words for match in PLACEHOLDER.finditer(text))
    return list(dict.fromkeys(found))


def restore(
    session: Session,
    case_id: int,
    actor: Actor,
    details: Mapping[str, str],
    now: datetime,
    *,
    seal: Seal,
) -> Case:
    """Keep details that the asker sends again, by what they are called; later ones replace.

    Raises:
        DeskError: if there is none, one is too long or isn't hidden in the case, the case is
            anonymous or closed, or it isn't the actor's.
    """
    case = find_case(session, case_id)
    require_asker(case, actor)
    if case.anonymous:
        raise DeskError("A question without your name can't have details that would give it away.")
    if case.status == RESOLVED:
        raise DeskError(f"{case.reference} is closed already.")
    if not details:
        raise DeskError("Fill in at least one of them, or choose Cancel.")
    if set(details) - set(hidden_in(case.question, case.entries)):
        raise DeskError(f"{case.reference} has changed. Please open the form again.")
    if max(map(len, details.values())) > MAX_LENGTH:
        raise DeskError(f"A detail may have {MAX_LENGTH} characters.")
    old = CaseDetail.case_id == case.id, CaseDetail.name.in_(details)
    session.execute(delete(CaseDetail).where(*old))
    for name, value in details.items():
        sealed = seal.seal({"value": value})
        session.add(CaseDetail(case_id=case.id, name=name, value_sealed=sealed, at=now))
    record(session, case, actor, "restored", now)
    in_thread(session, case, "thread_restored", now, person=case.assignee_id)
    return case


def has_details(session: Session, case_id: int) -> bool:
    """Say whether an asker has sent details of a case."""
    there = select(CaseDetail.id).where(CaseDetail.case_id == case_id).limit(1)
    return session.scalar(there) is not None


def look_at_details(
    session: Session, case_id: int, actor: Actor, now: datetime, *, seal: Seal
) -> dict[str, str]:
    """Return the details of a case by what they are called; the look is written down first."""
    case = find_case(session, case_id)
    sealed = session.execute(
        select(CaseDetail.name, CaseDetail.value_sealed)
        .where(CaseDetail.case_id == case.id)
        .order_by(CaseDetail.id)
    ).all()
    if sealed:
        record(session, case, actor, "looked", now)
    return {name: seal.open(value)["value"] for name, value in sealed}


def forget_details(session: Session, now: datetime, days: int) -> int:
    """Delete the details of cases that have been closed for `days` days. Returns how many."""
    closed = select(Case.id).where(
        Case.status == RESOLVED, Case.resolved_at <= now - timedelta(days=days)
    )
    gone = delete(CaseDetail).where(CaseDetail.case_id.in_(closed))
    return session.execute(gone.execution_options(synchronize_session=False)).rowcount

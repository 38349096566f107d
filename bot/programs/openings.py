"""“Tell me when it opens”: what candidates can be told by e-mail, who confirmed it, what is due.

An address is kept sealed, until its owner has confirmed it for three days at most; it goes when
they have been told, or stop it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

from sqlalchemy import delete, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.db.models import Program, ProgramDate
from bot.db.queues import enqueue
from bot.db.reminders import ProgramReminder
from bot.privacy.audience import BOTH, CANDIDATE
from bot.privacy.sealing import Seal
from bot.programs.reminders import DUE, GONE_FOR, ON, OPENS, SENT, UNCONFIRMED

TO_CONFIRM = timedelta(days=3)
AGAIN_AFTER = timedelta(hours=12)
"""Sooner than that the same address gets no second e-mail to confirm the same."""
UNCONFIRMED_AT_MOST = 3
"""Of one address: nobody can have somebody else's mailbox filled."""
OPENING_MAIL = "opening_mail"
CONFIRM, OPEN = "confirm", "open"


def is_announced_later(program: Program, today: date) -> bool:
    """Say whether a program opens at times, and isn't open now."""
    return bool(program.dates) and not any(
        (window.opens is None or window.opens <= today) and today <= window.closes
        for window in program.dates
        if window.closes
    )


def ask(
    session: Session,
    seal: Seal,
    conversation_id: str,
    program_id: str,
    *,
    email: str,
    token: str,
    now: datetime,
) -> None:
    """Keep that somebody wants to be told, and have them asked by e-mail whether it was them.

    Whether the address is known already, or has been asked too often, shows in nothing.

    Args:
        token: a fresh one, that nobody can guess, for the links in e-mails.
    """
    digest = seal.email_fingerprint(email)
    mine = select(ProgramReminder).where(ProgramReminder.email_hash == digest)
    known = session.scalar(mine.where(ProgramReminder.program_id == program_id).with_for_update())
    if known is not None:
        if known.status == UNCONFIRMED and known.asked_at <= now - AGAIN_AFTER:
            known.asked_at, known.conversation_id = now, conversation_id
            _mail(session, known, CONFIRM, now)
        return
    waiting = select(func.count()).select_from(ProgramReminder)
    waiting = waiting.where(
        ProgramReminder.email_hash == digest, ProgramReminder.status == UNCONFIRMED
    )
    if session.scalar(waiting) >= UNCONFIRMED_AT_MOST:
        return
    wanted = ProgramReminder(
        program_id=program_id,
        window="",
        stage=OPENS,
        conversation_id=conversation_id,
        email_sealed=seal.seal({"email": email}),
        email_hash=digest,
        token=token,
        status=UNCONFIRMED,
        asked_at=now,
    )
    try:
        with session.begin_nested():
            session.add(wanted)
    except IntegrityError:
        # Another form of theirs was a moment faster.
        return
    _mail(session, wanted, CONFIRM, now)


def with_token(session: Session, token: str) -> ProgramReminder | None:
    """Return what the links of an e-mail are about, if it is still there."""
    return session.scalar(select(ProgramReminder).where(ProgramReminder.token == token))


def confirm(wanted: ProgramReminder | None, now: datetime) -> bool:
    """Take the owner's word that it was them; say whether they will be told."""
    if wanted is None:
        return False
    if wanted.status == UNCONFIRMED and wanted.asked_at > now - TO_CONFIRM:
        wanted.status, wanted.confirmed_at = ON, now
    return wanted.status in (ON, DUE)


def stop(session: Session, wanted: ProgramReminder | None) -> None:
    """Forget that somebody wanted to be told, and their address."""
    if wanted is not None:
        # Whoever presses twice may do it at once.
        session.execute(delete(ProgramReminder).where(ProgramReminder.id == wanted.id))


def told(wanted: ProgramReminder, now: datetime) -> None:
    """Note that somebody has been told; their address isn't needed any more."""
    wanted.status, wanted.finished_at = SENT, now
    wanted.email_sealed = wanted.email_hash = None


def put_due(session: Session, now: datetime, zone: tzinfo) -> int:
    """Put what candidates are to be told into the outbox, each once, and forget what is too old.

    Args:
        zone: of the house, whose days the catalogue's are.
    """
    _forget(session, now)
    today = now.astimezone(zone).date()
    is_open = (
        select(ProgramDate.id)
        .where(
            ProgramDate.program_id == ProgramReminder.program_id,
            or_(ProgramDate.opens.is_(None), ProgramDate.opens <= today),
            ProgramDate.closes >= today,
        )
        .exists()
    )
    due = (
        select(ProgramReminder)
        .join(Program, Program.id == ProgramReminder.program_id)
        .where(
            ProgramReminder.status == ON,
            ProgramReminder.conversation_id.is_not(None),
            Program.active,
            Program.audience.in_((BOTH, CANDIDATE)),
            is_open,
        )
        .order_by(ProgramReminder.id)
        .with_for_update(skip_locked=True, of=ProgramReminder)
    )
    found = list(session.scalars(due))
    for wanted in found:
        wanted.status = DUE
        _mail(session, wanted, OPEN, now)
    session.flush()
    return len(found)


def _mail(session: Session, wanted: ProgramReminder, says: str, now: datetime) -> None:
    session.flush()
    enqueue(
        session,
        delivery_key=f"{OPENING_MAIL}:{says}:{wanted.id}:{int(wanted.asked_at.timestamp())}",
        kind=OPENING_MAIL,
        lane=f"{OPENING_MAIL}:{wanted.conversation_id}",
        payload={"reminder": wanted.id, "says": says},
        conversation_id=wanted.conversation_id,
        audience=CANDIDATE,
        now=now,
    )


def _forget(session: Session, now: datetime) -> None:
    of_candidates = ProgramReminder.conversation_id.is_not(None)
    too_late = (ProgramReminder.status == UNCONFIRMED) & (
        ProgramReminder.asked_at <= now - TO_CONFIRM
    )
    too_old = (ProgramReminder.status == ON) & (ProgramReminder.asked_at <= now - GONE_FOR)
    session.execute(
        delete(ProgramReminder)
        .where(of_candidates, or_(too_late, too_old))
        .execution_options(synchronize_session=False)
    )

"""What people say to what they are told, with one tap; and what they want to be told at all."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.db.telling import Telling, TellingPreference
from bot.telling import message
from bot.telling.audience import LATER, NOT_FOR_ME, TOLD, WAITING

LATER_DAYS = 7


def answer(session: Session, telling: Telling, tap: str, now: datetime) -> None:
    """Keep what a tap says. The first word about knowing counts, and the last wish.

    Args:
        tap: one of `bot.telling.message.TAPS`.
    """
    if telling.status == WAITING:
        # Somebody can only tap on what has arrived.
        telling.status, telling.told_at = TOLD, now
    if tap == message.APPLY:
        telling.clicked_at = telling.clicked_at or now
    elif tap in (message.KNEW, message.NEW):
        if telling.knew_before is None:
            telling.knew_before, telling.answered_at = tap == message.KNEW, now
    elif tap == message.STOP:
        stop(session, telling.person_id, now)
    else:
        is_later = tap == message.LATER
        telling.response = LATER if is_later else NOT_FOR_ME
        telling.responded_at = now
        telling.again_on = now.date() + timedelta(days=LATER_DAYS) if is_later else None


def preference_of(session: Session, person_id: str) -> TellingPreference | None:
    """Return what somebody wants to be told, None for everything."""
    return session.get(TellingPreference, person_id)


def stop(session: Session, person_id: str, now: datetime) -> None:
    """Tell somebody nothing any more; what waits to leave is dropped by its delivery."""
    preference = _own(session, person_id, now)
    preference.stopped_at = preference.stopped_at or now


def begin_again(session: Session, person_id: str, now: datetime) -> None:
    """Tell somebody again what there is for them."""
    _own(session, person_id, now).stopped_at = None


def choose_categories(
    session: Session, person_id: str, wanted: Collection[str], every: Collection[str], now: datetime
) -> None:
    """Keep of which of all categories somebody wants to hear."""
    _own(session, person_id, now).categories_off = sorted(set(every) - set(wanted))


def show_again(session: Session, person_id: str) -> None:
    """Forget what somebody has set aside as not for them."""
    theirs = (Telling.person_id == person_id, Telling.response == NOT_FOR_ME)
    session.execute(update(Telling).where(*theirs).values(response=None, responded_at=None))


def _own(session: Session, person_id: str, now: datetime) -> TellingPreference:
    preference = session.get(TellingPreference, person_id, with_for_update=True)
    if preference is None:
        preference = TellingPreference(person_id=person_id, categories_off=[], updated_at=now)
        session.add(preference)
    preference.updated_at = now
    return preference

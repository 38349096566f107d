"""What people want to be told unasked: shown on their Home tab, and changed there."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.db.session import Database
from bot.db.telling import Telling
from bot.desk.views import Block
from bot.gateway.addresses import AddressBook
from bot.gateway.wording import Wording
from bot.programs.catalogue_file import CATEGORIES
from bot.telling import answers, wishes_views
from bot.telling.audience import NOT_FOR_ME
from bot.telling.gentle import Limits


@dataclass(frozen=True)
class Wishes:
    """Shows and keeps what people want to be told."""

    database: Database
    addresses: AddressBook
    wording: Wording
    limits: Limits
    clock: Callable[[], datetime]

    def blocks(self, session: Session, person_id: str) -> list[Block]:
        """Return the part of the Home tab that is about it."""
        preference = answers.preference_of(session, person_id)
        set_aside = select(func.count()).select_from(Telling)
        theirs = (Telling.person_id == person_id, Telling.response == NOT_FOR_ME)
        return wishes_views.wishes_blocks(
            stopped=preference is not None and preference.stopped_at is not None,
            categories_off=preference.categories_off if preference is not None else (),
            set_aside=session.scalar(set_aside.where(*theirs)),
            a_week=self.limits.a_week,
            say=self.wording.say,
        )

    def change(self, team: str, user: str, action: str, chosen: Collection[str]) -> None:
        """Keep what somebody has chosen.

        Args:
            action: an action id of `bot.telling.wishes_views`.
            chosen: the categories that are ticked.
        """
        with self.database.write() as session:
            now = self.clock()
            person = self.addresses.person(session, team, user, now).id
            if action == wishes_views.STOP:
                answers.stop(session, person, now)
            elif action == wishes_views.BEGIN:
                answers.begin_again(session, person, now)
            elif action == wishes_views.SHOW_AGAIN:
                answers.show_again(session, person)
            else:
                answers.choose_categories(session, person, chosen, CATEGORIES, now)

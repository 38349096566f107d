"""Keeps an answer book in step with what HR changes in the database, within seconds."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.db.session import Database
from bot.faq import content
from bot.faq.book import AnswerBook, Variant

log = structlog.get_logger(__name__)

LOOKED_AT_EVERY_SECONDS = 2.0
"""Within ten seconds everything is live everywhere; the look costs one row."""


class Watch:
    """Sees whether HR has changed something, at most every two seconds."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._due = 0.0
        self._seen = 0

    def read_if_changed(self, read: Callable[[Session], None], *, at_once: bool = False) -> bool:
        """Call `read` if something has changed since it was called last; say whether it was.

        Args:
            at_once: look now, however short ago that was done.

        A database that doesn't answer or has no such tables yet changes nothing.
        """
        now = self._clock()
        if now < self._due and not at_once:
            return False
        self._due = now + LOOKED_AT_EVERY_SECONDS
        try:
            with self._database.read() as session:
                number = content.revision(session)
                if number == self._seen:
                    return False
                read(session)
        except SQLAlchemyError as error:
            log.warning("content.unreadable", error=type(error).__name__)
            return False
        self._seen = number
        return True


class LiveBook:
    """An answer book with the changes of the database."""

    def __init__(
        self,
        book: AnswerBook,
        database: Database,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.book = book
        self._watch = Watch(database, clock)

    def refresh(self, *, at_once: bool = False) -> bool:
        """Take in what is new; say whether something was. It looks every few seconds or at once."""
        return self._watch.read_if_changed(
            lambda session: self.book.amend(changed_answers(session, self.book)), at_once=at_once
        )


def changed_answers(session: Session, book: AnswerBook) -> dict[str, tuple[Variant, ...]]:
    """Return by response what holds of all that HR ever changed; () where it is taken back."""
    changed = {}
    for response, version in content.latest(session, content.ANSWER).items():
        in_file = content.content_of(book.of_files.get(response))
        changed[response] = content.variants_of(content.in_force(in_file, version) or [])
    return changed

"""What somebody writes that belongs to their case: how it is told, and how it gets there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.db.models import Case
from bot.desk import asking
from bot.desk.cases import FINISHED, Actor, entry_with, to_asker
from bot.desk.routing import Routing
from bot.privacy.redaction import Redacted

_ADD = re.compile(
    r"(?is)^\s*add(?:\s+(?:this|something|that))?\s+to\s+(?:my\s+(?:question|case|request)|(?:case\s+)?"
    r"(?P<plain>hr-\d{1,9}))(?:\s+(?P<named>hr-\d{1,9}))?\s*[:,.\-–—]?\s*(?P<text>.*)$"
)


@dataclass(frozen=True)
class Told:
    """“Add to my question: …”. `reference` is the case that it names, or empty."""

    reference: str
    text: str

    def case_among(self, cases: Iterable[Case]) -> Case | None:
        """Return the case that is meant: the one named, else the first that is open."""
        fitting = (
            case
            for case in cases
            if case.reference == self.reference
            or (not self.reference and case.status not in FINISHED)
        )
        return next(fitting, None)


def told_to_add(text: str) -> Told | None:
    """Return what somebody wants added to a question of theirs, if that is what they say."""
    told = _ADD.match(text)
    if told is None:
        return None
    reference = (told["plain"] or told["named"] or "").upper()
    return Told(reference, told["text"].strip())


def add_to_case(
    session: Session,
    case: Case,
    actor: Actor,
    words: Redacted,
    now: datetime,
    *,
    key: str,
    routing: Routing,
    may_undo: bool,
) -> None:
    """Add a message to a case and confirm it.

    Args:
        key: the fingerprint of the message.
        may_undo: it may have been meant for the assistant.
    """
    case = asking.add(session, case.id, actor, words.text, now, routing=routing, key=key)
    payload: dict[str, object] = {"says": "case_added"}
    if words.kinds and not case.anonymous:
        payload["has_hidden"] = True
    # What HR has read of an anonymous asker can't become a question under their name.
    if may_undo and not case.anonymous:
        payload["entry"] = entry_with(session, key).id
    told = f"added:{case.id}:{case.revision}"
    to_asker(session, case, "case_told", told, now, **payload)

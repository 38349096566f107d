"""What people ask that nobody has an answer for, as themes with a trend.

The texts are the redacted ones of the event log. The assistant says which belong together
(`bot.nlu.themes`); what is counted and shown of it is decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.desk.routing import Routing
from bot.listening.outcomes import PRIVATE_KINDS, questions
from bot.listening.periods import Period
from bot.privacy.suppression import is_group

MOST_QUESTIONS = 2000
"""As many as are grouped at once, the newest ones."""
LEAST_CONFIDENCE = 0.2
"""A guess below this is a hunch: it makes nothing sensitive."""


@dataclass(frozen=True)
class AskedInVain:
    """A question without an answer: its redacted text, who asked, and in which period."""

    text: str
    asker: str
    is_before: bool


@dataclass(frozen=True)
class Theme:
    """Questions that belong together, by at least five people.

    `before` is the count of the period before, None if that was fewer than five people's.
    """

    name: str
    count: int
    people: int
    before: int | None


def asked_in_vain(
    session: Session, routing: Routing, period: Period, before: Period
) -> list[AskedInVain]:
    """Return the questions without an answer of two periods, the newest first, up to a limit.

    What may be about something sensitive is left out, as likely as not.
    """
    both = Period(before.since, period.until)
    asked = questions(routing, both)
    rows = session.execute(
        select(asked.c.question, asked.c.asker, asked.c.created_at, asked.c.candidates)
        .where(asked.c.decision != "answer", asked.c.question.is_not(None))
        .order_by(asked.c.id.desc())
    )
    found: list[AskedInVain] = []
    for row in rows:
        if len(found) == MOST_QUESTIONS:
            break
        if row.question.strip() and not _may_be_sensitive(row.candidates, routing):
            found.append(AskedInVain(row.question, row.asker, row.created_at < period.since))
    return found


def themes(
    asked: Sequence[AskedInVain],
    groups: Sequence[Sequence[int]],
    without_names: Callable[[str], str],
) -> list[Theme]:
    """Return the themes of a period, what most people asked first.

    Args:
        groups: places in `asked`, of each group the most typical first.
        without_names: takes out of a text what points to a person.
    """
    found = []
    for places in groups:
        now = [asked[place] for place in places if not asked[place].is_before]
        earlier = [asked[place] for place in places if asked[place].is_before]
        people = len({one.asker for one in now})
        name = next((name for one in now if (name := without_names(one.text).strip())), "")
        if is_group(people) and name:
            found.append(Theme(name, len(now), people, _shown(earlier)))
    return sorted(found, key=lambda theme: (-theme.people, -theme.count, theme.name))


def _shown(asked: Sequence[AskedInVain]) -> int | None:
    people = len({one.asker for one in asked})
    return len(asked) if is_group(people) or not people else None


def _may_be_sensitive(candidates: Sequence[dict[str, Any]], routing: Routing) -> bool:
    likely = [guess for guess in candidates if guess.get("confidence", 0) >= LEAST_CONFIDENCE]
    return any(
        guess.get("kind") in PRIVATE_KINDS or routing.is_sensitive(guess.get("topic"))
        for guess in likely
    )

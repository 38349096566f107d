"""How gently people are told: at which hours, how often, how many a minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.telling.quiet_hours import QuietHours

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Limits:
    """How often and when people are told something.

    `a_week`: messages that one person gets within seven days at most, all campaigns and moments
    together. `second_person_above`: a campaign for more people than that is released by a second
    person of HR; None: never. `a_minute`: messages that wait to leave at most, so that everything
    else gets through beside them.
    """

    a_week: int
    quiet: QuietHours
    second_person_above: int | None = None
    a_minute: int = 240

    def local(self, now: datetime) -> datetime:
        """Return a moment as the house's own clock shows it, whose days are the campaigns'."""
        return now.astimezone(self.quiet.house)

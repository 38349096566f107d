"""The periods that are reported on: whole weeks, from Monday to Monday where HR works.

Two reports of whole weeks can't be subtracted from each other to see what one day, and so maybe
one person, added.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone, tzinfo

WEEK = timedelta(days=7)
WEEKS = (1, 4, 13)
"""How many weeks a report may be about."""


@dataclass(frozen=True)
class Period:
    """From a time to another that is no longer part of it; both UTC."""

    since: datetime
    until: datetime


@dataclass(frozen=True)
class Weeks:
    """So many whole weeks up to a Monday, which is no longer part of them, in a time zone."""

    until: date
    count: int
    zone: tzinfo

    @classmethod
    def before(cls, now: datetime, count: int, zone: tzinfo) -> Weeks:
        """Return the last whole weeks that have ended."""
        today = now.astimezone(zone).date()
        return cls(today - timedelta(days=today.weekday()), count, zone)

    @property
    def since(self) -> date:
        """The Monday with which they begin."""
        return self.until - self.count * WEEK

    @property
    def last_day(self) -> date:
        """The Sunday with which they end."""
        return self.until - timedelta(days=1)

    @property
    def period(self) -> Period:
        """The weeks as times."""
        return Period(_midnight(self.since, self.zone), _midnight(self.until, self.zone))

    @property
    def before_these(self) -> Weeks:
        """As many weeks before."""
        return Weeks(self.since, self.count, self.zone)

    def each(self) -> list[Weeks]:
        """Return the weeks one by one, the first one first."""
        return [
            Weeks(self.since + (number + 1) * WEEK, 1, self.zone) for number in range(self.count)
        ]


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(timezone.utc)

"""When a queue is at work: opening hours of a week and holidays, in a time zone.

Service time is the time that passes while the queue is open. All times that go in and out are
aware; what comes out is UTC. Days on which clocks change are as long as they really are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone, tzinfo

Span = tuple[datetime, datetime]
DAY = timedelta(days=1)
MINUTES_OF_DAY = 24 * 60
NOTHING = timedelta(0)


@dataclass(frozen=True)
class ServiceHours:
    """Opening hours.

    Args:
        zone: the time zone that the hours are meant in.
        week: for Monday to Sunday the openings of the day, each from and to in minutes since
            midnight, in order and without overlap; at least one day must have some.
        holidays: days without any.
    """

    zone: tzinfo
    week: tuple[tuple[tuple[int, int], ...], ...]
    holidays: frozenset[date] = frozenset()

    def is_open(self, at: datetime) -> bool:
        """Say whether the queue is at work at this moment."""
        return self.next_opening(at) == at

    def next_opening(self, at: datetime) -> datetime:
        """Return `at` if the queue is open then, else the beginning of the next opening."""
        start, _ = next(self._spans_from(at))
        return start

    def add(self, start: datetime, duration: timedelta) -> datetime:
        """Return the moment at which `duration` of service time has passed since `start`.

        An amount that ends with an opening ends at its closing time, not at the next opening.
        """
        left = duration
        for begin, end in self._spans_from(start):
            if left <= end - begin:
                return begin + left
            left -= end - begin
        raise AssertionError("openings never end")  # pragma: no cover

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return the service time from `start` to `end`; negative if `end` is the earlier."""
        if end < start:
            return -self.between(end, start)
        passed = NOTHING
        for begin, close in self._spans_from(start):
            if begin >= end:
                return passed
            passed += min(close, end) - begin
        raise AssertionError("openings never end")  # pragma: no cover

    def local_date(self, at: datetime) -> date:
        """Return the calendar day of a moment where the queue is."""
        return at.astimezone(self.zone).date()

    def is_service_day(self, day: date) -> bool:
        """Say whether the queue opens at all on this day."""
        return day not in self.holidays and bool(self.week[day.weekday()])

    def at(self, day: date, minute: int) -> datetime:
        """Return the moment of a day at which local clocks show so many minutes after midnight."""
        days, minutes = divmod(minute, MINUTES_OF_DAY)
        clock = time(*divmod(minutes, 60), tzinfo=self.zone)
        return datetime.combine(day + days * DAY, clock).astimezone(timezone.utc)

    def closing(self, day: date) -> datetime:
        """Return when the last opening of a service day ends."""
        return self.at(day, self.week[day.weekday()][-1][1])

    @property
    def longest_day(self) -> timedelta:
        """The service time of the longest day of an ordinary week."""
        return max(timedelta(minutes=sum(to - fro for fro, to in day)) for day in self.week)

    def _spans_from(self, at: datetime) -> Iterator[Span]:
        """Give the openings that end after `at`, the first one cut to begin at it at the earliest.

        Two openings never overlap, not even where clocks go back or jump over one's edge.
        """
        latest = at.astimezone(timezone.utc)
        # A day earlier: an opening may end on the next day where clocks change at midnight.
        day = self.local_date(at) - DAY
        while True:
            for fro, to in self.week[day.weekday()] if self.is_service_day(day) else ():
                begin, end = max(self.at(day, fro), latest), self.at(day, to)
                if begin < end:
                    yield begin, end
                    latest = end
            day += DAY


ALWAYS = ServiceHours(timezone.utc, (((0, MINUTES_OF_DAY),),) * 7)

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.desk.service_hours import ALWAYS, ServiceHours

CHICAGO = ZoneInfo("America/Chicago")
NINE_HOURS = ((480, 1020),)
OFFICE = ServiceHours(
    CHICAGO, (*(NINE_HOURS,) * 5, (), ()), frozenset({date(2026, 11, 26), date(2026, 12, 25)})
)
SPLIT = ServiceHours(CHICAGO, (((480, 720), (780, 1020)),) * 7)
ROUND_THE_CLOCK = ServiceHours(CHICAGO, ALWAYS.week)
HOUR = timedelta(hours=1)


def chicago(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO, fold=fold)


@pytest.mark.parametrize(
    ("at", "opening"),
    [
        ("2026-11-25 08:00", "2026-11-25 08:00"),
        ("2026-11-25 16:59", "2026-11-25 16:59"),
        ("2026-11-25 07:59", "2026-11-25 08:00"),
        ("2026-11-25 17:00", "2026-11-27 08:00"),
        ("2026-11-26 12:00", "2026-11-27 08:00"),
        ("2026-11-27 23:00", "2026-11-30 08:00"),
    ],
)
def test_nights_weekends_and_holidays_are_closed(at: str, opening: str) -> None:
    assert OFFICE.is_open(chicago(at)) == (at == opening)
    assert OFFICE.next_opening(chicago(at)) == chicago(opening)
    assert OFFICE.next_opening(chicago(at)).tzinfo is timezone.utc


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-23 09:00", 4, "2026-11-23 13:00"),
        ("2026-11-23 15:00", 4, "2026-11-24 10:00"),
        ("2026-11-23 13:00", 4, "2026-11-23 17:00"),
        ("2026-11-20 16:00", 2, "2026-11-23 09:00"),
        ("2026-11-22 12:00", 2, "2026-11-23 10:00"),
        # Thanksgiving and a weekend lie between.
        ("2026-11-25 12:00", 27, "2026-12-01 12:00"),
        ("2026-11-23 05:00", 0, "2026-11-23 08:00"),
    ],
)
def test_service_time_passes_only_while_open(start: str, hours: int, end: str) -> None:
    assert OFFICE.add(chicago(start), hours * HOUR) == chicago(end)
    assert OFFICE.between(chicago(start), chicago(end)) == hours * HOUR
    assert OFFICE.between(chicago(end), chicago(start)) == -hours * HOUR


def test_a_lunch_break_is_closed() -> None:
    assert not SPLIT.is_open(chicago("2026-11-23 12:30"))
    assert SPLIT.add(chicago("2026-11-23 11:00"), 2 * HOUR) == chicago("2026-11-23 14:00")
    assert SPLIT.longest_day == 8 * HOUR


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        # Clocks jump from 2:00 to 3:00, and go back from 2:00 to 1:00.
        ("2026-03-08 00:00", "2026-03-09 00:00", 23),
        ("2026-11-01 00:00", "2026-11-02 00:00", 25),
        ("2026-03-07 12:00", "2026-03-08 12:00", 23),
        ("2026-10-31 12:00", "2026-11-01 12:00", 25),
    ],
)
def test_a_day_on_which_clocks_change_is_as_long_as_it_is(start: str, end: str, hours: int) -> None:
    assert ROUND_THE_CLOCK.between(chicago(start), chicago(end)) == hours * HOUR
    assert ROUND_THE_CLOCK.add(chicago(start), hours * HOUR) == chicago(end)


def test_office_hours_stay_at_eight_when_clocks_change() -> None:
    assert OFFICE.add(chicago("2026-03-06 16:00"), 2 * HOUR) == chicago("2026-03-09 09:00")
    assert OFFICE.add(chicago("2026-10-30 16:00"), 2 * HOUR) == chicago("2026-11-02 09:00")


def test_an_opening_within_the_hour_that_does_not_exist_counts_no_time_twice() -> None:
    odd = ServiceHours(CHICAGO, (((120, 150), (180, 240)),) * 7)
    start, end = chicago("2026-03-08 00:00"), chicago("2026-03-08 12:00")
    assert odd.between(start, end) == HOUR


def test_service_days_and_closing_times() -> None:
    assert OFFICE.is_service_day(date(2026, 11, 25))
    assert not OFFICE.is_service_day(date(2026, 11, 26))
    assert not OFFICE.is_service_day(date(2026, 11, 28))
    assert OFFICE.closing(date(2026, 11, 25)) == chicago("2026-11-25 17:00")
    assert ALWAYS.closing(date(2026, 11, 25)) == datetime(2026, 11, 26, tzinfo=timezone.utc)
    assert OFFICE.local_date(datetime(2026, 11, 25, 3, tzinfo=timezone.utc)) == date(2026, 11, 24)


# Properties

# Zones whose clocks change at 2:00, at midnight, by half an hour, and never.
ZONES = ["America/Chicago", "America/Santiago", "Australia/Lord_Howe", "Africa/Cairo", "UTC"]


@st.composite
def openings(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    edges = draw(st.lists(st.integers(0, 1440), max_size=6, unique=True).map(sorted))
    return tuple(zip(edges[::2], edges[1::2], strict=False))


service_hours = st.builds(
    ServiceHours,
    st.sampled_from(ZONES).map(ZoneInfo),
    st.tuples(*[openings()] * 7).filter(any),
    st.frozensets(st.dates(date(2026, 3, 1), date(2026, 4, 30)), max_size=9),
)
# Around both changes of clocks, north and south.
moments = st.one_of(
    st.datetimes(datetime(2026, 2, 20), datetime(2026, 5, 10)),
    st.datetimes(datetime(2026, 9, 1), datetime(2026, 11, 10)),
).map(lambda at: at.replace(tzinfo=timezone.utc))
durations = st.timedeltas(timedelta(0), timedelta(hours=60))


@settings(deadline=None)
@given(service_hours, moments, durations)
def test_what_is_added_lies_between(
    hours: ServiceHours, start: datetime, duration: timedelta
) -> None:
    end = hours.add(start, duration)
    assert end >= start
    assert hours.between(start, end) == duration


@settings(deadline=None)
@given(service_hours, moments, durations, durations)
def test_adding_twice_is_adding_the_sum(
    hours: ServiceHours, start: datetime, first: timedelta, second: timedelta
) -> None:
    assert hours.between(start, hours.add(hours.add(start, first), second)) == first + second


@settings(deadline=None)
@given(service_hours, moments, moments, durations, durations)
def test_later_and_longer_is_never_due_earlier(
    hours: ServiceHours, one: datetime, other: datetime, short: timedelta, more: timedelta
) -> None:
    early, late = sorted((one, other))
    assert hours.add(early, short) <= hours.add(late, short)
    assert hours.add(early, short) <= hours.add(early, short + more)
    assert timedelta(0) <= hours.between(early, late) <= late - early


@settings(deadline=None)
@given(service_hours, moments)
def test_the_next_opening_is_open_and_nothing_before_it_is(
    hours: ServiceHours, at: datetime
) -> None:
    opening = hours.next_opening(at)
    assert opening >= at
    assert hours.is_open(opening)
    assert hours.between(at, opening) == timedelta(0)
    assert hours.is_open(at) == (opening == at)
    assert hours.between(opening, opening + timedelta(microseconds=1)) > timedelta(0)


@settings(deadline=None)
@given(service_hours, st.lists(moments, min_size=3, max_size=3).map(sorted))
def test_parts_add_up(hours: ServiceHours, at: list[datetime]) -> None:
    first, middle, last = at
    whole = hours.between(first, last)
    assert hours.between(first, middle) + hours.between(middle, last) == whole
    assert hours.between(last, first) == -whole

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from bot.listening.periods import Weeks

CHICAGO = ZoneInfo("America/Chicago")


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-23T05:59", date(2026, 11, 16)),
        ("2026-11-23T06:00", date(2026, 11, 23)),
        ("2026-11-29T12:00", date(2026, 11, 23)),
    ],
)
def test_only_weeks_that_have_ended_where_hr_works_count(now: str, until: date) -> None:
    weeks = Weeks.before(datetime.fromisoformat(now).replace(tzinfo=timezone.utc), 4, CHICAGO)
    assert (weeks.until, weeks.last_day) == (until, until - timedelta(days=1))
    assert weeks.since == until - timedelta(days=28)


def test_a_period_is_as_long_as_its_days_are() -> None:
    autumn = Weeks(date(2026, 11, 2), 1, CHICAGO).period
    assert autumn.until - autumn.since == timedelta(days=7, hours=1)


def test_weeks_follow_each_other() -> None:
    weeks = Weeks(date(2026, 11, 23), 4, CHICAGO)
    assert [one.since for one in weeks.each()] == [
        date(2026, 10, 26) + timedelta(days=7) * number for number in range(4)
    ]
    assert weeks.each()[-1].until == weeks.until
    assert weeks.before_these.period.until == weeks.period.since

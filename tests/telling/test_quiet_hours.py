from __future__ import annotations

from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import pytest

from bot.telling.quiet_hours import QuietHours

NIGHT = QuietHours(19 * 60, 8 * 60, ZoneInfo("America/Chicago"))


@pytest.mark.parametrize(
    ("zone", "at", "quiet"),
    [
        ("America/Chicago", "2026-11-23 13:59", True),
        ("America/Chicago", "2026-11-23 14:00", False),
        ("America/Chicago", "2026-11-24 00:59", False),
        ("America/Chicago", "2026-11-24 01:00", True),
        ("Asia/Tokyo", "2026-11-23 14:00", True),
        ("Asia/Tokyo", "2026-11-23 23:00", False),
        (None, "2026-11-23 14:00", False),
        ("Mars/Olympus", "2026-11-23 13:59", True),
    ],
)
def test_it_is_quiet_by_the_persons_own_clock(zone: str | None, at: str, quiet: bool) -> None:
    moment = datetime.fromisoformat(at).replace(tzinfo=timezone.utc)
    assert NIGHT.is_quiet(zone, moment) is quiet


def test_quiet_hours_may_lie_within_a_day_or_be_none() -> None:
    noon = datetime(2026, 11, 23, 12, 0, tzinfo=timezone.utc)
    utc = timezone.utc
    assert QuietHours(11 * 60, 13 * 60, utc).is_quiet(None, noon)
    assert not QuietHours(13 * 60, 14 * 60, utc).is_quiet(None, noon)
    assert not QuietHours(0, 0, utc).is_quiet(None, noon)

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.desk.routing import Queue, ServiceLevel
from bot.desk.routing_file import load_routing
from bot.gateway.widget.reply_times import in_words, reply_by
from bot.settings import ROOT

CHICAGO = ZoneInfo("America/Chicago")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO)


@pytest.mark.parametrize(
    ("due", "words"),
    [
        ("2026-11-23 16:00", "today, 4 p.m. (CST)"),
        ("2026-11-23 15:31", "today, 4 p.m. (CST)"),
        ("2026-11-23 15:30", "today, 3:30 p.m. (CST)"),
        ("2026-11-24 11:45", "tomorrow, noon (CST)"),
        ("2026-11-24 23:50", "Wednesday, November 25, midnight (CST)"),
        ("2026-11-30 08:00", "Monday, November 30, 8 a.m. (CST)"),
        ("2027-03-15 12:30", "Monday, March 15, 12:30 p.m. (CDT)"),
    ],
)
def test_a_moment_is_said_as_people_say_it(due: str, words: str) -> None:
    assert in_words(at(due), at("2026-11-23 09:00"), CHICAGO) == words


def test_the_time_counts_service_hours() -> None:
    routing = load_routing(ROOT / "data" / "routing.yml", {"default": "C0HR", "sensitive": "C0FEW"})
    recruiting = routing.queue_for(None, "candidate")
    friday_night = at("2026-11-20 22:00")
    assert reply_by(recruiting, friday_night) == "Monday, November 23, 5 p.m. (CST)"


def test_a_queue_without_a_limit_promises_nothing() -> None:
    queue = Queue("x", "X", "C0X", None, (), None, ("candidate",))
    assert reply_by(queue, at("2026-11-23 09:00")) is None
    limited = Queue("x", "X", "C0X", None, (), None, ("candidate",), sla=ServiceLevel(timedelta(0)))
    assert reply_by(limited, at("2026-11-23 09:00")) == "today, 3 p.m. (UTC)"

"""By when a person in HR will reply, in words for somebody who doesn't know HR's hours."""

from __future__ import annotations

import math
from datetime import datetime, timedelta, tzinfo

from bot.desk.routing import Queue

HALF_HOUR = timedelta(minutes=30)


def reply_by(queue: Queue, now: datetime) -> str | None:
    """Return when a queue's first reply to a question asked now is due; None without a limit.

    It follows “by”: today, 4 p.m. (CST) · tomorrow, noon (CST) · Monday, November 30, noon (CST).
    """
    limit = queue.sla.first_reply
    if limit is None:
        return None
    return in_words(queue.hours.add(now, limit), now, queue.hours.zone)


def in_words(at: datetime, now: datetime, zone: tzinfo) -> str:
    """Return a moment to come, up to the next half hour, as people say it in `zone`."""
    there, here = _rounded(at).astimezone(zone), now.astimezone(zone)
    days = (there.date() - here.date()).days
    day = {0: "today", 1: "tomorrow"}.get(days) or f"{there:%A}, {there:%B} {there.day}"
    return f"{day}, {_clock(there)} ({there.tzname()})"


def _rounded(at: datetime) -> datetime:
    steps = math.ceil(at.timestamp() / HALF_HOUR.total_seconds())
    return datetime.fromtimestamp(steps * HALF_HOUR.total_seconds(), at.tzinfo)


def _clock(at: datetime) -> str:
    if at.minute == 0 and at.hour in (0, 12):
        return "noon" if at.hour else "midnight"
    minutes = f":{at.minute:02}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minutes} {'a.m.' if at.hour < 12 else 'p.m.'}"

"""The weekly report: once, to the default queue, on its first morning with service in a week."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.db.queues import enqueue, is_known
from bot.desk.routing import Routing
from bot.listening.outcomes import outcomes
from bot.listening.periods import Weeks
from bot.privacy.audience import EMPLOYEE

WEEKLY = "weekly_report"


def post_weekly(session: Session, routing: Routing, now: datetime) -> int:
    """Put last week's report into the outbox if its time has come; doing it again adds nothing.

    Nothing where nobody asked anything.
    """
    queue = routing.default
    day = queue.hours.local_date(now)
    weeks = Weeks.before(now, 1, queue.hours.zone)
    key = f"{WEEKLY}:{weeks.until}"
    if queue.digest is None or not queue.hours.is_service_day(day) or is_known(session, key):
        return 0
    if not queue.hours.at(day, queue.digest) <= now < queue.hours.closing(day):
        return 0
    if not outcomes(session, routing, weeks.period).all.count:
        return 0
    row = enqueue(
        session,
        delivery_key=key,
        kind=WEEKLY,
        lane=WEEKLY,
        payload={"until": weeks.until.isoformat()},
        audience=EMPLOYEE,
        now=now,
    )
    return int(row is not None)

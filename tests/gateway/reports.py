"""A report of the gateway's health in which there is something of everything."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.db.backlog import Waiting
from bot.db.revision import known_revisions
from bot.desk.queue import Load
from bot.gateway.assistant_client import AssistantStatus
from bot.gateway.health import Report, Stock


def whole_report(now: datetime) -> Report:
    """Return a report with one assistant of two away, Socket Mode and the outbox's worker too."""
    old = now - timedelta(seconds=90)
    return Report(
        at=now,
        stock=Stock(
            known_revisions()[-1],
            {"inbox": [Waiting("message", 2, old)], "outbox": [Waiting("reply", 1, now)]},
            {"case_card": 3},
            [Load("benefits", "open", count=7, overdue=2, oldest=old)],
        ),
        assistants=[
            AssistantStatus("http://a.internal:5005", True, "hrbot-1.tar.gz", True),
            AssistantStatus("http://b.internal:5005", is_ready=False),
        ],
        slack=True,
        socket=False,
        workers={"inbox": True, "outbox": False},
        notes=[],
    )

"""The report in Slack: /hr-report for HR, and every week in HR's channel."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy import select

from bot.db.audit import AuditEntry
from bot.db.models import OutboxRow
from bot.db.session import Database
from bot.desk.routing_file import load_routing
from bot.listening.periods import Weeks
from bot.listening.weekly import post_weekly
from bot.sandbox.seed import HR_CHANNEL, ROBIN, SAM
from bot.settings import ROOT

from ..gateway.slack.desk_loop import SECONDS, DeskLoop, desk_loop, shown
from ..records import Clock
from .conftest import CLIENT, prepare
from .month import CHANNELS


@pytest.fixture
def monday() -> datetime:
    queue = load_routing(ROOT / "data" / "routing.yml", CHANNELS).default
    until = Weeks.before(datetime.now(timezone.utc), 1, queue.hours.zone).until
    day = next(d for n in range(7) if queue.hours.is_service_day(d := until + timedelta(days=n)))
    return queue.hours.at(day, queue.digest).astimezone(timezone.utc)


@pytest.fixture
def at_nine(tmp_path_factory: pytest.TempPathFactory, monday: datetime) -> Iterator[DeskLoop]:
    clock = Clock(monday + timedelta(minutes=30))

    def fill(database: Database) -> None:
        prepare(database)
        routing = load_routing(ROOT / "data" / "routing.yml", CHANNELS)
        with database.write() as session:
            assert post_weekly(session, routing, clock.now) == 1

    folder = tmp_path_factory.mktemp("weekly")
    with desk_loop(folder, clock=clock, before=fill, **CLIENT) as running:
        running.assistant.tells["group"] = {"groups": [list(range(12))]}
        yield running


def test_hr_gets_last_week_and_nobody_else_does(loop: DeskLoop) -> None:
    loop.slack.command("/hr-report", user=ROBIN)
    assert "questions" not in shown(loop.whispered("Only people of HR", user=ROBIN))
    loop.slack.command("/hr-report", user=SAM)
    told = shown(loop.whispered("What people asked", user=SAM))
    for word in ("Confirmed solved", "the week before", "First reply usually", "/report?weeks=1"):
        assert word in told
    with loop.database.read() as session:
        read = session.scalars(select(AuditEntry).where(AuditEntry.subject == "report")).all()
    assert read[-1].detail["weeks"] == 1


def test_every_week_the_channel_gets_it_once(at_nine: DeskLoop) -> None:
    posted = at_nine.slack.wait_for_message(
        "What people asked", channel=HR_CHANNEL, user=SAM, timeout=SECONDS
    )
    assert "Confirmed solved" in shown(posted)
    at_nine.idle()
    with at_nine.database.read() as session:
        weekly = session.scalars(select(OutboxRow).where(OutboxRow.kind == "weekly_report")).all()
    assert [row.status for row in weekly] == ["sent"]

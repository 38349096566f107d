from __future__ import annotations

from datetime import datetime

import pytest
import structlog
from sqlalchemy import func, select

from bot.db.models import Turn
from bot.db.session import Database
from bot.gateway import purging
from bot.gateway.purging import Purging
from bot.periods import periods_from

from ..records import Clock

DEFAULTS = periods_from({})
DAY = 86_400


def keep(quick: Database, now: datetime, *names: str) -> None:
    with quick.write() as session:
        for name in names:
            session.add(Turn(turn_id=name, conversation_id="web:1", reply={}, created_at=now))


def tick(quick: Database, job: Purging, clock: Clock) -> tuple[int, int]:
    """Run the job; return what it found and what is left."""
    with quick.write() as session:
        found = job(session, clock())
        return found, session.scalar(select(func.count(Turn.turn_id)))


@pytest.fixture
def job() -> Purging:
    return Purging(DEFAULTS, tuple)


def test_it_purges_at_once_and_then_every_hour(quick: Database, clock: Clock, job: Purging) -> None:
    keep(quick, clock(), "one")
    clock.advance(DEFAULTS.turns * DAY)
    assert tick(quick, job, clock) == (1, 0)
    keep(quick, datetime(2020, 1, 1, tzinfo=clock().tzinfo), "two")
    clock.advance(3599)
    assert tick(quick, job, clock) == (0, 1)
    clock.advance(1)
    assert tick(quick, job, clock) == (1, 0)


def test_it_goes_on_with_the_next_tick_while_there_is_more(
    quick: Database, clock: Clock, job: Purging, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purging, "BATCH", 1)
    keep(quick, clock(), "one")
    clock.advance(DEFAULTS.turns * DAY)
    assert tick(quick, job, clock)[0] == 1
    keep(quick, datetime(2020, 1, 1, tzinfo=clock().tzinfo), "two")
    assert tick(quick, job, clock) == (1, 0)


def test_the_log_says_what_was_removed(quick: Database, clock: Clock, job: Purging) -> None:
    keep(quick, clock(), "one", "two")
    clock.advance(DEFAULTS.turns * DAY)
    with structlog.testing.capture_logs() as logged:
        tick(quick, job, clock)
    assert logged == [
        {"event": "purge.removed", "kind": "turns", "rows": 2, "log_level": "info"},
    ]

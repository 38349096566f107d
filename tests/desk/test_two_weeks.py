"""Two weeks of HR's desk under a clock that is turned by hand, in three queues.

Thirty cases and a look every half hour. With HRBOT_TEST_FULL=1 sixty, every quarter.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import select

from bot.db.models import Case, CaseEvent, OutboxRow
from bot.db.session import Database
from bot.desk import work
from bot.desk.cases import CLAIMED, OPEN
from bot.desk.digest import post_digests
from bot.desk.reminders import OVERDUE, remind

from .office import (
    CHICAGO,
    DANA,
    PEOPLE,
    ROUTING,
    SAM,
    add_people,
    chicago,
    is_at_work,
    open_one,
)

START = chicago("2026-11-16 00:00")
DAYS = 14
FULL = os.environ.get("HRBOT_TEST_FULL") == "1"
CASES = 60 if FULL else 30
STEP = timedelta(minutes=15 if FULL else 30)
STEPS_A_DAY = timedelta(days=1) // STEP
Stage = tuple[int, str, datetime]


@dataclass
class Desk:
    """The desk, with what should have happened by a reckoning of its own."""

    database: Database
    random: Random
    breaches: set[Stage] = field(default_factory=set)
    summaries: set[tuple[str, date]] = field(default_factory=set)
    last_summary: dict[str, datetime] = field(default_factory=dict)

    def live(self) -> None:
        opening = Counter(self.random.randrange((DAYS - 2) * STEPS_A_DAY) for _ in range(CASES))
        for step in range(DAYS * STEPS_A_DAY):
            now = START + step * STEP
            for number in range(opening[step]):
                at = now - timedelta(seconds=number + 1)
                open_one(self.database, at, self.random.choice(list(ROUTING.queues)))
            if is_at_work(now):
                self.work(now)
            self.expect(now)
            # Two gateways look at the clock; while everybody sleeps, once an hour will do.
            for gateway in range(2 if is_at_work(now) or now.minute == 0 else 0):
                self.tick(now + timedelta(seconds=20 * gateway))

    def work(self, now: datetime) -> None:
        with self.database.write() as session:
            running = select(Case).where(Case.status.in_((OPEN, CLAIMED))).order_by(Case.id)
            for case in session.scalars(running).all():
                actor, chance = self.random.choice((SAM, DANA)), self.random.random()
                if chance < 0.015:
                    work.answer(session, case.id, actor, "Half of it.", now)
                elif chance < 0.03 and case.status == OPEN:
                    work.claim(session, case.id, actor, now)
                elif chance < 0.035:
                    work.ask_back(session, case.id, actor, f"Which one? {now}", now)
                elif chance < 0.04 and case.snoozed_until is None:
                    until = now + timedelta(hours=self.random.randrange(1, 40))
                    work.snooze(session, case.id, actor, now, until=until)
                elif chance < 0.042:
                    work.resolve(session, case.id, actor, now, reason="other")

    def expect(self, now: datetime) -> None:
        local = now.astimezone(CHICAGO)
        with self.database.read() as session:
            running = session.scalars(select(Case).where(Case.status.in_((OPEN, CLAIMED)))).all()
            if is_at_work(now):
                for case in running:
                    self.expect_breaches(case, now)
            if is_at_work(now) and (local.hour, local.minute) == (8, 30):
                for name in ROUTING.queues:
                    since = self.last_summary.get(name, START)
                    happened = (
                        select(CaseEvent.id)
                        .join(Case)
                        .where(
                            Case.queue == name,
                            CaseEvent.at > since,
                            CaseEvent.at <= now,
                            CaseEvent.action.in_(("opened", "answered", "resolved")),
                        )
                    )
                    if any(c.queue == name for c in running) or session.scalars(happened).first():
                        self.summaries.add((name, local.date()))
                    self.last_summary[name] = now

    def expect_breaches(self, case: Case, now: datetime) -> None:
        if case.waiting_since or (case.snoozed_until and case.snoozed_until > now):
            return
        if not case.first_replied_at and case.first_reply_due_at <= now:
            self.breaches.add((case.id, "first_reply", case.first_reply_due_at))
        if case.resolution_due_at <= now:
            self.breaches.add((case.id, "resolution", case.resolution_due_at))

    def tick(self, now: datetime) -> None:
        with self.database.write() as session:
            remind(session, ROUTING, PEOPLE, now)
        with self.database.write() as session:
            post_digests(session, ROUTING, now)


@pytest.mark.parametrize("seed", [5])
def test_every_breach_is_reminded_of_once_and_nobody_is_bothered_at_night(
    database: Database, seed: int
) -> None:
    add_people(database, START)
    desk = Desk(database, Random(seed))
    desk.live()
    with database.read() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == "reminder")).all()
        digests = session.scalars(select(OutboxRow).where(OutboxRow.kind == "digest")).all()
        deadlines = {
            case.id: {
                "first_reply": case.first_reply_due_at,
                "resolution": case.resolution_due_at,
            }
            for case in session.scalars(select(Case))
        }
    assert len(deadlines) == CASES
    told = Counter(
        (r["case"], r["deadline"], r["stage"]) for row in rows for r in row.payload["reminders"]
    )
    assert set(told.values()) == {1}
    overdue = {(c, d, deadlines[c][d]) for c, d, stage in told if stage == OVERDUE}
    assert overdue == desk.breaches
    assert len(desk.breaches) > CASES / 3
    assert any(stage != OVERDUE for _, _, stage in told)
    assert all(is_at_work(row.created_at) for row in rows)
    messages = Counter((row.lane, row.created_at) for row in rows)
    assert set(messages.values()) == {1}
    posted = Counter((r.payload["queue"], r.created_at.astimezone(CHICAGO).date()) for r in digests)
    assert set(posted) == desk.summaries
    assert set(posted.values()) == {1}
    assert len(desk.summaries) > 20

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from bot.db.models import OutboxRow
from bot.db.queues import LONGEST_WAIT, claim, enqueue
from bot.db.session import Database
from bot.gateway.outbox import MAX_REFUSALS, Outbox, RefusedError, TryLaterError

from ..records import Clock, add_conversation

LEASE = timedelta(seconds=60)


class Post:
    """An outbox whose one deliverer does what it is told and remembers what it saw."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database, self.clock = database, clock
        self.outcome: Exception | None = None
        self.saw: list[datetime | None] = []

    async def deliver(self, row: OutboxRow) -> None:
        self.saw.append(row.attempted_at)
        if self.outcome:
            raise self.outcome

    def put(self, key: str = "a", audience: str | None = "both", **more: Any) -> int:
        with self.database.write() as session:
            return enqueue(
                session,
                delivery_key=key,
                kind="k",
                lane="lane",
                payload={},
                now=self.clock(),
                audience=audience,
                **more,
            ).id

    def take(self, worker: str = "one") -> OutboxRow | None:
        with self.database.write() as session:
            rows = claim(session, OutboxRow, worker=worker, now=self.clock(), lease=LEASE, limit=1)
        return rows[0] if rows else None

    def handle(self, row: OutboxRow | None = None, worker: str = "one") -> None:
        row = row or self.take(worker)
        assert row is not None
        outbox = Outbox(self.database, {"k": self.deliver}, worker=worker, clock=self.clock)
        asyncio.run(outbox.handle(row))

    def row(self, row_id: int) -> OutboxRow:
        with self.database.read() as session:
            return session.get(OutboxRow, row_id)

    def try_again(self, row_id: int) -> None:
        self.clock.now = max(self.clock.now, self.row(row_id).due_at)
        self.handle()


@pytest.fixture
def post(quick: Database, clock: Clock) -> Post:
    return Post(quick, clock)


def test_what_is_delivered_is_sent(post: Post) -> None:
    number = post.put()
    post.handle()
    row = post.row(number)
    assert (row.status, row.attempts, row.last_error) == ("sent", 1, None)
    assert row.finished_at == post.clock()
    assert post.take() is None


@pytest.mark.parametrize("seconds", [0.0, 7.0, 300.0])
def test_what_the_other_side_says_about_waiting_is_obeyed(post: Post, seconds: float) -> None:
    number = post.put()
    post.outcome = TryLaterError("ratelimited", seconds=seconds)
    post.handle()
    row = post.row(number)
    assert (row.status, row.last_error) == ("pending", "ratelimited")
    assert row.due_at == post.clock() + timedelta(seconds=seconds)
    if seconds:
        post.clock.advance(seconds - 1)
        assert post.take() is None


def test_nobody_makes_us_wait_for_longer_than_the_queue_knows(post: Post) -> None:
    number = post.put()
    post.outcome = TryLaterError("ratelimited", seconds=86_400)
    post.handle()
    assert post.row(number).due_at == post.clock() + LONGEST_WAIT


def test_our_own_pauses_grow_to_a_minute(post: Post) -> None:
    number, pauses = post.put(), []
    post.outcome = TryLaterError("service_unavailable")
    for _ in range(10):
        post.try_again(number)
        pauses.append((post.row(number).due_at - post.clock()).total_seconds())
    assert pauses == [0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert post.row(number).status == "pending"


def test_an_attempt_of_unknown_outcome_is_remembered_from_the_first_on(post: Post) -> None:
    number, first = post.put(), post.clock()
    post.outcome = TryLaterError("ClientError", uncertain=True)
    for _ in range(4):
        post.try_again(number)
    post.outcome = TryLaterError("ratelimited", seconds=600)
    post.try_again(number)
    post.outcome = None
    post.try_again(number)
    assert post.saw == [None, first, first, first, first, first]
    assert post.row(number).status == "sent"


def test_after_a_certain_refusal_nothing_needs_to_be_looked_for(post: Post) -> None:
    number = post.put()
    post.outcome = TryLaterError("ratelimited", seconds=1)
    post.handle()
    post.try_again(number)
    assert post.saw == [None, None]


def test_a_worker_that_died_while_sending_leaves_a_trace(post: Post) -> None:
    number = post.put()

    class DiedError(BaseException):
        pass

    post.outcome = DiedError()  # type: ignore[assignment]
    with pytest.raises(DiedError):
        post.handle()
    died = post.clock()
    post.outcome = None
    post.clock.advance(60)
    post.handle(worker="other")
    assert post.saw == [None, died]
    assert post.row(number).status == "sent"


def test_what_is_refused_again_and_again_is_put_aside_for_people_to_see(post: Post) -> None:
    number = post.put()
    following = post.put("b")
    post.outcome = RefusedError("channel_not_found")
    for times in range(1, MAX_REFUSALS):
        post.try_again(number)
        assert post.row(number).status == "pending", times
    post.try_again(number)
    row = post.row(number)
    assert (row.status, row.attempts, row.last_error) == ("dead", 8, "channel_not_found")
    post.outcome = None
    post.handle()
    assert post.row(following).status == "sent"


def test_the_attempts_of_an_outage_are_no_refusals(post: Post) -> None:
    number = post.put()
    post.outcome = TryLaterError("status_503", uncertain=True)
    for _ in range(MAX_REFUSALS + 1):
        post.try_again(number)
    post.outcome = RefusedError("channel_not_found")
    post.try_again(number)
    assert (post.row(number).status, post.row(number).refusals) == ("pending", 1)


@pytest.mark.parametrize(
    ("reader", "audience"),
    [("employee", None), ("candidate", "employee"), ("candidate", None), ("employee", "internal")],
)
def test_nothing_leaves_to_whom_it_isnt_for(
    post: Post, now: datetime, reader: str, audience: str | None
) -> None:
    conversation = add_conversation(post.database, now, audience=reader)
    number = post.put(audience=audience, conversation_id=conversation)
    post.handle()
    assert post.saw == []
    assert (post.row(number).status, post.row(number).last_error) == ("dead", "no_audience")


def test_what_names_no_audience_does_not_leave_to_hr_either(post: Post) -> None:
    number = post.put(audience=None)
    post.handle()
    assert post.saw == []
    assert post.row(number).status == "dead"


def test_a_mistake_of_ours_does_not_block_the_lane_for_ever(post: Post) -> None:
    number, following = post.put(), post.put("b")
    post.outcome = KeyError("messages")
    for _ in range(MAX_REFUSALS):
        post.try_again(number)
    row = post.row(number)
    assert (row.status, row.last_error) == ("dead", "KeyError")
    assert post.saw[1] is not None
    post.outcome = None
    post.handle()
    assert post.row(following).status == "sent"


def test_a_kind_that_nobody_delivers_is_put_aside(post: Post) -> None:
    number = post.put()
    with post.database.write() as session:
        session.get(OutboxRow, number).kind = "pigeon"
    for _ in range(MAX_REFUSALS):
        post.try_again(number)
    assert post.row(number).status == "dead"


def test_while_the_database_is_away_nothing_is_given_up(post: Post) -> None:
    number = post.put()
    post.outcome = OperationalError("SELECT", {}, Exception("away"))
    for _ in range(MAX_REFUSALS + 1):
        with pytest.raises(OperationalError):
            post.handle()
        post.clock.advance(60)
    assert post.row(number).status == "pending"


def test_whoever_lost_the_row_sends_nothing(post: Post) -> None:
    number = post.put()
    slow = post.take("slow")
    post.clock.advance(60)
    post.handle(worker="quick")
    post.handle(slow, "slow")
    assert len(post.saw) == 1
    assert post.row(number).status == "sent"


def test_a_row_that_leaves_no_trace_may_have_gone_meanwhile(post: Post) -> None:
    row = post.take() if post.put() else None
    post.outcome = None

    async def gone(_row: OutboxRow) -> None:
        with post.database.write() as session:
            session.delete(session.get(OutboxRow, row.id))

    post.deliver = gone
    post.handle(row)
    assert post.row(row.id) is None


def test_whoever_lost_the_row_while_sending_changes_nothing(post: Post) -> None:
    number = post.put()
    slow = post.take("slow")

    async def deliver(row: OutboxRow) -> None:
        post.clock.advance(60)
        post.take("quick")
        raise TryLaterError("ratelimited", seconds=1)

    outbox = Outbox(post.database, {"k": deliver}, worker="slow", clock=post.clock)
    asyncio.run(outbox.handle(slow))
    assert post.row(number).claimed_by == "quick"

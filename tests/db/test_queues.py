from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from bot.db.models import Conversation, InboxRow, OutboxRow
from bot.db.queues import (
    LONGEST_WAIT,
    claim,
    enqueue,
    finish,
    give_back,
    owns,
    release_claims_of,
)
from bot.db.session import Database
from bot.gateway.inbox import accept_text

from ..records import add_conversation

LEASE = timedelta(seconds=60)


def put(database: Database, now: datetime, key: str, lane: str, id: int | None = None) -> int:
    with database.write() as session:
        row = enqueue(session, delivery_key=key, kind="k", lane=lane, payload={}, now=now)
        if id is not None:
            row.id = id
        session.flush()
        return row.id


def take(
    database: Database, now: datetime, worker: str = "one", limit: int = 10
) -> list[OutboxRow]:
    with database.write() as session:
        return claim(session, OutboxRow, worker=worker, now=now, lease=LEASE, limit=limit)


def end(database: Database, row: OutboxRow, now: datetime) -> None:
    with database.write() as session:
        finish(session.get(OutboxRow, row.id), "sent", now)


def keys(rows: list[OutboxRow]) -> list[str]:
    return [row.delivery_key for row in rows]


def test_a_delivery_key_is_taken_once(database: Database, now: datetime) -> None:
    put(database, now, "a", "lane")
    with database.write() as session:
        again = enqueue(session, delivery_key="a", kind="k", lane="x", payload={}, now=now)
        assert again is None
    with database.read() as session:
        assert len(session.scalars(select(OutboxRow)).all()) == 1


def test_a_delivery_key_is_taken_once_from_several_threads(
    database: Database, now: datetime
) -> None:
    start = threading.Barrier(4)

    def add(_: int) -> bool:
        with database.write() as session:
            start.wait(5)
            row = enqueue(session, delivery_key="a", kind="k", lane="l", payload={}, now=now)
            return row is not None

    with ThreadPoolExecutor(4) as pool:
        added = list(pool.map(add, range(4)))
    assert sorted(added) == [False, False, False, True]


def test_a_row_that_cant_be_stored_is_not_lost_silently(database: Database, now: datetime) -> None:
    with pytest.raises(IntegrityError), database.write() as session:
        enqueue(
            session,
            delivery_key="a",
            kind="k",
            lane="l",
            payload={},
            conversation_id="slack:nobody",
            now=now,
        )


def test_what_was_put_in_vanishes_with_the_transaction(database: Database, now: datetime) -> None:
    def break_off() -> None:
        with database.write() as session:
            enqueue(session, delivery_key="a", kind="k", lane="l", payload={}, now=now)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    assert take(database, now) == []


def test_one_row_a_lane_in_order(database: Database, now: datetime) -> None:
    for key, lane in (("a1", "a"), ("a2", "a"), ("b1", "b"), ("a3", "a"), ("b2", "b")):
        put(database, now, key, lane)
    first = take(database, now)
    assert keys(first) == ["a1", "b1"]
    assert take(database, now) == []
    end(database, first[0], now)
    second = take(database, now)
    assert keys(second) == ["a2"]
    end(database, second[0], now)
    assert keys(take(database, now)) == ["a3"]


def test_no_more_than_asked_for_and_the_oldest_first(database: Database, now: datetime) -> None:
    for number in range(5):
        put(database, now, f"k{number}", f"lane{number}")
    assert keys(take(database, now, limit=2)) == ["k0", "k1"]
    assert keys(take(database, now, limit=2)) == ["k2", "k3"]


def test_a_row_given_back_holds_up_its_lane_until_it_is_due(
    database: Database, now: datetime
) -> None:
    put(database, now, "a1", "a")
    put(database, now, "a2", "a")
    (row,) = take(database, now)
    with database.write() as session:
        give_back(session.get(OutboxRow, row.id), now + timedelta(seconds=5))
    assert take(database, now + timedelta(seconds=4)) == []
    (again,) = take(database, now + timedelta(seconds=5))
    assert (again.delivery_key, again.attempts) == ("a1", 2)


@pytest.mark.parametrize("jump", [timedelta(minutes=2), timedelta(hours=1), timedelta(days=1)])
def test_what_was_put_in_under_a_clock_ahead_is_due_all_the_same(
    database: Database, now: datetime, jump: timedelta
) -> None:
    put(database, now + jump, "a", "lane")
    assert keys(take(database, now)) == ["a"]


def test_what_was_given_back_under_a_clock_far_ahead_is_due_again(
    database: Database, now: datetime
) -> None:
    put(database, now, "a", "lane")
    (row,) = take(database, now)
    with database.write() as session:
        give_back(session.get(OutboxRow, row.id), now + LONGEST_WAIT)
    assert take(database, now) == []
    assert keys(take(database, now - timedelta(seconds=1))) == ["a"]


def test_a_lease_under_a_clock_far_ahead_binds_nobody(database: Database, now: datetime) -> None:
    for key in ("a1", "a2"):
        put(database, now, key, "a")
    take(database, now + timedelta(days=1), "dead")
    assert keys(take(database, now, "alive")) == ["a1"]


def test_a_lease_under_a_clock_a_little_ahead_holds(database: Database, now: datetime) -> None:
    put(database, now, "a", "lane")
    take(database, now + timedelta(minutes=1), "ahead")
    assert take(database, now, "behind") == []


def test_the_first_attempt_at_a_turn_is_kept_unless_it_is_yet_to_come(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        conversation = session.get(Conversation, add_conversation(database, now))
        accept_text(session, conversation, key="k", text="When is payday?", now=now)

    def first(at: datetime) -> datetime:
        with database.write() as session:
            options = {"worker": "one", "now": at, "lease": LEASE, "limit": 1}
            (row,) = claim(session, InboxRow, **options)
            give_back(row, at)
            return row.first_attempt_at

    later, before = now + timedelta(seconds=3), now - timedelta(hours=1)
    assert (first(now), first(later), first(before)) == (now, now, before)


def test_the_lease_of_a_dead_worker_runs_out(database: Database, now: datetime) -> None:
    put(database, now, "a", "lane")
    (row,) = take(database, now, "dead")
    assert take(database, now + LEASE - timedelta(seconds=1), "alive") == []
    (taken_over,) = take(database, now + LEASE, "alive")
    assert taken_over.id == row.id
    assert owns(taken_over, "alive")
    assert not owns(taken_over, "dead")


def test_a_later_row_under_way_keeps_an_earlier_one_waiting(
    database: Database, now: datetime
) -> None:
    put(database, now, "later", "lane", id=20)
    (later,) = take(database, now)
    put(database, now, "committed late", "lane", id=10)
    assert take(database, now) == []
    end(database, later, now)
    assert keys(take(database, now)) == ["committed late"]


def test_a_dead_workers_later_row_holds_up_nobody(database: Database, now: datetime) -> None:
    put(database, now, "later", "lane", id=20)
    take(database, now, "dead")
    put(database, now, "committed late", "lane", id=10)
    assert keys(take(database, now + LEASE)) == ["committed late"]


def test_a_finished_row_is_nobodys(database: Database, now: datetime) -> None:
    put(database, now, "a", "lane")
    (row,) = take(database, now)
    end(database, row, now)
    with database.read() as session:
        stored = session.get(OutboxRow, row.id)
    assert not owns(stored, "one")
    assert (stored.status, stored.finished_at) == ("sent", now)
    assert not owns(None, "one")


def test_a_restarted_worker_frees_its_own_rows_only(database: Database, now: datetime) -> None:
    conversation = add_conversation(database, now)
    with database.write() as session:
        session.add(
            InboxRow(
                key="k", turn_id="t", conversation_id=conversation, lane="l", text="x",
                due_at=now, created_at=now, claimed_by="one", claimed_until=now + LEASE,
            )
        )  # fmt: skip
    put(database, now, "a", "a")
    put(database, now, "b", "b")
    take(database, now, "one", limit=1)
    take(database, now, "two", limit=1)
    with database.write() as session:
        assert release_claims_of(session, "one") == 2
    assert keys(take(database, now, "three")) == ["a"]


def test_workers_in_parallel_share_the_work_and_keep_the_order(
    database: Database, now: datetime
) -> None:
    lanes, rows_each = 4, 5
    with database.write() as session:
        for number in range(rows_each):
            for lane in range(lanes):
                enqueue(
                    session,
                    delivery_key=f"{lane}:{number}",
                    kind="k",
                    lane=str(lane),
                    payload={},
                    now=now,
                )
    worked: list[str] = []
    under_way: dict[str, str] = {}
    lock = threading.Lock()

    def work(worker: str) -> None:
        while len(worked) < lanes * rows_each:
            rows = take(database, now, worker, limit=2)
            with lock:
                for row in rows:
                    assert row.lane not in under_way, f"two rows of lane {row.lane} at once"
                    under_way[row.lane] = row.delivery_key
            for row in rows:
                with lock:
                    worked.append(row.delivery_key)
                    del under_way[row.lane]
                end(database, row, now)

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work, f"w{number}") for number in range(4)]:
            done.result(30)
    assert len(worked) == len(set(worked)) == lanes * rows_each
    for lane in range(lanes):
        of_lane = [key for key in worked if key.startswith(f"{lane}:")]
        assert of_lane == [f"{lane}:{number}" for number in range(rows_each)]


def test_two_claims_at_the_same_moment_never_share_a_row(database: Database, now: datetime) -> None:
    for number in range(6):
        put(database, now, f"k{number}", f"lane{number % 3}")
    start = threading.Barrier(3)

    def grab(worker: str) -> list[OutboxRow]:
        start.wait(5)
        return take(database, now, worker)

    with ThreadPoolExecutor(3) as pool:
        claimed = [row for rows in pool.map(grab, "abc") for row in rows]
    assert sorted(keys(claimed)) == ["k0", "k1", "k2"]


def test_what_goes_to_many_people_comes_after_everything_else(database, now) -> None:
    with database.write() as session:
        for number, kind in enumerate(("telling", "telling", "reply")):
            enqueue(
                session,
                delivery_key=f"key {number}",
                kind=kind,
                lane=f"lane {number}",
                payload={},
                audience="employee",
                now=now,
            )
        first = claim(session, OutboxRow, worker="a", now=now, lease=LEASE, limit=2)
    assert [row.delivery_key for row in first] == ["key 2", "key 0"]

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest
import structlog
from sqlalchemy import event, select

from bot.db.models import OutboxRow
from bot.db.queues import enqueue, finish, release_claims_of
from bot.db.session import Database
from bot.gateway import worker as worker_module
from bot.gateway.worker import QueueWorker

from ..records import Clock


def put(database: Database, clock: Clock, *keys: str) -> None:
    with database.write() as session:
        for key in keys:
            enqueue(
                session,
                delivery_key=key,
                kind="k",
                lane=key.split(":")[0],
                payload={},
                now=clock(),
            )


def new_worker(
    database: Database,
    clock: Clock,
    handle: Callable[[OutboxRow], Awaitable[None]],
    concurrency: int = 4,
) -> QueueWorker:
    return QueueWorker(
        database,
        OutboxRow,
        handle,
        worker="one",
        clock=clock,
        concurrency=concurrency,
        lease=timedelta(seconds=60),
    )


def end(database: Database, clock: Clock, row: OutboxRow) -> None:
    with database.write() as session:
        finish(session.get(OutboxRow, row.id), "sent", clock())


def work(worker: QueueWorker, until: asyncio.Event, then: Callable[[], None] | None = None) -> None:
    async def run() -> None:
        running = asyncio.create_task(worker.run())
        await asyncio.wait_for(until.wait(), 10)
        if then:
            then()
        await worker.stop(5)
        await asyncio.wait_for(running, 5)

    asyncio.run(run())


def test_lanes_run_side_by_side_and_each_in_order(quick: Database, clock: Clock) -> None:
    put(quick, clock, "a:1", "a:2", "b:1", "a:3", "b:2")
    done, handled, under_way, together = asyncio.Event(), [], set(), []

    async def handle(row: OutboxRow) -> None:
        assert row.lane not in under_way
        under_way.add(row.lane)
        together.append(len(under_way))
        await asyncio.sleep(0.01)
        await asyncio.to_thread(end, quick, clock, row)
        under_way.discard(row.lane)
        handled.append(row.delivery_key)
        if len(handled) == 5:
            done.set()

    work(new_worker(quick, clock, handle), done)
    assert [key for key in handled if key[0] == "a"] == ["a:1", "a:2", "a:3"]
    assert [key for key in handled if key[0] == "b"] == ["b:1", "b:2"]
    assert max(together) == 2


def test_no_more_at_once_than_allowed(quick: Database, clock: Clock) -> None:
    put(quick, clock, *(f"{lane}:1" for lane in "abcdef"))
    done, running, most, handled = asyncio.Event(), 0, 0, 0

    async def handle(row: OutboxRow) -> None:
        nonlocal running, most, handled
        running += 1
        most = max(most, running)
        await asyncio.to_thread(end, quick, clock, row)
        running -= 1
        handled += 1
        if handled == 6:
            done.set()

    work(new_worker(quick, clock, handle, concurrency=2), done)
    assert most == 2


def test_a_row_that_fails_is_tried_again_after_a_pause(quick: Database, clock: Clock) -> None:
    put(quick, clock, "a:1", "a:2", "b:1")
    done, tries = asyncio.Event(), []

    async def handle(row: OutboxRow) -> None:
        tries.append(row.delivery_key)
        if row.delivery_key == "a:1" and tries.count("a:1") < 3:
            raise RuntimeError("something of ours")
        await asyncio.to_thread(end, quick, clock, row)
        if row.delivery_key == "a:2":
            done.set()

    pauses = []

    def on_given_back(_target: OutboxRow, due: datetime, *_: object) -> None:
        pauses.append((due - clock()).total_seconds())
        clock.now = due

    event.listen(OutboxRow.due_at, "set", on_given_back)
    try:
        work(new_worker(quick, clock, handle), done)
    finally:
        event.remove(OutboxRow.due_at, "set", on_given_back)
    assert [key for key in tries if key[0] == "a"] == ["a:1", "a:1", "a:1", "a:2"]
    assert "b:1" in tries
    assert pauses[-2:] == [0.5, 1.0]


def test_a_jump_of_the_clock_gives_no_row_to_two_hands(quick: Database, clock: Clock) -> None:
    put(quick, clock, "a:1")
    done, looked, tries = asyncio.Event(), asyncio.Event(), []

    async def handle(row: OutboxRow) -> None:
        tries.append(row.delivery_key)
        clock.advance(86_400)
        loop = asyncio.get_running_loop()
        event.listen(quick.engine, "commit", lambda _: loop.call_soon_threadsafe(looked.set))
        await asyncio.wait_for(looked.wait(), 5)
        await asyncio.to_thread(end, quick, clock, row)
        done.set()

    work(new_worker(quick, clock, handle), done)
    assert tries == ["a:1"]


def test_stopping_lets_what_is_under_way_end(quick: Database, clock: Clock) -> None:
    put(quick, clock, "a:1", "a:2")
    started, handled = asyncio.Event(), []

    async def handle(row: OutboxRow) -> None:
        started.set()
        await asyncio.sleep(0.05)
        await asyncio.to_thread(end, quick, clock, row)
        handled.append(row.delivery_key)

    work(new_worker(quick, clock, handle), started)
    assert handled == ["a:1"]


def test_what_takes_too_long_is_broken_off_and_can_be_given_back(
    quick: Database, clock: Clock
) -> None:
    put(quick, clock, "a:1", "b:1")
    started, handled = asyncio.Event(), []

    async def handle(row: OutboxRow) -> None:
        if row.lane == "b":
            await asyncio.to_thread(end, quick, clock, row)
            handled.append(row.delivery_key)
            started.set()
            return
        await asyncio.Event().wait()

    async def run() -> None:
        worker = new_worker(quick, clock, handle)
        running = asyncio.create_task(worker.run())
        await asyncio.wait_for(started.wait(), 10)
        assert worker.is_running
        await worker.stop(0.01)
        assert not worker.is_running
        await asyncio.wait_for(running, 5)
        # No task is left that could go on with the row.
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(run())
    with quick.write() as session:
        assert release_claims_of(session, "one") == 1
    with quick.read() as session:
        rows = dict(session.execute(select(OutboxRow.lane, OutboxRow.claimed_by)).all())
    assert (handled, rows) == (["b:1"], {"a": None, "b": None})


def test_a_worker_that_no_longer_looks_is_not_running(
    quick: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = asyncio.Event()

    async def run() -> None:
        worker = new_worker(quick, clock, lambda row: asyncio.sleep(0))
        assert not worker.is_running
        loop = asyncio.get_running_loop()
        event.listen(quick.engine, "rollback", lambda _: loop.call_soon_threadsafe(looked.set))
        running = asyncio.create_task(worker.run())
        await asyncio.wait_for(looked.wait(), 5)
        await asyncio.sleep(0)
        monkeypatch.setattr(worker_module, "SILENT_SECONDS", -1.0)
        assert not worker.is_running
        await worker.stop(5)
        await asyncio.wait_for(running, 5)

    asyncio.run(run())


def test_all_that_is_logged_about_a_row_names_its_turn(quick: Database, clock: Clock) -> None:
    put(quick, clock, "reply:turn:a1", "card:7:0")
    done, seen = asyncio.Event(), {}

    async def handle(row: OutboxRow) -> None:
        await asyncio.to_thread(end, quick, clock, row)
        found = await asyncio.to_thread(structlog.contextvars.get_contextvars)
        seen[row.delivery_key] = found.get("turn_id")
        if len(seen) == 2:
            done.set()

    work(new_worker(quick, clock, handle), done)
    assert seen == {"reply:turn:a1": "turn:a1", "card:7:0": None}


def test_it_wakes_for_what_comes_in(
    quick: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "POLL_SECONDS", 60.0)
    idle, done = asyncio.Event(), asyncio.Event()

    async def handle(row: OutboxRow) -> None:
        await asyncio.to_thread(end, quick, clock, row)
        done.set()

    async def run() -> None:
        worker = new_worker(quick, clock, handle)
        loop = asyncio.get_running_loop()
        event.listen(
            quick.engine, "rollback", lambda _: loop.call_soon_threadsafe(idle.set), once=True
        )
        running = asyncio.create_task(worker.run())
        await asyncio.wait_for(idle.wait(), 5)
        await asyncio.to_thread(put, quick, clock, "a:1")
        worker.wake()
        await asyncio.wait_for(done.wait(), 5)
        await worker.stop(5)
        await asyncio.wait_for(running, 5)

    asyncio.run(run())


def test_it_works_on_when_the_database_is_back(
    quick: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "DATABASE_DOWN_SECONDS", 0.01)
    put(quick, clock, "a:1")
    table = OutboxRow.__tablename__
    with quick.engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO elsewhere")
    failed, done = asyncio.Event(), asyncio.Event()

    async def handle(row: OutboxRow) -> None:
        await asyncio.to_thread(end, quick, clock, row)
        done.set()

    async def run() -> None:
        loop = asyncio.get_running_loop()

        def on_error(_: object) -> None:
            loop.call_soon_threadsafe(failed.set)

        event.listen(quick.engine, "handle_error", on_error)
        worker = new_worker(quick, clock, handle)
        running = asyncio.create_task(worker.run())
        await asyncio.wait_for(failed.wait(), 5)
        with quick.engine.begin() as connection:
            connection.exec_driver_sql(f"ALTER TABLE elsewhere RENAME TO {table}")
        await asyncio.wait_for(done.wait(), 5)
        await worker.stop(5)
        await asyncio.wait_for(running, 5)

    asyncio.run(run())
    with quick.read() as session:
        assert session.scalar(select(OutboxRow.status)) == "sent"

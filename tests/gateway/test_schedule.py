from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.models import Person
from bot.db.session import Database
from bot.desk.reminders import OvertakenError
from bot.gateway.schedule import Job, Schedule

from ..records import Clock


def add(name: str) -> Job:
    def job(session: Session, now: datetime) -> int:
        session.add(Person(id=name, address_hash=name, address_sealed="", created_at=now))
        session.flush()
        return 1

    return job


def overtaken(session: Session, now: datetime) -> int:
    add("half done")(session, now)
    raise OvertakenError


def broken(session: Session, now: datetime) -> int:
    add("half done")(session, now)
    raise KeyError(now)


def nothing_to_do(session: Session, now: datetime) -> int:
    return 0


async def look() -> None:
    """Find that all is well."""


def schedule(
    quick: Database,
    clock: Clock,
    woken: list[str],
    check: Callable[[], Awaitable[None]] = look,
    then: dict[str, Callable[[], object]] | None = None,
    **jobs: Job,
) -> Schedule:
    return Schedule(
        quick, jobs, (check,), clock=clock, on_outbox=lambda: woken.append("woken"), then=then
    )


def people(quick: Database) -> dict[str, datetime]:
    with quick.read() as session:
        return {person.id: person.created_at for person in session.scalars(select(Person))}


def test_a_tick_runs_every_job_at_the_clocks_time_and_wakes_the_outbox_once(
    quick: Database, clock: Clock
) -> None:
    woken: list[str] = []
    asyncio.run(schedule(quick, clock, woken, one=add("one"), two=add("two")).tick())
    assert people(quick) == {"one": clock.now, "two": clock.now}
    assert woken == ["woken"]


def test_where_nothing_is_found_nobody_is_woken(quick: Database, clock: Clock) -> None:
    woken: list[str] = []
    asyncio.run(schedule(quick, clock, woken, idle=nothing_to_do).tick())
    assert woken == []


def test_what_follows_a_job_comes_after_its_transaction_and_only_if_it_found_something(
    quick: Database, clock: Clock
) -> None:
    seen: list[dict[str, datetime]] = []
    then = {"one": lambda: seen.append(people(quick)), "idle": lambda: seen.append({})}
    asyncio.run(schedule(quick, clock, [], then=then, one=add("one"), idle=nothing_to_do).tick())
    assert seen == [{"one": clock.now}]


@pytest.mark.parametrize("failing", [overtaken, broken])
def test_what_fails_leaves_nothing_and_stops_nothing_else(
    quick: Database, clock: Clock, failing: Job
) -> None:
    woken: list[str] = []
    asyncio.run(schedule(quick, clock, woken, failing=failing, two=add("two")).tick())
    assert list(people(quick)) == ["two"]
    assert woken == ["woken"]


def test_a_key_that_another_gateway_took_first_is_no_failure(quick: Database, clock: Clock) -> None:
    woken: list[str] = []
    again = schedule(quick, clock, woken, one=add("one"), two=add("two"))
    asyncio.run(schedule(quick, clock, [], one=add("one")).tick())
    asyncio.run(again.tick())
    assert set(people(quick)) == {"one", "two"}


def test_a_database_that_is_away_stops_nothing(clock: Clock) -> None:
    away = Database("postgresql://hr@127.0.0.1:1/hr")
    asyncio.run(schedule(away, clock, [], one=add("one")).tick())


def test_once_started_it_looks_around_at_once_even_if_that_fails(
    quick: Database, clock: Clock
) -> None:
    async def run() -> None:
        looked = asyncio.Event()

        async def check() -> None:
            looked.set()
            raise OSError

        started = schedule(quick, clock, [], check)
        started.start()
        await asyncio.wait_for(looked.wait(), 5)
        started.stop()

    asyncio.run(run())

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from bot.db.models import OutboxRow
from bot.db.session import Database
from bot.desk import work
from bot.desk.digest import post_digests
from bot.desk.routing import Routing

from .office import ROUTING, SAM, add_people, chicago, open_one

MONDAY_NINE = chicago("2026-11-23 09:00")


@pytest.fixture(autouse=True)
def _people(database: Database) -> None:
    add_people(database, MONDAY_NINE)


def tick(database: Database, at: str, routing: Routing = ROUTING) -> int:
    with database.write() as session:
        return post_digests(session, routing, chicago(at))


def posted(database: Database) -> list[dict[str, object]]:
    wanted = select(OutboxRow).where(OutboxRow.kind == "digest").order_by(OutboxRow.id)
    with database.read() as session:
        return [row.payload for row in session.scalars(wanted)]


def test_a_summary_tells_what_is_open_due_and_overdue(database: Database) -> None:
    old = open_one(database, chicago("2026-11-20 10:00"))
    today = open_one(database, chicago("2026-11-23 15:00"))
    later = open_one(database, chicago("2026-11-23 16:30"))
    done = open_one(database, chicago("2026-11-23 10:00"))
    open_one(database, chicago("2026-11-23 10:00"), "default")
    with database.write() as session:
        work.answer(session, done, SAM, "Half of it.", chicago("2026-11-23 16:00"))
        work.claim(session, later, SAM, chicago("2026-11-23 16:40"))
        work.ask_back(session, later, SAM, "Which tooth?", chicago("2026-11-23 16:45"))
    assert tick(database, "2026-11-24 08:30") == 2
    assert posted(database)[0] == {
        "queue": "benefits",
        "day": "2026-11-24",
        "open": 3,
        "unclaimed": 2,
        "new": 3,
        "finished": 1,
        "overdue": [old],
        "due_today": [today],
        "oldest": [old, today, later],
        "reviews": [],
    }


def test_the_most_urgent_come_first_and_the_oldest_are_few(database: Database) -> None:
    numbers = [open_one(database, chicago(f"2026-11-19 09:{m:02}")) for m in range(50, 39, -1)]
    tick(database, "2026-11-23 08:30")
    (digest,) = posted(database)
    assert digest["overdue"] == numbers[::-1]
    assert digest["oldest"] == numbers[::-1][:5]


@pytest.mark.parametrize(
    ("at", "count"),
    [
        ("2026-11-24 08:29", 0),
        ("2026-11-24 08:30", 1),
        ("2026-11-24 16:59", 1),
        ("2026-11-24 17:00", 0),
        ("2026-11-26 08:30", 0),
        ("2026-11-28 08:30", 0),
        ("2026-11-30 08:30", 1),
    ],
)
def test_it_comes_on_service_days_from_its_time_to_closing(
    database: Database, at: str, count: int
) -> None:
    open_one(database, MONDAY_NINE)
    assert tick(database, at) == count


def test_it_comes_once_a_day(database: Database) -> None:
    open_one(database, MONDAY_NINE)
    days = ("2026-11-24 08:30", "2026-11-24 08:31", "2026-11-24 12:00", "2026-11-25 08:30")
    assert [tick(database, at) for at in days] == [1, 0, 0, 1]


def test_of_several_gateways_one_posts_it(database: Database) -> None:
    open_one(database, MONDAY_NINE)
    start = threading.Barrier(4)

    def run(_: int) -> int:
        start.wait(5)
        return tick(database, "2026-11-24 08:30")

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(run, range(4))) == [0, 0, 0, 1]
    assert len(posted(database)) == 1


def test_nothing_is_posted_where_nothing_is_open_and_nothing_happened(database: Database) -> None:
    assert tick(database, "2026-11-23 08:30") == 0
    case = open_one(database, MONDAY_NINE)
    # What comes in later is the next day's, however late one looks.
    assert tick(database, "2026-11-23 09:30") == 0
    with database.write() as session:
        work.answer(session, case, SAM, "Half of it.", chicago("2026-11-23 10:00"))
    assert tick(database, "2026-11-24 08:30") == 1
    assert (posted(database)[0]["open"], posted(database)[0]["finished"]) == (0, 1)
    assert tick(database, "2026-11-25 08:30") == 0


def test_after_a_holiday_it_looks_back_to_the_last_summary(database: Database) -> None:
    open_one(database, chicago("2026-11-25 09:00"))
    open_one(database, chicago("2026-11-26 21:00"))
    tick(database, "2026-11-27 08:30")
    assert posted(database)[0]["new"] == 2


def test_a_queue_without_a_time_has_no_summary(database: Database) -> None:
    quiet = {name: replace(queue, digest=None) for name, queue in ROUTING.queues.items()}
    open_one(database, MONDAY_NINE)
    assert tick(database, "2026-11-24 08:30", Routing(quiet)) == 0


def test_the_cases_of_a_queue_that_is_gone_are_in_the_default_ones(database: Database) -> None:
    case = open_one(database, MONDAY_NINE)
    tick(database, "2026-11-24 08:30", Routing({"default": ROUTING.default}))
    assert [(d["queue"], d["oldest"]) for d in posted(database)] == [("default", [case])]


def test_the_date_is_the_queues_own(database: Database) -> None:
    open_one(database, MONDAY_NINE)
    midnight = replace(ROUTING.queues["benefits"], digest=0)
    tick(database, "2026-11-24 00:30", Routing({**ROUTING.queues, "benefits": midnight}))
    (digest,) = posted(database)
    assert date.fromisoformat(str(digest["day"])) == date(2026, 11, 24)

"""What is to be checked again is said once, to whoever looks after it, and checked with one tap."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from bot.db.models import OutboxRow, Program
from bot.db.session import Database
from bot.desk import editing, freshness
from bot.desk.digest import post_digests
from bot.desk.editing import Subject
from bot.desk.freshness import Rhythm
from bot.desk.review_views import review_view, with_done
from bot.desk.routing import Routing
from bot.faq import content
from bot.faq.book import AnswerBook, Variant
from bot.faq.live import changed_answers
from bot.programs.catalogue import import_programs
from bot.sandbox.blocks import check_message_blocks
from bot.settings import ROOT

from .made import SAY, shown
from .office import PEOPLE, ROUTING, add_people, chicago

RHYTHM = Rhythm(remind=14, every=100)
DENTAL = Subject(content.ANSWER, "utter_benefits/dental")
TUITION = Subject(content.PROGRAM, "tuition-assistance")
OWNED = Routing(
    ROUTING.queues,
    ROUTING.sensitive,
    {"benefits team": ("U0ONCALL",), "everybody": ("U0ONCALL", "lead@cedar.example"), "gone": ()},
)


def variant(title: str, owner: str, reviewed: str, **more: str) -> Variant:
    metadata = {"title": title, "owner": owner, "reviewed": reviewed, "audience": "employee"}
    return Variant(f"{title}.", "employee", {**metadata, **more})


BOOK = AnswerBook(
    {
        "utter_benefits/dental": (variant("Dental", "Benefits team", "2026-09-01"),),
        "utter_benefits/vision": (variant("Vision", "Benefits Team", "2026-09-02"),),
        "utter_leave/sick": (variant("Sick days", "Nobody", "2026-08-01"),),
        "utter_pay/payday": (variant("Payday", "Payroll", "2026-11-20"),),
        "utter_hello": (Variant("Hello.", "both", {}),),
    }
)


@pytest.fixture(autouse=True)
def _people(database: Database) -> None:
    add_people(database, chicago("2026-11-23 09:00"))


@pytest.fixture
def catalogue(database: Database) -> Database:
    with database.write() as session:
        import_programs(session, ROOT / "data" / "programs.yml")
    return database


def tick(database: Database, at: str, routing: Routing = OWNED, book: AnswerBook = BOOK) -> int:
    with database.write() as session:
        return freshness.remind(session, book, routing, PEOPLE, RHYTHM, chicago(at))


def told(database: Database) -> list[dict[str, Any]]:
    wanted = select(OutboxRow).where(OutboxRow.kind == "review").order_by(OutboxRow.id)
    with database.read() as session:
        return [row.payload for row in session.scalars(wanted)]


@pytest.mark.parametrize(
    ("reviewed", "review_by", "due", "following"),
    [
        ("2026-01-01", None, date(2026, 4, 11), None),
        ("2026-01-01", "2026-07-01", date(2026, 7, 1), date(2027, 5, 23)),
        (None, "2026-07-01", date(2026, 7, 1), date(2027, 3, 3)),
        (date(2026, 1, 1), date(2025, 12, 31), date(2025, 12, 31), date(2027, 3, 3)),
        (None, None, None, None),
    ],
)
def test_a_day_that_hr_set_comes_before_the_rhythm(
    reviewed: Any, review_by: Any, due: date | None, following: date | None
) -> None:
    assert RHYTHM.due(reviewed, review_by) == due
    assert RHYTHM.next_day(reviewed, review_by, date(2026, 11, 23)) == following


def test_an_owner_gets_one_message_for_all_that_is_theirs(database: Database) -> None:
    assert tick(database, "2026-11-25 09:00") == 1, "what is overdue; the rest fifteen days before"
    assert tick(database, "2026-11-27 09:00") == 2
    by_queue, by_owner = told(database)
    assert by_owner == {
        "person": "p:oncall",
        "queue": None,
        "items": [
            "answer:utter_benefits/dental:0:2026-12-10",
            "answer:utter_benefits/vision:0:2026-12-11",
        ],
        "more": 0,
    }
    assert (by_queue["queue"], len(by_queue["items"])) == ("default", 1)


def test_each_is_said_once_for_each_day_it_is_due(database: Database) -> None:
    days = ("2026-11-27 09:00", "2026-11-27 09:01", "2026-11-30 09:00", "2026-12-14 09:00")
    assert [tick(database, at) for at in days] == [3, 0, 0, 0]
    metadata = {**BOOK.responses["utter_leave/sick"][0].metadata, "review_by": "2026-12-20"}
    again = AnswerBook({"utter_leave/sick": (Variant("Sick.", "employee", metadata),)})
    assert tick(database, "2026-12-15 09:00", book=again) == 1
    metadata["review_by"] = "2026-12-21"
    assert tick(database, "2026-12-15 09:01", book=again) == 0, "one message a day"
    assert tick(database, "2026-12-16 09:00", book=again) == 1


@pytest.mark.parametrize("at", ["2026-11-27 07:59", "2026-11-28 12:00", "2026-11-26 12:00"])
def test_nobody_is_told_outside_service_hours(database: Database, at: str) -> None:
    assert tick(database, at) == 0


def test_of_many_ten_a_day_are_told(database: Database) -> None:
    many = AnswerBook(
        {
            f"utter_benefits/b{n:02}": (variant(f"B{n:02}", "Everybody", "2026-01-01"),)
            for n in range(23)
        }
    )
    days = ("2026-11-23 09:00", "2026-11-23 15:00", "2026-11-24 09:00", "2026-11-25 09:00")
    assert [tick(database, at, book=many) for at in days] == [10, 0, 10, 3]
    assert [payload["more"] for payload in told(database)] == [13, 13, 3, 3, 0, 0]
    items = {item for payload in told(database) for item in payload["items"]}
    assert len(items) == 23


def test_of_several_gateways_one_tells(database: Database) -> None:
    start = threading.Barrier(4)

    def run(_: int) -> int:
        start.wait(5)
        try:
            return tick(database, "2026-11-27 09:00")
        except Exception:
            return 0

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(run, range(4))) == [0, 0, 0, 3]
    assert len(told(database)) == 2


def test_where_an_owners_people_are_not_found_the_topics_queue_is_told(database: Database) -> None:
    with database.write() as session:
        freshness.remind(session, BOOK, OWNED, {}, RHYTHM, chicago("2026-11-27 09:00"))
    assert {payload["queue"] for payload in told(database)} == {"benefits", "default"}


def test_an_owner_may_be_a_queue(database: Database) -> None:
    routing = replace(OWNED, owners={"nobody": ("relations",)})
    tick(database, "2026-11-27 09:00", routing)
    assert {payload["queue"] for payload in told(database)} == {"benefits", "relations"}


def test_still_right_is_dated_live_audited_and_undone(database: Database, now: datetime) -> None:
    with database.write() as session:
        for _ in range(2):
            freshness.confirm(session, BOOK, DENTAL, RHYTHM, now, person_id="p:sam")
    with database.read() as session:
        (held,) = changed_answers(session, BOOK)[DENTAL.name]
        (version,) = content.history(session, content.ANSWER, DENTAL.name)
    assert (version.cause, version.person_id) == ("checked", "p:sam")
    assert held.metadata["reviewed"] == now.date().isoformat()
    assert held.text == "Dental."
    with database.write() as session:
        editing.undo(session, BOOK, DENTAL, now, person_id=None, seen=version.id)
        assert editing.current(session, BOOK, DENTAL)["reviewed"] == "2026-09-01"


def test_a_program_is_checked_too_and_keeps_that_when_it_is_imported_again(
    catalogue: Database, now: datetime
) -> None:
    with catalogue.write() as session:
        session.get(Program, TUITION.name).reviewed = date(2026, 1, 1)
        session.get(Program, TUITION.name).review_by = date(2026, 6, 1)
        due = freshness.items_due(session, BOOK, OWNED, RHYTHM, date(2026, 6, 1))
        assert [item.subject for item in due] == [TUITION]
        freshness.confirm(session, BOOK, TUITION, RHYTHM, now, person_id=None)
        import_programs(session, ROOT / "data" / "programs.yml")
    with catalogue.read() as session:
        program = session.get(Program, TUITION.name)
        assert (program.reviewed, program.review_by) == (now.date(), date(2027, 4, 23))
        assert freshness.items_due(session, BOOK, OWNED, RHYTHM, date(2026, 6, 1)) == []


def test_what_is_gone_is_no_item(catalogue: Database) -> None:
    gone = (Subject(content.ANSWER, "utter_pay/gone"), Subject(content.PROGRAM, "gone"))
    with catalogue.read() as session:
        for subject in (*gone, replace(DENTAL, variant=7)):
            assert freshness.item_of(session, BOOK, OWNED, RHYTHM, subject) is None


def test_the_overdue_stand_in_the_summary_of_their_queue(database: Database) -> None:
    def overdue() -> dict[str, list[dict[str, str | None]]]:
        with database.read() as session:
            return freshness.overdue_by_queue(session, BOOK, OWNED, RHYTHM, date(2026, 12, 11))

    with database.write() as session:
        assert post_digests(session, OWNED, chicago("2026-12-11 08:30"), overdue) == 2
    wanted = select(OutboxRow).where(OutboxRow.kind == "digest").order_by(OutboxRow.id)
    with database.read() as session:
        found = {row.payload["queue"]: row.payload["reviews"] for row in session.scalars(wanted)}
    assert found == {
        "benefits": [{"title": "Dental", "reviewed": "2026-09-01"}],
        "default": [{"title": "Sick days", "reviewed": "2026-08-01"}],
    }


def test_the_message_is_what_slack_takes_and_shows_what_was_said(catalogue: Database) -> None:
    with catalogue.read() as session:
        items = freshness.items_due(session, BOOK, OWNED, RHYTHM, date(2027, 12, 1))[:10]
    _, blocks = review_view(items, 4, SAY)
    assert check_message_blocks(blocks) == []
    assert "Last checked: August 1, 2026" in shown(blocks)
    done = with_done(blocks, "review_right:0", "✓ done")
    assert check_message_blocks(done) == []
    assert len(done) == len(blocks) - 1
    assert "✓ done" in shown(done)
    assert "Sick days" not in shown(done)

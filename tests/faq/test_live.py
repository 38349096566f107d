"""What HR changes is in the book within seconds, and looking costs next to nothing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from bot.db.session import Database
from bot.faq import content
from bot.faq.book import AnswerBook, Variant
from bot.faq.live import LOOKED_AT_EVERY_SECONDS, LiveBook

NAME, NEW = "utter_benefits/dental", "utter_pay/cars"


class Seconds:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def live(database: Database, seconds: Seconds) -> LiveBook:
    metadata = {"audience": "employee", "title": "Dental"}
    book = AnswerBook({NAME: (Variant("Half.", "employee", metadata),)})
    return LiveBook(book, database, seconds)


def change(database: Database, now: datetime, name: str, *texts: str, audience: str) -> None:
    metadata = {"audience": audience, "title": name}
    with database.write() as session:
        content.change(
            session,
            now,
            kind=content.ANSWER,
            subject=name,
            content=[{"text": text, "metadata": metadata} for text in texts],
            in_file=None,
            cause=content.EDITED,
            person_id=None,
        )


def test_an_edit_is_said_after_seconds(
    database: Database, live: LiveBook, seconds: Seconds, now: datetime
) -> None:
    assert not live.refresh()
    change(database, now, NAME, "A third.", audience="both")
    assert live.book.say(NAME, "employee", {}, {}).text == "Half."
    assert not live.refresh(), "it was looked a moment ago"
    seconds.now += LOOKED_AT_EVERY_SECONDS
    assert live.refresh()
    assert live.book.say(NAME, "candidate", {}, {}).text == "A third."
    assert not live.refresh(at_once=True), "nothing is new"


def test_a_new_topic_comes_and_goes(database: Database, live: LiveBook, now: datetime) -> None:
    change(database, now, NEW, "Eight chargers.", audience="employee")
    live.refresh(at_once=True)
    assert live.book.topics() == ["benefits/dental", "pay/cars"]
    assert live.book.say(NEW, "candidate", {}, {}) is None
    change(database, now, NEW, audience="employee")
    live.refresh(at_once=True)
    assert live.book.topics() == ["benefits/dental"]


def test_a_database_without_tables_changes_nothing(tmp_path: Path) -> None:
    empty = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    live = LiveBook(AnswerBook({NAME: (Variant("Half.", "employee"),)}), empty)
    assert not live.refresh()
    assert live.book.say(NAME, "employee", {}, {}).text == "Half."

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.sql import Select

from bot.db.models import Case
from bot.db.session import Database
from bot.desk import queue, work
from bot.desk.routing import Queue, ServiceLevel

from ..records import ROUTING
from .life import DANA, SAM, do, open_one

QUEUES = list(ROUTING.queues.values())


def found(database: Database, chosen: Select, page: int = 0) -> list[int]:
    with database.read() as session:
        return [case.id for case in queue.page_of(session, chosen, page)[0]]


def search(database: Database, queues: Sequence[Queue], words: str) -> list[int]:
    with database.read() as session:
        chosen = queue.cases_with(session, queues, words)
    return found(database, chosen)


def open_many(database: Database, talk: str, now: datetime, words: Sequence[str]) -> list[int]:
    return [
        open_one(database, talk, now, f"turn:{number}", question=question)
        for number, question in enumerate(words)
    ]


def test_open_and_mine(database: Database, conversation: str, now: datetime) -> None:
    first, second, third = open_many(database, conversation, now, ["a", "b", "c"])
    do(database, work.claim, second, SAM, now)
    do(database, work.resolve, third, DANA, now)
    assert found(database, queue.cases_open(QUEUES)) == [first, second]
    assert found(database, queue.cases_of_assignee(QUEUES, "p:sam")) == [second]
    assert found(database, queue.cases_of_assignee(QUEUES, "p:dana")) == []


def test_only_cases_of_ones_own_queues_are_found(
    database: Database, conversation: str, now: datetime
) -> None:
    (number,) = open_many(database, conversation, now, ["is gold paid"])
    others = [ROUTING.queues["default"]]
    assert search(database, others, "gold") == []
    for chosen in (
        queue.cases_open(others),
        queue.cases_breached(others, now + timedelta(days=99)),
        queue.cases_open([]),
    ):
        assert found(database, chosen) == []
    assert found(database, queue.cases_open([ROUTING.queues["benefits"]])) == [number]


def test_what_is_sensitive_is_found_by_restricted_queues_only(
    database: Database, conversation: str, now: datetime
) -> None:
    benefits = ROUTING.queues["benefits"]
    restricted = replace(benefits, restricted=True)
    routing = replace(ROUTING, queues={**ROUTING.queues, "benefits": restricted})
    number = open_one(database, conversation, now, sensitive=True, routing=routing)
    assert found(database, queue.cases_open([benefits])) == []
    assert found(database, queue.cases_open([restricted])) == [number]


def test_overdue_is_what_had_no_reply_or_no_end_in_time(
    database: Database, conversation: str, now: datetime
) -> None:
    slow = ServiceLevel(timedelta(hours=4), timedelta(days=2))
    benefits: Queue = replace(ROUTING.queues["benefits"], sla=slow)
    routing = replace(ROUTING, queues={**ROUTING.queues, "benefits": benefits})
    one = open_one(database, conversation, now, "turn:a", routing=routing)
    two = open_one(database, conversation, now, "turn:b", routing=routing)
    do(database, work.ask_back, two, SAM, "Which?", now)

    def overdue(hours: int) -> list[int]:
        at = now + timedelta(hours=hours)
        return found(database, queue.cases_breached([benefits], at))

    assert [overdue(3), overdue(5), overdue(49)] == [[], [one], [one, two]]
    do(database, work.answer, two, SAM, "Half.", now)
    assert overdue(49) == [one]


def test_words_are_found_in_questions_answers_and_what_was_said(
    database: Database, conversation: str, now: datetime
) -> None:
    crown, gold, pct = open_many(
        database, conversation, now, ["Is a CROWN paid?", "Is gold paid?", "Is 100% paid_back?"]
    )
    do(database, work.answer, crown, SAM, "Half of it.", now)
    do(database, work.add_note, gold, SAM, "see the dental guide", now)

    assert search(database, QUEUES, "paid") == [pct, gold, crown]
    assert search(database, QUEUES, "crown half") == [crown]
    assert search(database, QUEUES, "gold Guide") == [gold]
    assert search(database, QUEUES, "100%") == [pct]
    assert search(database, QUEUES, "d_b") == [pct]
    assert search(database, QUEUES, "silver") == []


def test_only_the_newest_cases_are_searched(
    database: Database, conversation: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "SEARCHED", 2)
    numbers = open_many(database, conversation, now, ["gold"] * 3)
    assert search(database, QUEUES, "gold") == numbers[:0:-1]


def test_pages_hold_ten(database: Database, conversation: str, now: datetime) -> None:
    numbers = open_many(database, conversation, now, [f"q{n}" for n in range(12)])
    chosen = queue.cases_open(QUEUES)
    assert found(database, chosen) == numbers[:10]
    assert found(database, chosen, 1) == numbers[10:]
    with database.read() as session:
        assert queue.page_of(session, chosen, 1)[1] == 12


def test_what_lies_in_a_queue_is_counted_by_status(
    database: Database, conversation: str, now: datetime
) -> None:
    numbers = open_many(database, conversation, now, ["a", "b", "c", "d"])
    open_one(database, conversation, now + timedelta(hours=1), "turn:later", question="e")
    do(database, work.claim, numbers[0], SAM, now)
    do(database, work.resolve, numbers[1], SAM, now)
    with database.write() as session:
        session.get(Case, numbers[2]).first_reply_due_at = now + timedelta(minutes=5)
    with database.read() as session:
        found = queue.loads(session, now + timedelta(minutes=6))
    assert sorted(found, key=lambda load: load.status) == [
        queue.Load("benefits", "claimed", count=1, overdue=0, oldest=now),
        queue.Load("benefits", "open", count=3, overdue=1, oldest=now),
    ]

"""Cases through random lives, with ten people of HR at once, on both kinds of database.

Whatever happens, no update is lost, no case is answered twice, the history adds up, and the
card shows what the database says.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from bot.db.models import Case, CaseEntry, CaseEvent, Conversation, OutboxRow, Person
from bot.db.session import Database
from bot.desk import asking, cases, work
from bot.desk.asker_views import case_line
from bot.desk.card import CardView, card
from bot.desk.cases import Actor, DeskError, find_case, start_of_day
from bot.sandbox.blocks import check_message_blocks

from ..records import ROUTING
from .made import SAY

FULL = os.environ.get("HRBOT_TEST_FULL") == "1"
CASES = 200 if FULL else 40
STEPS = 40 if FULL else 15
PEOPLE = [f"p:hr{number}" for number in range(10)]
_FINISHES = {"answered", "resolved", "withdrawn", "helpful"}
Change = Callable[[Any, int], Any]


@dataclass
class Desk:
    """The database, and a clock that each step moves on."""

    database: Database
    now: datetime

    def people(self) -> None:
        with self.database.write() as session:
            for name in [*PEOPLE, "p:asker"]:
                session.add(
                    Person(id=name, address_hash=name, address_sealed="", created_at=self.now)
                )
            session.flush()
            session.add(
                Conversation(
                    id="slack:asker",
                    person_id="p:asker",
                    audience="employee",
                    address_hash="asker",
                    address_sealed="",
                    created_at=self.now,
                )
            )

    def open(self, number: int, *, anonymous: bool) -> int:
        with self.database.write() as session:
            conversation = "slack:asker"
            if anonymous:
                conversation = f"anonymous:{number}"
                session.add(
                    Conversation(
                        id=conversation,
                        audience="employee",
                        address_hash=conversation,
                        address_sealed="way back",
                        created_at=start_of_day(self.now),
                    )
                )
                session.flush()
            return cases.open_case(
                session,
                turn_id=f"turn:{number}",
                conversation_id=conversation,
                question=f"Question {number}?",
                topic="benefits/dental" if number % 2 else None,
                routing=ROUTING,
                now=self.now,
                anonymous=anonymous,
            ).id


def asker_of(session: Any, number: int) -> Actor:
    case = session.get(Case, number)
    return Actor("asker", case.person_id, case.conversation_id)


def a_step(dice: random.Random, now: datetime, word: str) -> Change:
    """Return what somebody does: HR mostly, the asker now and then."""
    hr = Actor("hr", dice.choice(PEOPLE))
    other = dice.choice(PEOPLE)
    queue = dice.choice(list(ROUTING.queues))
    until = now + timedelta(minutes=dice.randint(1, 60))
    steps: list[Change] = [
        lambda s, n: work.claim(s, n, hr, now),
        lambda s, n: work.assign(s, n, hr, now, assignee=other),
        lambda s, n: work.answer(s, n, hr, f"Answer {word}", now),
        lambda s, n: work.answer(s, n, hr, f"Answer {word}", now),
        lambda s, n: work.ask_back(s, n, hr, f"Back {word}?", now),
        lambda s, n: work.add_note(s, n, hr, f"Note {word}", now, key=word),
        lambda s, n: work.move(s, n, hr, now, queue=queue, routing=ROUTING),
        lambda s, n: work.resolve(s, n, hr, now, reason=dice.choice(work.REASONS)),
        lambda s, n: work.snooze(s, n, hr, now, until=until),
        lambda s, n: work.wake_snoozed(s, now),
        lambda s, n: asking.add(s, n, asker_of(s, n), f"And {word}", now, routing=ROUTING),
        lambda s, n: asking.edit(s, n, asker_of(s, n), f"Rather {word}?", now),
        lambda s, n: asking.confirm_helpful(s, n, asker_of(s, n), now),
        lambda s, n: asking.reopen(s, n, asker_of(s, n), now, routing=ROUTING),
        lambda s, n: asking.withdraw(s, n, asker_of(s, n), now) if dice.random() < 0.2 else None,
        lambda s, n: asking.rate(s, n, asker_of(s, n), dice.randint(1, 5), now),
    ]
    return dice.choice(steps)


def live(desk: Desk, numbers: list[int], seed: int) -> dict[int, list[str]]:
    """Let one person work on all cases in a random order; return what they answered."""
    dice = random.Random(seed)
    answered: dict[int, list[str]] = {}
    for step in range(STEPS * len(numbers) // len(PEOPLE)):
        number = dice.choice(numbers)
        word = f"{seed}-{step}"
        change = a_step(dice, desk.now + timedelta(minutes=step), word)
        try:
            with desk.database.write() as session:
                before = find_case(session, number).answer_count
                change(session, number)
                after = session.get(Case, number)
                if after.answer_count > before:
                    answered.setdefault(number, []).append(after.answer)
        except DeskError:
            continue
        except OperationalError:
            # SQLite starves a writer among ten; the step has not begun then.
            assert desk.database.engine.dialect.name == "sqlite"
    return answered


def replayed(events: list[CaseEvent], first_queue: str) -> tuple[str, str | None, str]:
    """Return status, assignee and queue as the history alone tells them."""
    status, assignee, queue = "open", None, first_queue
    for event in events:
        if event.action == "claimed":
            status, assignee = "claimed", event.person_id
        elif event.action == "assigned":
            status, assignee = "claimed", event.detail["to"]
        elif event.action == "asked_back" and status == "open":
            status, assignee = "claimed", event.person_id
        elif event.action == "answered":
            status, assignee = "answered", event.person_id
        elif event.action == "moved":
            assert event.detail["of"] == queue
            status, assignee, queue = "open", None, event.detail["to"]
        elif event.action == "resolved":
            status, assignee = "resolved", assignee or event.person_id
        elif event.action in ("withdrawn", "helpful"):
            status = "resolved"
        elif _reopens(event):
            assert status in ("answered", "resolved")
            status = "claimed" if assignee else "open"
    return status, assignee, queue


def check_history(case: Case, events: list[CaseEvent], first_queue: str) -> None:
    """See that each change has a line of its own and that the lines lead to the case."""
    assert [event.revision for event in events] == list(range(1, case.revision + 1))
    assert events[0].action == "opened"
    assert replayed(events, first_queue) == (case.status, case.assignee_id, case.queue)
    if case.anonymous:
        of_asker = [event for event in events if event.actor == "asker"]
        assert all(event.at == start_of_day(event.at) for event in of_asker)
        assert all(event.person_id is None for event in of_asker)


def check_case(desk: Desk, case: Case, answered: list[str]) -> None:
    with desk.database.read() as session:
        events = list(
            session.scalars(
                select(CaseEvent).where(CaseEvent.case_id == case.id).order_by(CaseEvent.id)
            )
        )
        rows = list(session.scalars(select(OutboxRow).where(OutboxRow.case_id == case.id)))
        entries = list(session.scalars(select(CaseEntry).where(CaseEntry.case_id == case.id)))
    check_history(case, events, "benefits" if case.topic else "default")
    did = [event.action for event in events]
    # No double answer, none lost: each that was accepted went out once, under its own number.
    sent = {r.delivery_key: r.payload["text"] for r in rows if r.kind == "case_answer"}
    assert len(sent) == case.answer_count == did.count("answered") == len(answered)
    assert sorted(sent.values()) == sorted(answered)
    if case.answer is not None:
        assert sent[f"answer:{case.id}:{case.answer_count}"] == case.answer
    # Between two answers somebody has opened the case again.
    is_open = True
    for event in events:
        if event.action == "answered":
            assert is_open
        is_open = _reopens(event) or (is_open and event.action not in _FINISHES)
    # Each entry has its line.
    for kind, action in (("note", "noted"), ("addition", "added"), ("question", "asked_back")):
        assert [entry.kind for entry in entries].count(kind) == did.count(action)
    assert did.count("moved") == case.moves
    assert did.count("rated") == (case.csat is not None)
    assert [r.kind for r in rows].count("case_followup") <= 1
    # The card is asked for at every revision, and notes are in no row that leaves.
    keys = {row.delivery_key for row in rows if row.kind == "case_card"}
    assert keys == {f"card:{case.id}:{n}" for n in range(1, case.revision + 1)}
    assert not [row for row in rows if "Note " in str(row.payload)]
    check_card(case, entries)


def check_card(case: Case, entries: list[CaseEntry]) -> None:
    """See that a card shows the case as it is, in blocks that Slack takes."""
    assignee = f"<@{case.assignee_id}>" if case.assignee_id else None
    text, blocks = card(case, CardView("<@asker>", None, assignee, None, tuple(entries)), SAY)
    assert check_message_blocks(blocks) == []
    seen = str(blocks)
    assert case.question in seen
    assert text.startswith(f"{case.reference} ({case.status.title()})")
    if case.status in ("claimed", "answered"):
        assert f"{case.status} by {assignee}" in seen
    assert ("snoozed until" in seen) == (
        case.snoozed_until is not None and case.status in ("open", "claimed")
    )
    assert (case.answer is None) or (case.answer in seen)
    assert case.reference in case_line(case, SAY)


def _reopens(event: CaseEvent) -> bool:
    return event.action == "reopened" or bool(event.detail.get("reopened"))


@pytest.mark.parametrize("seed", [1, 2] if FULL else [1])
def test_ten_people_at_once_lose_nothing(database: Database, now: datetime, seed: int) -> None:
    desk = Desk(database, now)
    desk.people()
    numbers = [desk.open(n, anonymous=n % 5 == 0) for n in range(CASES)]
    with ThreadPoolExecutor(len(PEOPLE)) as pool:
        lives = list(pool.map(lambda n: live(desk, numbers, 1000 * seed + n), range(len(PEOPLE))))
    with database.read() as session:
        found = {case.id: case for case in session.scalars(select(Case))}
    assert set(found) == set(numbers)
    done = 0
    for number in numbers:
        answered = [text for one in lives for text in one.get(number, [])]
        check_case(desk, found[number], answered)
        done += found[number].revision
    assert done > CASES * STEPS // 4, "something must have happened"
    with database.read() as session:
        happened = set(session.scalars(select(CaseEvent.action)))
    assert happened >= {*_FINISHES, "claimed", "assigned", "asked_back", "noted", "moved"}
    assert happened >= {"snoozed", "woke", "added", "edited", "reopened", "rated"}

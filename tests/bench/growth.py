"""How costs grow: with the length of a conversation, the number of topics, and that of cases.

Everything runs in this process; the model, the dialogue and the actions are the product's own.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from sqlalchemy import insert
from sqlalchemy.orm import Session

from bot.db.migrate import upgrade
from bot.db.models import Case, Conversation, Person
from bot.db.session import Database
from bot.desk import queue as desk
from bot.desk.cases import RESOLVED
from bot.desk.routing_file import load_routing
from bot.nlu.decision import Label
from bot.nlu.scorer import GroupedVectors
from bot.nlu.selector import TopicSelector
from bot.nlu.understanding import load_understanding
from bot.prepare import prepare_database
from bot.settings import ROOT, load_settings
from tests.bench.programs import Timed
from tests.conftest import HAS_POSTGRESQL, new_database
from tests.e2e.stack import trained_model
from tests.privacy.outsider import House

TURNS = (10, 100, 500)
ABOUT = 10
TOPICS = (100, 1_000, 5_000)
PHRASINGS = 27
CASES = (1_000, 1_000_000)
OPEN_CASES = 500
ASKED = 200
BATCH = 10_000
NOW = datetime(2026, 11, 26, 9, 0, tzinfo=timezone.utc)
QUESTIONS = (
    "how do I apply",
    "what happens in the interview",
    "how long does hiring take",
    "can I volunteer",
    "which programs help me pay for my RN?",
)


def growth() -> Iterator[Timed]:
    """Yield everything that grows."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'growth.db'}"
        settings = load_settings({"DATABASE_URL": url}, Path(folder) / "none.env")
        prepare_database(settings)
        model = trained_model(load_settings())
        house = House(settings, model)
        yield from turns_of(house)
        house.close()
    yield from topics_of(load_understanding(model).selector)
    yield from desk_of(["sqlite", "postgresql"] if HAS_POSTGRESQL else ["sqlite"])


def turns_of(house: House, lengths: Sequence[int] = TURNS) -> Iterator[Timed]:
    """Yield what a turn takes when a conversation has been going on for so many turns.

    Args:
        house: The assistant in this process.
    """
    visitor = house.visitor("employee", "slack")
    times = []
    for number, text in zip(range(max(lengths) + ABOUT), cycle(QUESTIONS)):
        began = time.process_time()
        house.turn(
            {
                "turn_id": f"turn:{number}",
                "conversation": visitor.conversation,
                "audience": "employee",
                "text": text,
            }
        )
        times.append((time.process_time() - began) * 1000)
    for length in lengths:
        around = times[length - len(QUESTIONS) : length + ABOUT - len(QUESTIONS)]
        yield Timed(f"turn {length} (CPU)", "sqlite", around)


def topics_of(selector: TopicSelector, sizes: Sequence[int] = TOPICS) -> Iterator[Timed]:
    """Yield what it takes to rank that many topics, made up around those that there are."""
    for size in sizes:
        larger = _with_topics(selector, size)
        larger.rank(QUESTIONS[0])
        times = []
        for text in islice(cycle(QUESTIONS), ASKED):
            began = time.process_time()
            larger.rank(text)
            times.append((time.process_time() - began) * 1000)
        yield Timed(f"ranking {size:,} topics (CPU)", "–", times)


def _with_topics(selector: TopicSelector, size: int) -> TopicSelector:
    """Return a selector whose weights and phrasings are noisy copies of the learnt ones."""
    random = np.random.default_rng(0)
    scorer = selector.scorer
    chosen = random.integers(0, len(selector.labels), size)
    weights = scorer.weights[chosen] + random.normal(0, 0.3, (size, scorer.weights.shape[1]))
    rows = random.integers(0, len(scorer.phrasings.vectors), size * PHRASINGS)
    vectors = scorer.phrasings.vectors[rows] + random.normal(
        0, 0.02, (len(rows), scorer.phrasings.vectors.shape[1])
    )
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    starts = np.arange(0, len(rows) + 1, PHRASINGS)
    return replace(
        selector,
        labels=tuple(Label.named(f"made-up/topic-{n}") for n in range(size)),
        names={},
        scorer=replace(
            scorer,
            weights=weights.astype(np.float32),
            offsets=scorer.offsets[chosen],
            phrasings=GroupedVectors(vectors.astype(np.float32), starts),
            answers=GroupedVectors(vectors[::PHRASINGS].astype(np.float32), np.arange(size + 1)),
        ),
    )


def desk_of(kinds: Sequence[str], sizes: Sequence[int] = CASES) -> Iterator[Timed]:
    """Yield what HR's lists take with so many cases, nearly all of them resolved."""
    routing = load_routing(ROOT / "data" / "routing.yml", load_settings({}).hr_channels)
    queues = list(routing.queues.values())
    looks: dict[str, Callable[[Session], Any]] = {
        "open": lambda s: desk.page_of(s, desk.cases_open(queues), 0),
        "mine": lambda s: desk.page_of(s, desk.cases_of_assignee(queues, "p:hr"), 0),
        "breached": lambda s: desk.page_of(s, desk.cases_breached(queues, NOW), 0),
        "loads": lambda s: desk.loads(s, NOW),
        "search": lambda s: desk.page_of(s, desk.cases_with(s, queues, "trombone"), 0),
    }
    for kind in kinds:
        for size in sizes:
            with _cases(kind, size, [queue.name for queue in queues]) as database:
                for name, look in looks.items():
                    times = []
                    for _ in range(ASKED // 10):
                        began = time.monotonic()
                        with database.read() as session:
                            look(session)
                        times.append((time.monotonic() - began) * 1000)
                    yield Timed(f"desk: {name}, {size:,} cases", kind, times)


@contextmanager
def _cases(kind: str, size: int, queues: Sequence[str]) -> Iterator[Database]:
    with tempfile.TemporaryDirectory() as folder, new_database(kind, Path(folder)) as url:
        database = Database(url)
        upgrade(database)
        with database.write() as session:
            for person in ("p:asker", "p:hr"):
                session.add(
                    Person(id=person, address_hash=person, address_sealed="", created_at=NOW)
                )
            session.flush()
            session.add(
                Conversation(
                    id="slack:a", person_id="p:asker", audience="employee",
                    address_hash="a", address_sealed="", created_at=NOW,
                )
            )  # fmt: skip
        for first in range(0, size, BATCH):
            rows = [_case(n, size, queues) for n in range(first, min(first + BATCH, size))]
            with database.write() as session:
                session.execute(insert(Case.__table__), rows)
        if kind == "postgresql":
            with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as c:
                c.exec_driver_sql("ANALYZE cases")
        yield database
        database.dispose()


def _case(number: int, size: int, queues: Sequence[str]) -> dict[str, Any]:
    is_open = size - number <= OPEN_CASES
    asked = NOW - timedelta(minutes=size - number)
    rare = "trombone " if number % 50_000 == 7 else ""
    return {
        "turn_id": f"turn:{uuid4().hex[:20]}",
        "conversation_id": "slack:a",
        "person_id": "p:asker",
        "audience": "employee",
        "queue": queues[number % len(queues)],
        "sensitive": False,
        "is_feedback": False,
        "candidates": [],
        "question": f"Question {number} {rare}about my leave and what happens to my shifts",
        "anonymous": False,
        "answer_here": False,
        "status": ("claimed" if number % 2 else "open") if is_open else RESOLVED,
        "assignee_id": "p:hr" if number % 2 else None,
        "answer_count": 0,
        "moves": 0,
        "revision": 1,
        "created_at": asked,
        "updated_at": asked,
        "first_reply_due_at": asked + timedelta(hours=8),
        "resolution_due_at": asked + timedelta(days=3),
        "first_replied_at": None if is_open else asked,
    }

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy import func, select

from bot.channels.tracker_store import WindowedTrackerStore
from bot.db.migrate import upgrade
from bot.db.models import Conversation, Person, Turn
from bot.db.session import Database
from tests.conftest import new_database

DOMAIN = Domain.from_dict(
    {
        "slots": {
            name: {"type": "any", "influence_conversation": False, "mappings": [{"type": "custom"}]}
            for name in ("program", "pending_question")
        },
        "forms": {"ask_hr_form": {"required_slots": ["program"]}},
    }
)
TURNS = 3
CONVERSATION = "slack:a"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    upgrade(database)
    now = datetime.now(timezone.utc)
    with database.write() as session:
        session.add(Person(id="p:a", address_hash="a", address_sealed="", created_at=now))
        session.flush()
        session.add(
            Conversation(
                id=CONVERSATION, person_id="p:a", audience="employee",
                address_hash="a", address_sealed="", created_at=now,
            )
        )  # fmt: skip
    yield database
    database.dispose()


@pytest.fixture
def store(database: Database) -> WindowedTrackerStore:
    return WindowedTrackerStore(database, DOMAIN, turns=TURNS)


def turn(number: int, *after: Event) -> list[Event]:
    said = UserUttered(f"message {number}", message_id=f"turn:{number}")
    return [said, *after, BotUttered(f"answer {number}"), ActionExecuted("action_listen")]


def began() -> list[Event]:
    return [ActionExecuted("action_session_start"), SessionStarted()]


def save(store: WindowedTrackerStore, events: Sequence[Event]) -> None:
    async def add() -> None:
        tracker = await store.get_or_create_tracker(CONVERSATION, append_action_listen=False)
        tracker.update_with_events(list(events), DOMAIN)
        await store.save(tracker)

    asyncio.run(add())


def read(store: WindowedTrackerStore) -> DialogueStateTracker:
    return asyncio.run(store.get_or_create_tracker(CONVERSATION))


def said(tracker: DialogueStateTracker) -> list[str]:
    return [event.text for event in tracker.applied_events() if isinstance(event, UserUttered)]


def stored(database: Database) -> int:
    events = SQLTrackerStore.SQLEvent
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(events))


def test_a_long_conversation_is_read_from_its_latest_messages_on(store, database):
    save(store, began())
    for number in range(20):
        save(store, turn(number))
    assert said(read(store)) == ["message 17", "message 18", "message 19"]
    assert stored(database) == 2 + 20 * 3, "each event is kept once"


def test_what_was_remembered_long_ago_still_holds(store):
    save(store, [*began(), *turn(0, SlotSet("program", "loans"), ActiveLoop("ask_hr_form"))])
    save(store, turn(1, SlotSet("pending_question", "is it haunted?")))
    for number in range(2, 9):
        save(store, turn(number, SlotSet("pending_question", f"question {number}")))
    tracker = read(store)
    assert tracker.get_slot("program") == "loans"
    assert tracker.get_slot("pending_question") == "question 8"
    assert tracker.active_loop_name == "ask_hr_form"
    assert said(tracker) == ["message 6", "message 7", "message 8"]


def test_a_new_session_begins_with_nothing(store):
    save(store, [*began(), *turn(0, SlotSet("program", "loans"))])
    save(store, [*began(), *turn(1)])
    tracker = read(store)
    assert tracker.get_slot("program") is None
    assert said(tracker) == ["message 1"]


def test_a_turn_is_written_with_its_reply(store, database):
    async def answer() -> None:
        async with store.turn(CONVERSATION, "turn:1") as under_way:
            assert under_way.kept_reply is None
            tracker = await store.retrieve(CONVERSATION)
            assert tracker is under_way.tracker
            tracker.update_with_events([*began(), *turn(1)], DOMAIN)
            await store.save(tracker)
            assert stored(database) == 0, "not before it has a reply"
            await store.keep(under_way, {"messages": ["hello"]})
        async with store.turn(CONVERSATION, "turn:1") as again:
            assert again.kept_reply == {"messages": ["hello"]}

    asyncio.run(answer())
    assert stored(database) == 5
    assert said(read(store)) == ["message 1"]


def test_what_a_button_is_about_is_recalled_however_long_ago_it_was_said(store, database):
    save(store, [*began(), *turn(0, SlotSet("program", "tuition"))])
    save(store, [*began(), *(event for n in range(1, 9) for event in turn(n))])
    before = stored(database)

    async def press() -> list[str]:
        async with store.turn(CONVERSATION, "turn:9") as under_way:
            await store.recall(under_way, "turn:8")
            assert said(under_way.tracker) == ["message 6", "message 7", "message 8"]
            await store.recall(under_way, "turn:of nobody")
            await store.recall(under_way, "turn:0")
            tracker = await store.retrieve(CONVERSATION)
            recalled = [event.text for event in tracker.events if isinstance(event, UserUttered)]
            assert tracker.get_slot("program") is None, "nothing else of that time holds again"
            tracker.update_with_events(turn(9), DOMAIN)
            await store.keep(under_way, {"messages": []})
        return recalled

    assert asyncio.run(press()) == ["message 0", "message 6", "message 7", "message 8"]
    assert stored(database) == before + 3
    assert said(read(store)) == ["message 7", "message 8", "message 9"]


def test_a_turn_that_breaks_off_leaves_no_trace(store, database):
    async def break_off() -> None:
        async with store.turn(CONVERSATION, "turn:1"):
            tracker = await store.retrieve(CONVERSATION)
            tracker.update_with_events([*began(), *turn(1)], DOMAIN)
            await store.save(tracker)
            raise RuntimeError("the action server is on fire")

    save(store, [*began(), *turn(0)])
    before = stored(database)
    with pytest.raises(RuntimeError, match="on fire"):
        asyncio.run(break_off())
    assert stored(database) == before
    assert said(read(store)) == ["message 0"]
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Turn)) == 0


def _steps() -> st.SearchStrategy[list[Any]]:
    slots = st.tuples(st.sampled_from(["program", "pending_question"]), st.none() | st.integers())
    step = st.one_of(
        slots.map(lambda pair: ["slot", *pair]),
        st.sampled_from([["loop", "ask_hr_form"], ["loop", None], ["restart"], ["session"]]),
        st.just(["turn"]),
        st.just(["turn"]),
        st.just(["turn"]),
    )
    return st.lists(step, min_size=1, max_size=30)


def _events(steps: list[Any]) -> Iterator[list[Event]]:
    for number, (kind, *what) in enumerate(steps):
        if kind == "turn":
            yield turn(number)
        elif kind == "slot":
            yield [SlotSet(*what)]
        elif kind == "loop":
            yield [ActiveLoop(*what)]
        else:
            yield [Restarted()] if kind == "restart" else began()


@settings(max_examples=30, deadline=None)
@given(_steps())
def test_it_remembers_what_rasas_own_store_does(steps):
    with tempfile.TemporaryDirectory() as folder, new_database("sqlite", Path(folder)) as url:
        store = WindowedTrackerStore(Database(url), DOMAIN, turns=TURNS)
        save(store, began())
        for events in _events(steps):
            save(store, events)
        whole = asyncio.run(SQLTrackerStore(DOMAIN, host=url).retrieve(CONVERSATION))
        window = read(store)
    assert window.current_slot_values() == whole.current_slot_values()
    assert window.active_loop_name == whole.active_loop_name
    assert said(window) == said(whole)[-TURNS:]

"""What people write never stands in a log, whatever goes wrong with it."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from cryptography.fernet import Fernet
from sqlalchemy.exc import SQLAlchemyError

from bot.db.models import Conversation, InboxRow, OutboxRow
from bot.db.queues import claim
from bot.db.session import Database
from bot.faq.book import AnswerBook
from bot.faq.next_questions import NextQuestions
from bot.gateway.addresses import AddressBook, SlackAddress
from bot.gateway.assistant_client import AssistantUnavailableError, TurnRefusedError
from bot.gateway.discretion import Discretion
from bot.gateway.inbox import accept_text
from bot.gateway.outbox import Outbox, RefusedError, TryLaterError
from bot.gateway.replies import Replies
from bot.gateway.turns import Patience, TurnHandler
from bot.gateway.wording import load_wording
from bot.gateway.worker import QueueWorker
from bot.logs import configure_logging
from bot.privacy.sealing import Seal
from bot.settings import ROOT, Settings

from .privacy.planted import SSN
from .records import RHYTHM, Clock, quick_database

MARK = "Kumquat"
TEXT = f"my {MARK} hurts, {SSN}"
ADDRESS = SlackAddress("T1", "U1", "D1", "", direct=True)


class Colleagues:
    """People who all work here."""

    async def is_outsider(self, person_id: str) -> bool:
        return False

    async def direct(self, person_id: str) -> SlackAddress:
        return ADDRESS


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], str]]:
    """Log as a process of ours does, at DEBUG; give what has been written so far."""
    root = logging.getLogger()
    before = root.handlers, root.level
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    configure_logging("DEBUG", "test")
    # Or every logger that is used here would stay like this for the tests that follow.
    structlog.configure(cache_logger_on_first_use=False)
    yield stream.getvalue
    root.handlers, root.level = before
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


class Assistant:
    """Plays the client's part in a turn: does what it is told."""

    def __init__(self, outcome: Any) -> None:
        self._outcome = outcome

    async def turn(self, body: dict[str, Any]) -> Any:
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome


def message(**more: Any) -> dict[str, Any]:
    return {"text": f"about your {MARK}", "metadata": {"audience": "both"}, **more}


def take(database: Database, model: type[Any], clock: Clock) -> Any:
    with database.write() as session:
        rows = claim(
            session, model, worker="one", now=clock(), lease=timedelta(seconds=60), limit=1
        )
    return rows[0]


def ask(database: Database, addresses: AddressBook, clock: Clock) -> InboxRow:
    with database.write() as session:
        place = addresses.conversation(session, ADDRESS, clock())
        accept_text(session, place, key="k", text=TEXT, now=clock())
    return take(database, InboxRow, clock)


@pytest.mark.parametrize(
    "outcome",
    [
        {"messages": [message()], "kind": "faq", "decision": "answer"},
        {"messages": [message(metadata={})], "kind": "faq", "decision": "answer"},
        {"messages": [message(buttons=[{"title": MARK}])], "kind": "faq", "decision": "answer"},
        {"messages": [message()]},
        {"messages": MARK},
        AssistantUnavailableError("ReadTimeout"),
        TurnRefusedError("bad_turn"),
        TurnRefusedError("unknown_choice"),
        RuntimeError("of ours"),
    ],
)
def test_no_turn_shows_what_was_said(
    tmp_path: Path, now: datetime, logged: Callable[[], str], outcome: Any
) -> None:
    database, clock = quick_database(tmp_path), Clock(now)
    addresses = AddressBook(Seal(Fernet.generate_key().decode()))
    turns = TurnHandler(
        database,
        Assistant(outcome),  # type: ignore[arg-type]
        addresses,
        Colleagues(),
        Discretion(frozenset(), frozenset()),
        Replies(AnswerBook({}), load_wording(ROOT / "data"), NextQuestions(clock), RHYTHM),
        Patience(4, 90),
        worker="one",
        clock=clock,
        on_outbox=lambda: None,
    )
    row = ask(database, addresses, clock)
    clock.advance(5)
    asyncio.run(turns.send_holding_notices())
    asyncio.run(turns.handle(row))
    written = logged()
    assert MARK not in written
    assert row.turn_id in written
    assert all(json.loads(line) for line in written.splitlines())
    database.dispose()


@pytest.mark.parametrize(
    "outcome",
    [None, TryLaterError("ratelimited"), RefusedError("invalid_blocks"), KeyError("messages")],
)
def test_no_delivery_shows_what_is_said(
    tmp_path: Path, now: datetime, logged: Callable[[], str], outcome: Exception | None
) -> None:
    database, clock = quick_database(tmp_path), Clock(now)
    with database.write() as session:
        session.add(
            OutboxRow(
                delivery_key="reply:1", kind="k", lane="l", payload={"messages": [message()]},
                audience="both", due_at=now, created_at=now, attempts=7,
            )
        )  # fmt: skip

    async def deliver(row: OutboxRow) -> None:
        said = row.payload["messages"][0]["text"]
        if outcome and said:
            raise outcome

    outbox = Outbox(database, {"k": deliver}, worker="one", clock=clock)
    asyncio.run(outbox.handle(take(database, OutboxRow, clock)))
    assert "reply:1" in logged()
    assert MARK not in logged()
    database.dispose()


def test_a_failing_row_shows_no_local_variables(
    tmp_path: Path, now: datetime, logged: Callable[[], str]
) -> None:
    database, clock = quick_database(tmp_path), Clock(now)
    addresses = AddressBook(Seal(Fernet.generate_key().decode()))
    ask(database, addresses, clock)
    clock.advance(60)

    async def run() -> None:
        failed = asyncio.Event()

        async def handle(row: InboxRow) -> None:
            said = row.text
            failed.set()
            raise ValueError(len(said))

        worker = QueueWorker(
            database,
            InboxRow,
            handle,
            worker="one",
            clock=clock,
            concurrency=1,
            lease=timedelta(seconds=60),
        )
        running = asyncio.create_task(worker.run())
        await asyncio.wait_for(failed.wait(), 5)
        await worker.stop(5)
        await running

    asyncio.run(run())
    written = logged()
    assert "queue.row_failed" in written
    assert "ValueError" in written
    assert MARK not in written
    database.dispose()


def test_a_database_error_shows_no_parameters(
    tmp_path: Path, now: datetime, logged: Callable[[], str]
) -> None:
    database, clock = quick_database(tmp_path), Clock(now)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE inbox RENAME COLUMN text TO words")
    log = structlog.get_logger("bot.tests")
    addresses = AddressBook(Seal(Fernet.generate_key().decode()))
    with database.write() as session:
        place = addresses.conversation(session, ADDRESS, clock()).id
    try:
        with database.write() as session:
            found = session.get(Conversation, place)
            session.add(
                InboxRow(
                    key="k", turn_id="t", conversation_id=place, lane="l", text=MARK,
                    due_at=now, created_at=found.created_at,
                )
            )  # fmt: skip
            session.flush()
    except SQLAlchemyError:
        log.exception("went wrong")
        logging.getLogger("slack_bolt.App").exception("a library's own line")
    assert "OperationalError" in logged()
    assert "a library's own line" in logged()
    assert MARK not in logged()
    database.dispose()


def test_what_libraries_say_in_passing_is_left_out(logged: Callable[[], str]) -> None:
    for library in ("slack_bolt", "slack_sdk", "httpx", "uvicorn", "rasa"):
        # A module of its own: other tests may have set the level of the real ones.
        module = logging.getLogger(f"{library}.of_this_test")
        module.info(f"got {MARK}")
        module.debug(f"got {MARK}")
        module.warning("something is wrong")
    assert MARK not in logged()
    assert logged().count("something is wrong") == 5


def test_a_line_is_json_with_its_process_and_logger(logged: Callable[[], str]) -> None:
    structlog.get_logger("bot.tests.one").info("thing.done", number=3)
    (line,) = logged().splitlines()
    found = json.loads(line)
    assert found.pop("timestamp")
    assert found == {
        "event": "thing.done",
        "number": 3,
        "level": "info",
        "logger": "bot.tests.one",
        "process": "test",
    }


def test_settings_in_a_traceback_show_no_secrets(
    settings: Settings, logged: Callable[[], str]
) -> None:
    with suppress(RuntimeError):
        try:
            raise RuntimeError(settings)
        finally:
            structlog.get_logger("bot.tests.two").exception("went wrong", settings=repr(settings))
    assert settings.encryption_key not in logged()
    assert settings.internal_token not in logged()


def test_no_log_call_names_a_text() -> None:
    said = re.compile(r"log\.\w+\([^)]*\b(text|question|answer|payload|body|message)=")
    places = [
        path.name
        for folder in ("bot", "actions")
        for path in (ROOT / folder).rglob("*.py")
        if said.search(path.read_text(encoding="utf-8"))
    ]
    assert places == []

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot.db.backlog import Waiting
from bot.db.queues import DEAD, enqueue, finish
from bot.db.revision import known_revisions
from bot.db.session import Database
from bot.gateway import health
from bot.gateway.assistant_client import AssistantClient, AssistantStatus
from bot.gateway.health import Health, Report, Stock

from ..records import Clock
from .servers import TOKEN, AssistantDouble

NEWEST = known_revisions()[-1]


class KnownSlack:
    """Accepts us, or never answers."""

    def __init__(self, *, answers: bool = True) -> None:
        self._answers = answers

    async def identity(self) -> object | None:
        if not self._answers:
            await asyncio.Event().wait()
        return object()


def look(database: Database, clock: Clock, assistants: list[str], **more: Any) -> Report:
    async def socket() -> bool | None:
        return more.get("socket")

    async def run() -> Report:
        client = AssistantClient(assistants, TOKEN)
        looking = Health(
            database,
            client,
            KnownSlack(answers=more.get("slack_answers", True)),  # type: ignore[arg-type]
            {"inbox": SimpleNamespace(is_running=True)},  # type: ignore[dict-item]
            socket,
            lambda: [],
            clock,
        )
        try:
            return await looking.report()
        finally:
            await client.close()

    return asyncio.run(run())


@pytest.fixture
def report(now: datetime) -> Report:
    """Give the report of a gateway that lacks nothing."""
    return Report(
        at=now,
        stock=Stock(NEWEST, {"inbox": [], "outbox": []}),
        assistants=[AssistantStatus("http://a:5005", True, "hrbot-1.tar.gz", True)],
        slack=True,
        socket=None,
        workers={"inbox": True, "outbox": True},
        notes=[],
    )


def test_with_everything_there_it_is_ready(report: Report) -> None:
    found = report.as_json()
    assert found["ready"]
    assert found["missing"] == found["warnings"] == []
    assert found["checks"] == {
        "database": {"ok": True, "revision": NEWEST},
        "assistants": [{"at": "a:5005", "ok": True, "model": "hrbot-1.tar.gz"}],
        "actions": {"ok": True},
        "slack": {"ok": True, "mode": "http"},
        "inbox": {"ok": True, "pending": 0, "oldest_seconds": 0.0},
        "outbox": {"ok": True, "pending": 0, "oldest_seconds": 0.0},
    }


AWAY = AssistantStatus("http://b:5005", is_ready=False)
NO_ACTIONS = AssistantStatus("http://b:5005", is_ready=True, model="m", actions=False)


@pytest.mark.parametrize(
    ("changed", "missing", "check"),
    [
        ({"stock": None}, "the database does not answer", "database"),
        ({"stock": Stock("0001")}, "the database is not up to date: run", "database"),
        ({"stock": Stock("9999")}, "made by a newer version", "database"),
        ({"assistants": [NO_ACTIONS]}, "the action server does not answer", "actions"),
        ({"slack": False}, "Slack does not accept the bot token", "slack"),
        ({"socket": False}, "Socket Mode is not connected", "slack"),
        ({"workers": {"inbox": False}}, "the inbox is not worked off", "inbox"),
    ],
)
def test_what_is_missing_is_said_in_words(
    report: Report, changed: dict[str, Any], missing: str, check: str
) -> None:
    found = replace(report, **changed).as_json()
    assert not found["ready"]
    assert len(found["missing"]) == 1
    assert missing in found["missing"][0]
    assert not found["checks"][check]["ok"]


def test_an_assistant_that_is_away_says_nothing_of_the_actions(report: Report) -> None:
    found = replace(report, assistants=[AWAY])
    assert found.missing == ["the assistant does not answer"]


def test_one_assistant_of_two_is_enough_but_worth_a_warning(report: Report) -> None:
    found = replace(report, assistants=[*report.assistants, AWAY])
    assert found.missing == []
    assert found.warnings == ["the assistant at b:5005 does not answer"]


def test_what_waits_for_long_and_what_was_given_up_are_worth_a_warning(report: Report) -> None:
    old, new = (report.at - timedelta(seconds=s) for s in (301, 2))
    waiting = {"inbox": [Waiting("message", 3, new)], "outbox": [Waiting("reply", 2, old)]}
    found = replace(report, stock=Stock(NEWEST, waiting, {"case_card": 4}), notes=["no channel"])
    assert found.missing == []
    assert found.warnings == [
        "no channel",
        "the oldest row of the outbox waits for 301 seconds",
        "4 rows of kind case_card were given up",
    ]
    assert found.as_json()["checks"]["inbox"] == {"ok": True, "pending": 3, "oldest_seconds": 2.0}


def test_no_url_shows_its_password(report: Report) -> None:
    secret = AssistantStatus("http://user:pass-word@a:5005", is_ready=False)
    assert "pass-word" not in json.dumps(replace(report, assistants=[secret]).as_json())


def test_it_looks_at_the_real_things(
    database: Database, assistant: AssistantDouble, clock: Clock
) -> None:
    with database.write() as session:
        rows = [
            enqueue(session, delivery_key=key, kind="reply", lane="l", payload={}, now=clock())
            for key in ("waiting", "given-up")
        ]
        finish(rows[1], DEAD, clock())
    clock.advance(60)
    found = look(database, clock, [assistant.url, "http://127.0.0.1:1"])
    assert found.missing == []
    assert found.oldest == {"inbox": 0.0, "outbox": 60.0}
    assert found.stock.dead == {"reply": 1}
    assert [a.is_ready for a in found.assistants] == [True, False]


def test_a_database_that_is_away_is_no_error(assistant: AssistantDouble, clock: Clock) -> None:
    gone = Database("postgresql://nobody@127.0.0.1:1/none")
    found = look(gone, clock, [assistant.url])
    assert found.stock is None
    assert found.missing == ["the database does not answer"]


def test_a_slack_that_never_answers_is_not_waited_for(
    database: Database,
    assistant: AssistantDouble,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(health, "SLACK_SECONDS", 0.05)
    found = look(database, clock, [assistant.url], slack_answers=False)
    assert found.missing == ["Slack does not accept the bot token or is out of reach"]


def test_a_database_without_tables_is_not_up_to_date(
    database_url: str, assistant: AssistantDouble, clock: Clock
) -> None:
    empty = Database(database_url)
    assert "hrbot db upgrade" in look(empty, clock, [assistant.url]).missing[0]
    empty.dispose()

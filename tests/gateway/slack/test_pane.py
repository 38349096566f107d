from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from bot.db.models import Conversation, InboxRow, OutboxRow
from bot.db.session import Database
from bot.faq.book import load_book
from bot.gateway.addresses import AddressBook
from bot.gateway.inbox import accept_text
from bot.gateway.prompts import load_prompts
from bot.gateway.slack.client import Slack
from bot.gateway.slack.pane import Pane, PaneDelivery, on_question
from bot.gateway.wording import Wording
from bot.programs.catalogue import import_programs
from bot.sandbox.app import SandboxServer
from bot.settings import ROOT

from ...records import Clock
from ..places import DIRECT


@pytest.fixture
def pane(quick: Database, addresses: AddressBook, wording: Wording, clock: Clock) -> Pane:
    prompts = load_prompts(ROOT / "data", load_book(ROOT / "data", ROOT / "domain.yml"))
    return Pane(quick, addresses, prompts, wording, clock, lambda: None)


def rows(pane: Pane, kind: str) -> list[OutboxRow]:
    with pane.database.read() as session:
        return list(session.scalars(select(OutboxRow).where(OutboxRow.kind == kind)))


def ask(pane: Pane, address: Any, text: str) -> None:
    with pane.database.write() as session:
        conversation = pane.addresses.conversation(session, address, pane.clock())
        row: InboxRow = accept_text(session, conversation, key=text, text=text, now=pane.clock())
        on_question(session, conversation, row, "is thinking…", pane.clock())


def test_what_is_current_is_suggested_once_an_event(pane: Pane) -> None:
    with pane.database.write() as session:
        import_programs(session, ROOT / "data" / "programs.yml")
    for event in ("Ev1", "Ev1", "Ev2"):
        pane.opened(DIRECT, event, is_outsider=False)
    first, _ = rows(pane, "pane_prompts")
    suggested = first.payload["prompts"]
    assert len(suggested) == 4
    assert all(0 < len(prompt["title"]) <= 75 for prompt in suggested)
    assert suggested[0]["message"].startswith("Tell me about ")
    assert ": apply by " in suggested[0]["title"]


def test_an_outsider_is_suggested_what_is_public(pane: Pane) -> None:
    pane.opened(DIRECT, "Ev1", is_outsider=True)
    (row,) = rows(pane, "pane_prompts")
    assert {"How do I apply for a job?"} <= {p["title"] for p in row.payload["prompts"]}
    assert "payday" not in str(row.payload)


def test_each_question_shows_that_we_think_and_the_first_names_the_thread(pane: Pane) -> None:
    pane.opened(DIRECT, "Ev1", is_outsider=False)
    ask(pane, DIRECT, "is dental covered? " * 10)
    ask(pane, DIRECT, "and vision?")
    assert [row.payload for row in rows(pane, "pane_status")] == [{"status": "is thinking…"}] * 2
    (title,) = rows(pane, "pane_title")
    assert title.payload["title"].startswith("is dental covered?")
    assert len(title.payload["title"]) <= 60
    with pane.database.read() as session:
        lane = session.scalar(select(Conversation.id))
    assert {row.lane for row in rows(pane, "pane_status")} == {lane}


def test_elsewhere_nothing_is_shown(pane: Pane) -> None:
    ask(pane, DIRECT, "is dental covered?")
    assert rows(pane, "pane_status") == rows(pane, "pane_title") == []


@pytest.mark.parametrize("is_open", [True, False])
def test_slack_shows_it_and_what_it_refuses_is_let_go(
    pane: Pane, sandbox: SandboxServer, slack: Slack, is_open: bool
) -> None:
    root = sandbox.open_assistant().ts if is_open else "1700000000.000001"
    address = replace(DIRECT, thread=root)
    pane.opened(address, "Ev1", is_outsider=False)
    ask(pane, address, "is dental covered?")
    deliver = PaneDelivery(pane.database, pane.addresses, slack).deliverers()

    async def run() -> None:
        for kind, deliverer in deliver.items():
            for row in rows(pane, kind):
                await deliverer(row)

    asyncio.run(run())
    thread = sandbox.workspace.assistant_threads.get((DIRECT.channel, root), {})
    assert bool(thread.get("prompts")) is is_open
    assert thread.get("status", "") == ("is thinking…" if is_open else "")
    assert thread.get("title", "") == ("is dental covered?" if is_open else "")

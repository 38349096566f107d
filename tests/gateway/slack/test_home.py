from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.db.models import Case, OutboxRow
from bot.db.session import Database
from bot.desk import cases, work
from bot.desk.cases import Actor
from bot.faq.book import load_book
from bot.gateway.addresses import AddressBook
from bot.gateway.prompts import load_prompts
from bot.gateway.slack.client import Slack
from bot.gateway.slack.home import HomeTab
from bot.gateway.slack.people import People
from bot.gateway.wishes import Wishes
from bot.gateway.wording import Wording
from bot.programs import reminders
from bot.programs.catalogue import import_programs
from bot.sandbox.app import SandboxServer
from bot.sandbox.blocks import check_view, elements_of
from bot.sandbox.seed import CASEY, GUEST, ROBIN, SAM
from bot.settings import ROOT
from bot.telling.gentle import Limits
from bot.telling.quiet_hours import QuietHours

from ...records import Clock
from ..places import DIRECT, TEAM
from .conftest import ROUTING

QUEUE = {"type": "section", "text": {"type": "mrkdwn", "text": "Two questions wait."}}


async def queue_blocks(team: str, user: str) -> Sequence[dict[str, Any]]:
    return [QUEUE] if (team, user) == (TEAM, SAM) else []


@pytest.fixture
def home(
    quick: Database, addresses: AddressBook, slack: Slack, wording: Wording, clock: Clock
) -> HomeTab:
    with quick.write() as session:
        import_programs(session, ROOT / "data" / "programs.yml")
    prompts = load_prompts(ROOT / "data", load_book(ROOT / "data", ROOT / "domain.yml"))
    people = People(quick, addresses, slack, clock)
    limits = Limits(1, QuietHours(1140, 480, ZoneInfo("America/Chicago")))
    wishes = Wishes(quick, addresses, wording, limits, clock)
    return HomeTab(
        quick,
        addresses,
        people,
        slack,
        prompts,
        wording,
        clock,
        lambda: None,
        queue_blocks,
        wishes.blocks,
    )


def waiting(home: HomeTab) -> list[OutboxRow]:
    with home.database.read() as session:
        return list(session.scalars(select(OutboxRow).where(OutboxRow.kind == "home")))


def open_tab(home: HomeTab, user: str = ROBIN, event: str = "Ev1") -> None:
    home.opened(direct_of(user), event)
    asyncio.run(home.publish(waiting(home)[-1]))


def direct_of(user: str) -> Any:
    return type(DIRECT)(TEAM, user, f"D{user[1:]}", "", direct=True)


def open_case(home: HomeTab, question: str = "Is a crown <b>paid</b>?") -> int:
    with home.database.write() as session:
        conversation = home.addresses.conversation(session, DIRECT, home.clock())
        return cases.open_case(
            session,
            turn_id=question,
            conversation_id=conversation.id,
            question=question,
            topic=None,
            routing=ROUTING,
            now=home.clock(),
        ).id


def shown(sandbox: SandboxServer, user: str = ROBIN) -> str:
    view = sandbox.workspace.home(user)
    assert view is not None
    assert check_view(view.content) == []
    return str(view.content)


def test_it_says_what_to_ask_and_what_closes_soon(home: HomeTab, sandbox: SandboxServer) -> None:
    open_tab(home)
    text = shown(sandbox)
    assert "Time off and leave" in text
    assert ": apply by " in text
    assert "Am I eligible?" in text
    assert "You have no questions with HR" in text
    assert "Two questions wait." not in text


@pytest.mark.parametrize("status", ["open", "claimed", "answered", "resolved"])
def test_it_shows_what_became_of_questions(
    home: HomeTab, sandbox: SandboxServer, status: str
) -> None:
    number = open_case(home)
    hr = Actor("hr", None)
    steps = {
        "claimed": lambda s: work.claim(s, number, hr, home.clock()),
        "answered": lambda s: work.answer(s, number, hr, "Half & half.", home.clock()),
        "resolved": lambda s: work.resolve(s, number, hr, home.clock()),
    }
    if status in steps:
        with home.database.write() as session:
            steps[status](session)
    open_tab(home)
    text = shown(sandbox)
    assert ("crown &lt;b&gt;paid" in text) is (status != "resolved")
    assert ("Half &amp; half." in text) is (status == "answered")


def test_what_was_sent_without_a_name_shows_to_its_asker_alone(
    home: HomeTab, sandbox: SandboxServer
) -> None:
    with home.database.write() as session:
        back = home.addresses.way_back(session, DIRECT, "employee", home.clock())
        cases.open_case(
            session,
            turn_id="anonymous:1",
            conversation_id=back.id,
            question="Is the sauna haunted?",
            topic=None,
            routing=ROUTING,
            now=home.clock(),
            anonymous=True,
        )
    for user in (ROBIN, CASEY):
        open_tab(home, user, event=f"Ev{user}")
        assert ("sauna haunted" in shown(sandbox, user)) is (user == ROBIN)


def test_many_and_long_questions_fit(home: HomeTab, sandbox: SandboxServer) -> None:
    for number in range(30):
        open_case(home, f"{number} " + "why & how <so>? " * 200)
    open_tab(home)
    assert shown(sandbox).count(": waiting for somebody in HR") == 10


def test_a_guest_sees_what_is_public(home: HomeTab, sandbox: SandboxServer) -> None:
    open_tab(home, GUEST)
    text = shown(sandbox, GUEST)
    assert "Jobs here" in text
    assert "Am I eligible?" not in text
    assert "Your questions to HR" not in text
    categories = [
        e["value"]
        for block in sandbox.workspace.home(GUEST).content["blocks"]
        if block["block_id"] == "categories"
        for e in elements_of(block)
    ]
    assert "careers" in categories
    assert not {"pay", "leave"} & set(categories)


def test_hr_sees_its_queue_first(home: HomeTab, sandbox: SandboxServer) -> None:
    open_tab(home, SAM)
    assert "Two questions wait." in str(sandbox.workspace.home(SAM).content["blocks"][0])


def test_reminders_stand_there_and_can_be_cancelled(home: HomeTab, sandbox: SandboxServer) -> None:
    with home.database.write() as session:
        person = home.addresses.conversation(session, DIRECT, home.clock()).person_id
        wanted = ("tuition-assistance", "Spring term 2027", "closes")
        reminder = reminders.ask(
            session, person, reminders.day_of(session, *wanted), home.clock()
        ).id
    open_tab(home)
    assert "(Spring term 2027) closes on December 15, 2026" in shown(sandbox)
    home.cancel_reminder(direct_of(CASEY), reminder, "T0")
    home.cancel_reminder(direct_of(ROBIN), reminder, "T1")
    assert [row.delivery_key for row in waiting(home)][1:] == ["home:T0", "home:T1"]
    open_tab(home, event="Ev2")
    assert "Your reminders" not in shown(sandbox)


def test_a_change_of_a_case_has_the_tab_built_again(home: HomeTab) -> None:
    delivered: list[int] = []

    async def deliver(row: OutboxRow) -> None:
        delivered.append(row.id)

    number = open_case(home)
    with home.database.read() as session:
        card = session.scalar(select(OutboxRow).where(OutboxRow.case_id == number))
        person = session.get(Case, number).person_id
    asyncio.run(home.refreshing(deliver)(card))
    assert (delivered, waiting(home)) == ([card.id], [])
    home.opened(DIRECT, "Ev1")
    for _ in range(2):
        asyncio.run(home.refreshing(deliver)(card))
    assert [row.payload for row in waiting(home)] == [{"person": person}] * 2


def test_where_there_is_no_home_tab_nothing_breaks(home: HomeTab, sandbox: SandboxServer) -> None:
    sandbox.workspace.app.has_home_tab = False
    open_tab(home)
    assert sandbox.workspace.home(ROBIN) is None

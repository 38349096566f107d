"""Owners are asked in Slack, and answer with a tap: over real requests, blocks as Slack takes."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.db.answers import ContentVersion
from bot.db.audit import AuditEntry
from bot.db.models import OutboxRow
from bot.db.session import Database
from bot.desk import freshness
from bot.desk.freshness import Item, Rhythm
from bot.desk.review_views import review_view
from bot.desk.routing import Queue, Routing
from bot.faq import content
from bot.faq.book import AnswerBook, load_book
from bot.gateway.addresses import AddressBook
from bot.gateway.outbox import TryLaterError
from bot.gateway.slack.channels import HRChannels
from bot.gateway.slack.client import Slack, web_client
from bot.gateway.slack.contacts import Contacts
from bot.gateway.slack.review_delivery import ReviewDelivery
from bot.gateway.wording import Wording
from bot.programs.catalogue import import_programs
from bot.sandbox.app import SandboxServer
from bot.sandbox.model import Message
from bot.sandbox.seed import HR_CHANNEL, ROBIN, SAM
from bot.settings import ROOT

from ...desk.office import ROUTING, chicago
from ...records import RHYTHM, Clock
from .desk_loop import BOT_TOKEN, DeskLoop, desk_loop, shown

BOOK = load_book(ROOT / "data", ROOT / "domain.yml")
LONG_AGO = Rhythm(14, 1)


@pytest.fixture
def office(
    quick: Database, slack: Slack, addresses: AddressBook, clock: Clock
) -> tuple[ReviewDelivery, dict[str, str]]:
    clock.now = chicago("2026-11-27 09:00")
    queues = {n: replace(q, channel=HR_CHANNEL) for n, q in ROUTING.queues.items()}
    routing = Routing(queues, owners={"learning and development": (SAM,)})
    contacts = Contacts(quick, slack, addresses, routing, clock)
    asyncio.run(contacts.find())
    with quick.write() as session:
        import_programs(session, ROOT / "data" / "programs.yml")
        channels = HRChannels(quick, slack, routing, contacts, clock)
    given = (quick, slack, addresses, routing, AnswerBook({}), channels)
    return ReviewDelivery(*given, LONG_AGO, clock), contacts.people


def put(office: tuple[ReviewDelivery, dict[str, str]]) -> list[OutboxRow]:
    delivery, people = office
    given = (delivery.book, delivery.routing, people, LONG_AGO, delivery.clock())
    with delivery.database.write() as session:
        freshness.remind(session, *given)
    with delivery.database.read() as session:
        return list(session.scalars(select(OutboxRow).where(OutboxRow.kind == freshness.REVIEW)))


def test_the_owner_and_the_queue_get_a_message_each(
    office: tuple[ReviewDelivery, dict[str, str]], sandbox: SandboxServer
) -> None:
    for row in put(office):
        asyncio.run(office[0].review(row))
    (to_sam,) = sandbox.workspace.from_bot(sandbox.workspace.dm(SAM).id)
    to_queues = sandbox.workspace.from_bot(HR_CHANNEL)
    assert "will come on another day" in "".join(map(shown, to_queues))
    for message in (to_sam, *to_queues):
        assert "still right" in message.text
        assert shown(message).count("Still right") >= 1
        assert "Last checked: November 25, 2026. Due: November 26, 2026." in shown(message)


def test_what_was_checked_meanwhile_is_not_asked_and_nobody_is_woken(
    office: tuple[ReviewDelivery, dict[str, str]], sandbox: SandboxServer, clock: Clock
) -> None:
    delivery, _ = office
    rows = put(office)
    clock.now = chicago("2026-11-27 18:00")
    with pytest.raises(TryLaterError):
        asyncio.run(delivery.review(rows[0]))
    with delivery.database.write() as session:
        for row in rows:
            for value in row.payload["items"]:
                subject, _ = freshness.read_value(value)
                given = (delivery.book, subject, LONG_AGO, clock.now)
                freshness.confirm(session, *given, person_id=None)
    for row in rows:
        asyncio.run(delivery.review(row))
    assert sandbox.workspace.from_bot(HR_CHANNEL) == []


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskLoop]:
    with desk_loop(tmp_path_factory.mktemp("reviews")) as running:
        with running.database.write() as session:
            import_programs(session, ROOT / "data" / "programs.yml")
        yield running


def asked(
    loop: DeskLoop, wording: Wording, channel: str = HR_CHANNEL
) -> tuple[list[Item], Message]:
    """Post what an answer's and a program's owner are asked; return it as it stands there."""
    queues = {"default": Queue("default", "HR", HR_CHANNEL, None, (), (), ("employee",))}
    routing = Routing(queues)
    with loop.database.read() as session:
        items = freshness.items_due(session, BOOK, routing, RHYTHM, date(2030, 1, 1))
    kinds = {item.subject.kind: item for item in items}
    chosen = [kinds[content.ANSWER], kinds[content.PROGRAM]]
    return chosen, post(loop, wording, chosen, channel)


def post(loop: DeskLoop, wording: Wording, items: list[Item], channel: str) -> Message:
    """Post what owners are asked, as the gateway does."""
    text, blocks = review_view(items, 3, wording.say)

    async def sent() -> str:
        slack = Slack(web_client(BOT_TOKEN, loop.slack.api_url), wording)
        posted = await slack.post(
            channel=channel, text=text, blocks=blocks, delivery_key=f"review:{loop.count}"
        )
        return posted.ts

    loop.count += 1
    return loop.slack.workspace.message(channel, asyncio.run(sent()))


def test_one_tap_dates_it_shows_who_and_is_audited(loop: DeskLoop, wording: Wording) -> None:
    items, message = asked(loop, wording)
    for item in items:
        loop.do(message, "Still right")
        loop.slack.wait_for(
            lambda _, title=item.title: f"✓ *{title}*" in shown(loop.now(message)), 20
        )
    assert f"<@{SAM}> says it is still right" in shown(loop.now(message))
    assert "Still right" not in shown(loop.now(message)).replace("still right", "")
    with loop.database.read() as session:
        versions = {v.subject: v for v in session.scalars(select(ContentVersion))}
        whats = [entry.detail["what"] for entry in session.scalars(select(AuditEntry))]
    assert set(versions) == {item.subject.name for item in items}
    assert {version.cause for version in versions.values()} == {"checked"}
    assert whats.count("checked") == 2


def test_it_opens_the_form_and_strangers_are_turned_away(loop: DeskLoop, wording: Wording) -> None:
    _, elsewhere = asked(loop, wording, loop.slack.dm(ROBIN))
    loop.do(elsewhere, "Still right", user=ROBIN)
    loop.whispered("Only the people of this queue", user=ROBIN)
    _, message = asked(loop, wording)
    loop.do(message, "Edit")
    view = loop.slack.open_view(user=SAM)
    assert view is not None
    assert "Save, live at once" in str(view.content)


def test_an_owner_who_is_in_no_queue_looks_after_what_is_theirs(
    tmp_path: Path, wording: Wording
) -> None:
    data = tmp_path / "data"
    shutil.copytree(ROOT / "data", data)
    routing = data / "routing.yml"
    text = routing.read_text().replace("owners:\n", f"owners:\n  Payroll: [{ROBIN}]\n")
    routing.write_text(text)
    with desk_loop(tmp_path, HRBOT_DATA_DIR=str(data)) as loop:
        queue = Queue("default", "HR", HR_CHANNEL, None, (), (), ("employee",))
        with loop.database.read() as session:
            found = freshness.items_due(
                session, BOOK, Routing({"default": queue}), RHYTHM, date(2030, 1, 1)
            )
        for owner, is_theirs in (("Payroll", True), ("Benefits team", False)):
            item = next(one for one in found if one.owner == owner)
            message = post(loop, wording, [item], loop.slack.dm(ROBIN))
            loop.do(message, "Still right", user=ROBIN)
            if not is_theirs:
                loop.whispered("Only the people of this queue", user=ROBIN)
                continue
            loop.slack.wait_for(
                lambda _, m=message: "says it is still right" in shown(loop.now(m)), 20
            )
            loop.do(post(loop, wording, [item], loop.slack.dm(ROBIN)), "Edit", user=ROBIN)
            assert "Save, live at once" in str(loop.slack.open_view(user=ROBIN).content)

"""What only has to be written to our own database is shown and ended in one transaction."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.models import Conversation, OutboxRow, WidgetEvent
from bot.db.queues import claim, enqueue
from bot.db.session import Database
from bot.gateway.addresses import AddressBook
from bot.gateway.outbox import Outbox, Written
from bot.gateway.widget.events import add

from ..records import Clock


class Page:
    """A careers page that shows a row's key, or fails after it has."""

    def __init__(self, database: Database, addresses: AddressBook, clock: Clock) -> None:
        self.database, self.clock = database, clock
        self.trouble: Exception | None = None
        self.told: list[str] = []
        with database.write() as session:
            self.conversation = addresses.begin_web(session, clock()).id
        on_page = {"reply": Written(self.show, lambda row: self.told.append(row.delivery_key))}
        self.outbox = Outbox(database, {}, on_page, worker="one", clock=clock)

    def show(self, session: Session, row: OutboxRow) -> None:
        given = {"kind": "message", "payload": row.payload, "now": self.clock()}
        add(session, row.conversation_id, key=row.delivery_key, **given)
        if self.trouble:
            raise self.trouble

    def put(self, session: Session, key: str, audience: str = "both") -> OutboxRow:
        return enqueue(
            session,
            delivery_key=key,
            kind="reply",
            lane=self.conversation,
            payload={},
            now=self.clock(),
            audience=audience,
            conversation_id=self.conversation,
        )

    def say_at_once(self, key: str, audience: str = "both") -> bool:
        """Put a row into the outbox; say whether it was delivered with that."""
        asked_at = self.clock()
        with self.database.write() as session:
            row = self.put(session, key, audience)
            tell = self.outbox.at_once(session, row, asked_at)
        if tell is not None:
            tell()
        return tell is not None

    def take(self, worker: str = "one") -> OutboxRow:
        given = {"now": self.clock(), "lease": timedelta(seconds=60), "limit": 1}
        with self.database.write() as session:
            [row] = claim(session, OutboxRow, worker=worker, **given)
        return row

    def handle(self) -> None:
        asyncio.run(self.outbox.handle(self.take()))

    def shown(self) -> list[str]:
        with self.database.read() as session:
            return list(session.scalars(select(WidgetEvent.key).order_by(WidgetEvent.number)))

    def status(self, key: str) -> tuple[str, int]:
        query = select(OutboxRow.status, OutboxRow.refusals)
        with self.database.read() as session:
            return tuple(session.execute(query.where(OutboxRow.delivery_key == key)).one())


@pytest.fixture
def page(quick: Database, addresses: AddressBook, clock: Clock) -> Page:
    return Page(quick, addresses, clock)


def test_what_is_said_on_the_page_is_shown_as_it_is_made(page: Page) -> None:
    assert page.say_at_once("a")
    assert (page.shown(), page.told) == (["a"], ["a"])
    assert page.status("a") == ("sent", 0)


def test_behind_others_it_waits_its_turn(page: Page) -> None:
    with page.database.write() as session:
        page.put(session, "a")
    assert not page.say_at_once("b")
    assert page.shown() == []
    page.handle()
    page.handle()
    assert page.shown() == page.told == ["a", "b"]
    assert page.say_at_once("c")


def test_a_mistake_in_showing_leaves_what_goes_with_it_as_it_is(page: Page) -> None:
    page.trouble = KeyError("messages")
    assert not page.say_at_once("a")
    assert (page.shown(), page.told, page.status("a")) == ([], [], ("pending", 0))
    page.handle()
    assert (page.shown(), page.status("a")) == ([], ("pending", 1))
    page.trouble = None
    page.clock.advance(60)
    page.handle()
    assert (page.shown(), page.status("a")) == (["a"], ("sent", 1))


def test_nothing_is_shown_to_whom_it_isnt_for(page: Page) -> None:
    assert not page.say_at_once("a", audience="employee")
    page.handle()
    assert (page.shown(), page.told, page.status("a")) == ([], [], ("dead", 1))


def test_whoever_lost_the_row_shows_nothing(page: Page) -> None:
    with page.database.write() as session:
        page.put(session, "a")
    slow = page.take("slow")
    page.clock.advance(60)
    page.handle()
    asyncio.run(page.outbox.handle(slow))
    with page.database.write() as session:
        page.put(session, "b")
    of_another = page.take("another")
    asyncio.run(page.outbox.handle(of_another))
    assert page.shown() == page.told == ["a"]


def test_what_was_deleted_meanwhile_is_not_shown(page: Page) -> None:
    with page.database.write() as session:
        page.put(session, "a")
    row = page.take()
    with page.database.write() as session:
        session.delete(session.get(OutboxRow, row.id))
        session.delete(session.get(Conversation, page.conversation))
    asyncio.run(page.outbox.handle(row))
    assert page.told == []

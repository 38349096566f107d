from __future__ import annotations

import asyncio
from contextlib import ExitStack

import pytest
from sqlalchemy.orm import Session

from bot.db.session import Database
from bot.gateway.addresses import AddressBook
from bot.gateway.widget import feed as feed_module
from bot.gateway.widget.events import append
from bot.gateway.widget.feed import Feed

from ...conftest import HAS_POSTGRESQL, NOW


def begin(database: Database, addresses: AddressBook) -> str:
    with database.write() as session:
        return addresses.begin_web(session, NOW).id


def add(session: Session, conversation: str, key: str) -> None:
    append(session, conversation, key=key, kind="message", payload={}, now=NOW)


def test_each_change_is_seen_once(database: Database, addresses: AddressBook) -> None:
    feed = Feed(database)
    one, other = begin(database, addresses), begin(database, addresses)
    assert set(feed.changed()) == set()
    with database.write() as session:
        add(session, one, "a")
    assert set(feed.changed()) == {one}
    assert set(feed.changed()) == set()
    with database.write() as session:
        add(session, one, "b")
        add(session, other, "c")
        add(session, other, "c")
    assert set(feed.changed()) == {one, other}


@pytest.mark.skipif(not HAS_POSTGRESQL, reason="SQLite has one writer at a time")
@pytest.mark.parametrize("_migrated", ["postgresql"], indirect=True)
def test_what_is_committed_later_than_it_was_numbered_is_seen(
    database: Database, addresses: AddressBook
) -> None:
    feed = Feed(database)
    slow, fast = begin(database, addresses), begin(database, addresses)
    with ExitStack() as open_transaction:
        session = open_transaction.enter_context(database.write())
        add(session, slow, "first")
        session.flush()
        with database.write() as other:
            add(other, fast, "second")
        assert set(feed.changed()) == {fast}
    assert set(feed.changed()) == {slow}


def test_ids_that_begin_anew_are_news(database: Database, addresses: AddressBook) -> None:
    feed = Feed(database)
    conversation = begin(database, addresses)
    with database.write() as session:
        add(session, conversation, "a")
    feed.changed()
    feed.floor = 10_000
    with database.write() as session:
        add(session, conversation, "b")
    assert set(feed.changed()) == {conversation}


def test_what_a_stream_has_shown_wakes_it_no_more(
    database: Database, addresses: AddressBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "POLL_SECONDS", 0.01)
    one, other = begin(database, addresses), begin(database, addresses)

    def write() -> None:
        with database.write() as session:
            add(session, one, "a")
            add(session, other, "b")

    async def run() -> None:
        feed = Feed(database)
        running = asyncio.create_task(feed.run())
        with feed.listening(one, "s") as quick, feed.listening(other, "t") as slow:
            # Further than any event of these.
            quick.newest = 2**31
            await asyncio.to_thread(write)
            await asyncio.wait_for(slow.news.wait(), 10)
            assert not quick.news.is_set()
        feed.stop()
        await running

    asyncio.run(run())


def test_what_this_process_writes_it_tells_at_once(
    database: Database, addresses: AddressBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "POLL_SECONDS", 60.0)
    one, other = begin(database, addresses), begin(database, addresses)

    async def run() -> None:
        feed = Feed(database)
        running = asyncio.create_task(feed.run())
        with feed.listening(one, "s") as here, feed.listening(other, "t") as there:
            await asyncio.sleep(0)
            await asyncio.to_thread(feed.tell, one)
            await asyncio.wait_for(here.news.wait(), 10)
            assert not there.news.is_set()
        feed.stop()
        await running

    asyncio.run(run())

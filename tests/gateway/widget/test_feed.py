from __future__ import annotations

from contextlib import ExitStack

import pytest
from sqlalchemy.orm import Session

from bot.db.session import Database
from bot.gateway.addresses import AddressBook
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
    assert feed.changed() == set()
    with database.write() as session:
        add(session, one, "a")
    assert feed.changed() == {one}
    assert feed.changed() == set()
    with database.write() as session:
        add(session, one, "b")
        add(session, other, "c")
        add(session, other, "c")
    assert feed.changed() == {one, other}


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
        assert feed.changed() == {fast}
    assert feed.changed() == {slow}


def test_ids_that_begin_anew_are_news(database: Database, addresses: AddressBook) -> None:
    feed = Feed(database)
    conversation = begin(database, addresses)
    with database.write() as session:
        add(session, conversation, "a")
    feed.changed()
    feed.floor = 10_000
    with database.write() as session:
        add(session, conversation, "b")
    assert feed.changed() == {conversation}

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot.db.models import Choice, Conversation, InboxRow
from bot.db.session import Database
from bot.gateway.inbox import MAX_TEXT, accept_choice, accept_text, was_taken

from ..privacy.planted import EMAIL, SSN
from ..records import add_conversation


@pytest.fixture
def conversation(database: Database, now: datetime) -> str:
    return add_conversation(database, now)


def take(database: Database, conversation: str, key: str, text: str, now: datetime) -> bool:
    with database.write() as session:
        place = session.get(Conversation, conversation)
        return accept_text(session, place, key=key, text=text, now=now) is not None


def inbox(database: Database) -> list[InboxRow]:
    with database.read() as session:
        return list(session.scalars(select(InboxRow).order_by(InboxRow.id)))


def test_a_message_is_taken_once(database: Database, conversation: str, now: datetime) -> None:
    assert take(database, conversation, "a", "when is payday", now)
    assert not take(database, conversation, "a", "when is payday", now)
    assert take(database, conversation, "b", "when is payday", now)
    first, second = inbox(database)
    assert (first.text, first.status, first.lane) == ("when is payday", "pending", conversation)
    assert first.turn_id != second.turn_id


def test_a_message_that_comes_twice_at_the_same_moment_is_taken_once(
    database: Database, conversation: str, now: datetime
) -> None:
    start = threading.Barrier(4)

    def together(_: int) -> bool:
        start.wait(5)
        return take(database, conversation, "a", "when is payday", now)

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(together, range(4))) == [False, False, False, True]
    assert len(inbox(database)) == 1


def test_messages_of_a_conversation_become_visible_in_their_order(
    database: Database, conversation: str, now: datetime
) -> None:
    elsewhere = add_conversation(database, now, name="casey")
    with database.write() as first:
        place = first.get(Conversation, conversation)
        accept_text(first, place, key="a", text="when is payday", now=now)
        with ThreadPoolExecutor(1) as pool:
            assert not pool.submit(can_take_at_once, database, conversation, now).result()
            if database.engine.dialect.name == "postgresql":
                assert pool.submit(can_take_at_once, database, elsewhere, now).result()
    assert can_take_at_once(database, conversation, now)


def can_take_at_once(database: Database, conversation: str, now: datetime) -> bool:
    """Say whether a message can be taken in without waiting for another transaction."""
    at_once = {"postgresql": "SET lock_timeout = '100ms'", "sqlite": "PRAGMA busy_timeout = 100"}
    engine = create_engine(database.url, future=True)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(at_once[engine.dialect.name])
            with Session(connection, future=True) as session:
                place = session.get(Conversation, conversation)
                accept_text(session, place, key="b", text="is dental covered", now=now)
                session.rollback()
    except OperationalError:
        return False
    finally:
        engine.dispose()
    return True


def test_identifiers_are_gone_before_anything_is_stored(
    database: Database, conversation: str, now: datetime
) -> None:
    take(database, conversation, "a", f"I'm {SSN}, {EMAIL}", now)
    assert inbox(database)[0].text == "I'm [ssn], [email]"


def test_a_long_message_is_cut_but_never_through_an_identifier(
    database: Database, conversation: str, now: datetime
) -> None:
    text = "a " * (MAX_TEXT // 2 - 3) + f"{SSN} " + "b " * MAX_TEXT
    take(database, conversation, "a", text, now)
    (row,) = inbox(database)
    assert len(row.text) <= MAX_TEXT
    assert "523" not in row.text
    assert row.text.startswith("a a a")


def test_a_choice_is_taken_once(database: Database, conversation: str, now: datetime) -> None:
    with database.write() as session:
        session.add(
            Choice(id="c", conversation_id=conversation, title="Yes", meaning={}, created_at=now)
        )
    for expected in (True, False):
        with database.write() as session:
            place, choice = session.get(Conversation, conversation), session.get(Choice, "c")
            row = accept_choice(session, place, key="k", choice=choice, now=now)
            assert (row is not None) is expected
    (row,) = inbox(database)
    assert (row.choice_id, row.text) == ("c", None)
    with database.read() as session:
        assert was_taken(session, "k")
        assert not was_taken(session, "other")

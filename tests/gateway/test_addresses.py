from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import select

from bot.db.models import Conversation, Person
from bot.db.session import Database
from bot.gateway.addresses import AddressBook, SlackAddress

from .places import DIRECT, TEAM

THREAD = SlackAddress(TEAM, "U0EMPLOYEE1", "C0GENERAL01", "1790000000.000100", direct=False)


def conversation(
    database: Database, addresses: AddressBook, address: SlackAddress, now: datetime
) -> str:
    with database.write() as session:
        return addresses.conversation(session, address, now).id


@pytest.mark.parametrize("address", [DIRECT, THREAD])
def test_a_conversation_is_found_again_and_leads_back(
    quick: Database, addresses: AddressBook, now: datetime, address: SlackAddress
) -> None:
    first = conversation(quick, addresses, address, now)
    assert conversation(quick, addresses, address, now) == first
    with quick.read() as session:
        assert addresses.address_of(session, first) == address
        assert addresses.known_conversation(session, address).id == first
        person = session.scalar(select(Person))
        assert addresses.slack_user(session, person.id) == "U0EMPLOYEE1"


def test_another_place_is_another_conversation_of_the_same_person(
    quick: Database, addresses: AddressBook, now: datetime
) -> None:
    places = [
        DIRECT,
        THREAD,
        replace(THREAD, thread="1790000000.000200"),
        replace(THREAD, channel="C0OTHER"),
    ]
    ids = {conversation(quick, addresses, place, now) for place in places}
    assert len(ids) == len(places)
    with quick.read() as session:
        people = {found.person_id for found in session.scalars(select(Conversation))}
    assert len(people) == 1


def test_other_people_and_teams_are_other_conversations(
    quick: Database, addresses: AddressBook, now: datetime
) -> None:
    places = [DIRECT, replace(DIRECT, user="U2"), replace(DIRECT, team="T2")]
    assert len({conversation(quick, addresses, place, now) for place in places}) == 3
    with quick.read() as session:
        assert len(session.scalars(select(Person)).all()) == 3


def test_a_place_nobody_talked_at_is_not_known(quick: Database, addresses: AddressBook) -> None:
    with quick.read() as session:
        assert addresses.known_conversation(session, THREAD) is None


def test_nothing_of_slack_stands_in_the_clear(
    quick: Database, addresses: AddressBook, now: datetime
) -> None:
    conversation(quick, addresses, THREAD, now)
    with quick.engine.connect() as connection:
        rows = str(connection.execute(select(Person)).all())
        rows += str(connection.execute(select(Conversation)).all())
    for secret in (THREAD.user, THREAD.channel, THREAD.team, THREAD.thread):
        assert secret not in rows


def test_whoever_comes_first_from_two_threads_there_is_one_conversation(
    database: Database, addresses: AddressBook, now: datetime
) -> None:
    start = threading.Barrier(3)

    def together(_: int) -> str:
        start.wait(5)
        return conversation(database, addresses, DIRECT, now)

    with ThreadPoolExecutor(3) as pool:
        assert len(set(pool.map(together, range(3)))) == 1
    with database.read() as session:
        assert len(session.scalars(select(Person)).all()) == 1


def test_others_read_along_outside_direct_messages() -> None:
    assert (DIRECT.place, THREAD.place) == ("private", "shared")

from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import Fernet

from bot.db.models import Conversation, InboxRow, OutboxRow
from bot.db.session import Database
from bot.gateway.addresses import AddressBook, SlackAddress
from bot.gateway.hidden import named_kinds, redacted_in
from bot.gateway.wording import Wording
from bot.privacy.sealing import Seal

from ..privacy.planted import PHONE, SSN
from ..records import Clock
from .places import DIRECT, TEAM
from .servers import reply
from .turn_desk import Desk

CHANNEL = SlackAddress(TEAM, DIRECT.user, "C0GENERAL01", "1.0", direct=False)
SEAL = Seal(Fernet.generate_key().decode())


def notices(desk: Desk) -> list[OutboxRow]:
    return [row for row in desk.all(OutboxRow) if row.delivery_key.startswith("hidden:")]


def ask_and_answer(desk: Desk, text: str, **more: Any) -> InboxRow:
    number = desk.ask(text, seal=SEAL, **more)
    desk.handle()
    return desk.row(number)


def test_people_are_told_once_after_the_reply(desk: Desk) -> None:
    row = ask_and_answer(desk, f"call {PHONE}, it's about Karen")
    assert row.text == "call [phone], it's about [name]"
    assert row.hidden == ["name", "phone"]
    (told,) = notices(desk)
    assert (told.kind, told.lane, told.audience) == ("notice", row.conversation_id, "both")
    assert "a phone number and a name" in told.payload["messages"][0]["text"]
    assert told.id > next(r.id for r in desk.all(OutboxRow) if r.kind == "reply")
    ask_and_answer(desk, f"my ssn is {SSN}")
    assert len(notices(desk)) == 1


def test_nothing_is_told_where_nothing_was_hidden(desk: Desk) -> None:
    assert ask_and_answer(desk, "is a crown paid?").hidden is None
    assert notices(desk) == []


def test_where_others_read_along_only_the_asker_is_told(desk: Desk) -> None:
    ask_and_answer(desk, "dental for my wife Karen?", address=CHANNEL)
    (told,) = notices(desk)
    assert told.kind == "pointer"
    assert told.payload == {"wording": "hidden_told_shared", "in_thread": True}


def test_somebody_in_danger_is_told_with_a_later_reply(desk: Desk) -> None:
    desk.assistant.answer = lambda body: reply("Call 988.", kind="crisis", decision="answer")
    ask_and_answer(desk, "I want to die, says Karen")
    assert notices(desk) == []
    desk.assistant.answer = lambda body: reply()
    ask_and_answer(desk, "is a crown paid?")
    (told,) = notices(desk)
    assert "removed a name" in told.payload["messages"][0]["text"]


def test_what_moves_to_direct_messages_is_told_of_there(desk: Desk) -> None:
    desk.assistant.answer = lambda body: reply(kind="sensitive")
    ask_and_answer(desk, "my manager Karen grabs me", address=CHANNEL)
    assert notices(desk) == []
    desk.handle()
    (told,) = notices(desk)
    moved = desk.all(InboxRow)[-1]
    assert (told.kind, told.lane) == ("notice", moved.conversation_id)
    assert moved.hidden == ["name"]


def converse(
    database: Database, addresses: AddressBook, clock: Clock, address: SlackAddress, *texts: str
) -> tuple[list[str], dict[str, Any]]:
    found = []
    for text in texts:
        with database.write() as session:
            there = addresses.conversation(session, address, clock())
            found.append(redacted_in(session, there, text, SEAL).text)
    with database.read() as session:
        return found, session.get(Conversation, there.id).placeholders


def test_placeholders_are_the_same_throughout_a_conversation(
    database: Database, addresses: AddressBook, clock: Clock
) -> None:
    texts = ("ask Karen", "no, Mike", "Karen Lee? ssn 123-45-6789", "and 123 45 6789, Mike")
    found, kept = converse(database, addresses, clock, DIRECT, *texts)
    assert found == [
        "ask [name]",
        "no, [name 2]",
        "[name]? ssn [ssn]",
        "and [ssn], [name 2]",
    ]
    prints = [word for ones in kept.values() for words in ones for word in words]
    assert len(prints) == 4
    assert {len(word) for word in prints} == {2}, "too little to tell what it was"
    assert "aren" not in str(kept)
    elsewhere, other = converse(database, addresses, clock, CHANNEL, "Mike said")
    assert elsewhere == ["[name] said"]
    assert other != kept


@pytest.mark.parametrize(
    ("kinds", "words"),
    [
        (["name"], "a name"),
        (["name", "ssn"], "a social security number and a name"),
        (["name", "ssn", "zip", "ip"], "a social security number, a network address, a ZIP code"),
    ],
)
def test_what_was_hidden_is_named(wording: Wording, kinds: list[str], words: str) -> None:
    assert named_kinds(kinds, wording).startswith(words)

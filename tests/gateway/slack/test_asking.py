from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bot.db.models import CasePlace, Choice, Conversation, InboxRow, OutboxRow
from bot.db.session import Database
from bot.desk.cases import open_case
from bot.faq.book import load_book
from bot.gateway.addresses import AddressBook
from bot.gateway.prompts import Prompts, load_prompts
from bot.gateway.slack.asking import Asking
from bot.gateway.slack.case_mail import CaseMail
from bot.gateway.wording import Wording
from bot.privacy.sealing import Seal
from bot.settings import ROOT

from ...privacy.planted import PHONE, SSN
from ...records import Clock
from ..places import DIRECT
from .conftest import ROUTING

CLICK = (DIRECT.user, "trigger-1")


@pytest.fixture(scope="module")
def prompts() -> Prompts:
    return load_prompts(ROOT / "data", load_book(ROOT / "data", ROOT / "domain.yml"))


class Asked:
    """What has been asked, and what the bot says by itself."""

    def __init__(self, asking: Asking) -> None:
        self.asking = asking

    def rows(self, model: type[Any]) -> list[Any]:
        with self.asking.database.read() as session:
            return list(session.scalars(select(model)))

    def click(self, title: str) -> None:
        choice = next(c for c in self.rows(Choice) if c.title == title)
        own = {"ask": self.asking.ask_picked, "dismiss": self.asking.dismiss_picked}
        with self.asking.database.write() as session:
            place = session.get(Conversation, choice.conversation_id)
            own[choice.meaning["gateway"]](session, place, choice.meaning)

    def said(self) -> list[tuple[str, list[str]]]:
        messages = [row.payload["messages"][0] for row in self.rows(OutboxRow)]
        return [(m["text"], [b["title"] for b in m["buttons"]]) for m in messages]


@pytest.fixture
def asked(
    quick: Database,
    seal: Seal,
    addresses: AddressBook,
    prompts: Prompts,
    wording: Wording,
    clock: Clock,
) -> Asked:
    nothing = lambda: None  # noqa: E731
    mail = CaseMail(seal, addresses, wording, ROUTING)
    return Asked(Asking(quick, seal, addresses, prompts, wording, mail, clock, nothing, nothing))


def test_a_typed_question_is_taken_once_and_will_be_quoted(asked: Asked) -> None:
    for _ in range(2):
        asked.asking.ask(DIRECT, CLICK, f"I'm {SSN}, when is payday?")
    (row,) = asked.rows(InboxRow)
    assert (row.text, row.is_quoted) == ("I'm [ssn], when is payday?", True)


@pytest.mark.parametrize("by", ["typing", "choosing"])
def test_who_asks_something_else_no_longer_replies_to_hr(asked: Asked, by: str) -> None:
    asking = asked.asking
    with asking.database.write() as session:
        conversation = asking.addresses.conversation(session, DIRECT, asking.clock())
        case = open_case(
            session,
            turn_id="turn:1",
            conversation_id=conversation.id,
            question="Is a crown paid?",
            topic=None,
            routing=ROUTING,
            now=asking.clock(),
        )
        key = asking.addresses.place_key(DIRECT.user, DIRECT.channel, DIRECT.thread)
        session.add(CasePlace(key=key, case_id=case.id, once=True))
    if by == "typing":
        asking.ask(DIRECT, CLICK, "When is payday?")
    else:
        asking.choose(DIRECT, CLICK, "Details", {"intent": "program_details"})
    assert asked.rows(CasePlace) == []


def test_a_button_of_the_home_tab_is_taken_once(asked: Asked) -> None:
    meaning = {"intent": "program_details", "entities": {"program": "tuition-assistance"}}
    for _ in range(2):
        asked.asking.choose(DIRECT, CLICK, "Details", meaning)
    ((row,), (choice,)) = (asked.rows(InboxRow), asked.rows(Choice))
    assert (row.choice_id, choice.meaning) == (choice.id, meaning)


@pytest.mark.parametrize(
    ("category", "is_outsider", "said", "audience"),
    [("pay", False, "about pay?", "employee"), ("careers", True, "about jobs here?", "candidate")],
)
def test_a_category_offers_its_topics(
    asked: Asked, category: str, is_outsider: bool, said: str, audience: str
) -> None:
    for _ in range(2):
        asked.asking.offer_topics(DIRECT, CLICK, category, is_outsider=is_outsider)
    ((text, titles),) = asked.said()
    assert said in text
    assert 3 <= len(titles) <= 5
    assert asked.rows(OutboxRow)[0].audience == audience


@pytest.mark.parametrize("category", ["pay", "none"])
def test_what_an_outsider_may_not_see_is_not_offered(asked: Asked, category: str) -> None:
    asked.asking.offer_topics(DIRECT, CLICK, category, is_outsider=True)
    assert asked.said() == []


def test_a_picked_message_is_shown_redacted_and_asked_once(asked: Asked) -> None:
    for _ in range(2):
        asked.asking.preview(DIRECT, CLICK, f"dental?\ncall {PHONE}")
    ((text, titles),) = asked.said()
    assert text.endswith("> dental?\n> call [phone]")
    assert titles == ["Ask this", "No, thanks"]
    assert asked.rows(InboxRow) == []
    for _ in range(2):
        asked.click("Ask this")
    (row,) = asked.rows(InboxRow)
    assert (row.text, row.is_quoted) == ("dental?\ncall [phone]", False)


def test_a_picked_message_can_be_let_go(asked: Asked) -> None:
    asked.asking.preview(DIRECT, CLICK, "dental?")
    asked.click("No, thanks")
    assert "haven't asked anything" in asked.said()[-1][0]
    assert asked.rows(InboxRow) == []

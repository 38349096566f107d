"""While the assistant is away a draft opens, but nothing goes live unchecked."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from bot.db.session import Database
from bot.desk.promotions import Draft
from bot.desk.routing import Queue, Routing
from bot.faq.book import AnswerBook, Variant
from bot.faq.live import LiveBook
from bot.gateway.addresses import AddressBook
from bot.gateway.assistant_client import AssistantClient
from bot.gateway.promoting import AssistantAwayError, Promoting
from bot.gateway.slack.suggestions import Suggestions
from bot.gateway.wording import Wording

from ..desk.made import case
from ..records import Clock
from .servers import TOKEN, AssistantDouble

META = {"audience": "employee", "title": "Payday", "owner": "Payroll", "link": "https://x.example"}
BOOK = AnswerBook({"utter_pay/payday": (Variant("On Friday.", "employee", META),)})
ROUTING = Routing({"default": Queue("default", "HR", "C0HR", None, (), (), ("employee",))})
DRAFT = Draft(
    "pay/cars", "Cars", "employee", "Eight.", "HR", "https://x.example", date(2027, 1, 1), ("cars",)
)


@pytest.fixture
def make(quick: Database, addresses: AddressBook, wording: Wording, clock: Clock):
    def made(url: str) -> Promoting:
        return Promoting(
            database=quick,
            assistant=AssistantClient([url], TOKEN),
            live=LiveBook(BOOK, quick),
            company={},
            suggestions=Suggestions(quick, BOOK, {}),
            routing=ROUTING,
            addresses=addresses,
            wording=wording,
            clock=clock,
            on_outbox=lambda: None,
        )

    return made


def run(promoting: Promoting, work):
    async def until_closed():
        try:
            return await work
        finally:
            await promoting.assistant.close()

    return asyncio.run(until_closed())


def asked(**more):
    return case(audience="employee", topic=None, **{"question": "Is Dr. Whitfield paid?", **more})


def test_a_draft_opens_without_the_assistant(make) -> None:
    promoting = make("http://127.0.0.1:1")
    filled, near = run(promoting, promoting.filled_for(asked(), "Yes."))
    assert (near, filled.topic, filled.answer) == ([], None, "Yes.")
    assert "Whitfield" not in filled.phrasings[0]


def test_nothing_is_taken_unchecked(make) -> None:
    promoting = make("http://127.0.0.1:1")
    with pytest.raises(AssistantAwayError):
        run(promoting, promoting.faults(DRAFT))


def test_what_is_near_fills_in_owner_and_link(make, assistant: AssistantDouble) -> None:
    near = {"topic": "pay/payday", "title": "Payday", "question": "when do we get paid"}
    assistant.tells = {"near": {"near": [near]}}
    promoting = make(assistant.url)
    filled, found = run(promoting, promoting.filled_for(asked(), "Yes."))
    assert [one.title for one in found] == ["Payday"]
    assert (filled.owner, filled.link, filled.category) == ("Payroll", "https://x.example", "pay")
    assert filled.topic is None, "only what the case is about is chosen already"
    assert f"{filled.review_by:%Y}" == "2027"


@pytest.mark.parametrize(
    ("missed", "part"),
    [
        ({"kind": "crisis", "title": "x"}, "danger"),
        ({"kind": "sensitive", "title": None}, "sensitive"),
        ({"kind": "faq", "title": "Payday"}, "is answered with “Payday”"),
        ({"kind": "faq", "title": None}, "would not be recognised"),
    ],
)
def test_why_a_question_is_not_found_is_said(
    make, assistant: AssistantDouble, missed: dict, part: str
) -> None:
    assistant.tells = {"check": {"stolen": [], "missed": [{"question": "cars", **missed}]}}
    promoting = make(assistant.url)
    assert part in run(promoting, promoting.faults(DRAFT))["questions"]

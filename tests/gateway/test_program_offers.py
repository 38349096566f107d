"""With an answer about one program comes what belongs to it, and never where it would disturb."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from bot.db.models import Conversation
from bot.db.session import Database
from bot.gateway.addresses import AddressBook
from bot.gateway.program_offers import ProgramOffers
from bot.gateway.wording import Wording
from bot.programs import reminders
from bot.programs.catalogue import import_programs
from bot.settings import ROOT

from .places import DIRECT
from .servers import reply

NOW = datetime(2026, 11, 26, 15, 0, tzinfo=timezone.utc)
TOLD = {"audience": "employee", "is_answer": True, "programs": ["tuition-assistance"]}
REMIND = {
    "gateway": "remind",
    "program": "tuition-assistance",
    "window": "Spring term 2027",
    "stage": "closes",
}


class Offered:
    def __init__(self, database: Database, addresses: AddressBook, wording: Wording) -> None:
        self.database, self.offers = database, ProgramOffers(wording, addresses)
        with database.write() as session:
            import_programs(session, ROOT / "data" / "programs.yml")
            self.conversation = addresses.conversation(session, DIRECT, NOW).id
            self.web = addresses.begin_web(session, NOW).id

    def buttons(
        self,
        about: dict[str, Any] = TOLD,
        *,
        own: int = 0,
        reader: str = "employee",
        conversation: str | None = None,
        **more: Any,
    ) -> list[dict[str, Any]]:
        """Return the meanings of what is offered with a reply that has its own buttons."""
        mine = [{"title": "B", "meaning": {"intent": "x"}}] * own
        said = [{"text": "Pays for school.", "metadata": about, "buttons": mine}]
        told = reply(**{"messages": said, "kind": "program", "topic": None, **more})
        with self.database.write() as session:
            found = session.get(Conversation, conversation or self.conversation)
            found.audience = reader
            (message,) = self.offers.added_to(session, found, told, NOW)["messages"]
        return [button["meaning"] for button in message["buttons"][own:]]


@pytest.fixture
def offered(quick: Database, addresses: AddressBook, wording: Wording) -> Offered:
    return Offered(quick, addresses, wording)


def test_a_program_with_a_day_ahead_comes_with_a_reminder(offered: Offered) -> None:
    assert offered.buttons() == [REMIND]
    assert offered.buttons(own=2) == [REMIND]
    assert offered.buttons(own=3) == [], "then there would be no room to ask whether it helped"


def test_so_does_an_answer_about_a_topic_with_one_program(offered: Offered) -> None:
    faq = {"audience": "employee", "source": "Guide"}
    topic = {"kind": "faq", "topic": "development/tuition_assistance"}
    assert offered.buttons(faq, **topic) == [REMIND]
    assert offered.buttons(faq, kind="faq", topic="pay/payday") == []


@pytest.mark.parametrize(
    ("about", "more"),
    [
        (TOLD, {"kind": "sensitive"}),
        (TOLD, {"kind": "crisis"}),
        (TOLD, {"decision": "clarify"}),
        (TOLD, {"decision": "handover"}),
        (TOLD, {"reader": "candidate"}),
        (TOLD, {"topics": ["a/b", "c/d"]}),
        ({**TOLD, "programs": []}, {}),
        ({**TOLD, "programs": ["tuition-assistance", "loan-repayment"]}, {}),
        ({**TOLD, "is_answer": False}, {}),
        ({**TOLD, "programs": ["gone"]}, {}),
    ],
)
def test_what_is_sensitive_unsure_or_for_others_comes_alone(
    offered: Offered, about: dict[str, Any], more: dict[str, Any]
) -> None:
    assert offered.buttons(about, **more) == []


def test_whoever_has_asked_for_it_is_not_offered_it_again(offered: Offered) -> None:
    with offered.database.write() as session:
        day = reminders.day_of(session, *(REMIND[k] for k in ("program", "window", "stage")))
        person = session.get(Conversation, offered.conversation).person_id
        reminder = reminders.ask(session, person, day, NOW)
        assert reminders.waiting_of(session, person)
    assert offered.buttons() == []
    with offered.database.write() as session:
        assert reminders.cancel(session, person, reminder.id, NOW)
    assert offered.buttons() == [REMIND]

"""Questions from channels, guests and shared channels: who gets to see what, and where."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bot.db.models import Choice, Conversation, InboxRow, TurnLog
from bot.gateway.addresses import SlackAddress
from bot.gateway.inbox import accept_choice
from bot.gateway.outbox import RefusedError, TryLaterError

from .places import DIRECT
from .servers import reply
from .turn_desk import HOLDING, Desk

CHANNEL = SlackAddress(DIRECT.team, DIRECT.user, "C0GENERAL01", "1790000000.000100", direct=False)


def test_what_is_private_goes_on_in_direct_messages(desk: Desk) -> None:
    number = desk.ask("my balance?", address=CHANNEL)
    desk.assistant.answer = lambda body: reply(kind="sensitive")
    desk.handle()
    assert desk.row(number).status == "moved"
    assert desk.leaving() == []
    assert desk.all(TurnLog) == []
    (pointer,) = desk.leaving("pointer")
    assert pointer.conversation_id == desk.row(number).conversation_id
    assert pointer.payload == {"wording": "pointer", "in_thread": False}
    desk.handle()
    (sent,) = desk.leaving()
    assert sent.conversation_id != pointer.conversation_id
    assert desk.said() == "> my balance?\nHalf of it."
    assert desk.assistant.received[-1]["place"] == "private"
    assert len(desk.all(TurnLog)) == 1


def test_in_a_thread_with_answers_the_pointer_is_in_the_thread(desk: Desk) -> None:
    desk.ask(address=CHANNEL)
    desk.handle()
    assert desk.said() == "Half of it."
    desk.assistant.answer = lambda body: reply(topic="benefits/fsa")
    desk.ask("and the other one?", address=CHANNEL)
    desk.handle()
    (pointer,) = desk.leaving("pointer")
    assert pointer.payload["in_thread"] is True


def test_a_button_in_a_channel_that_leads_to_something_private(desk: Desk) -> None:
    with desk.database.write() as session:
        place = desk._addresses.conversation(session, CHANNEL, desk.clock())
        meaning = {"intent": "benefits/fsa", "entities": {"turn": "turn:1", "program": "p"}}
        choice = Choice(
            id="choice:1",
            conversation_id=place.id,
            title="FSA",
            meaning=meaning,
            created_at=desk.clock(),
        )
        session.add(choice)
        session.flush()
        accept_choice(session, place, key="c", choice=choice, now=desk.clock())
    desk.assistant.answer = lambda body: reply(topic="benefits/fsa")
    desk.handle()
    desk.handle()
    assert desk.said() == "Half of it."
    moved = next(c for c in desk.all(Choice) if c.id == desk.assistant.received[-1]["choice"])
    assert moved.meaning == {"intent": "benefits/fsa", "entities": {"program": "p"}}


def test_a_day_picked_in_a_channel_goes_along(desk: Desk) -> None:
    meaning = {"intent": "am_i_eligible", "entities": {"fact": "hire_date"}, "date": "value"}
    number = desk.click(meaning, day=date(2024, 3, 15), address=CHANNEL)
    desk.assistant.answer = lambda body: reply(topic="benefits/fsa")
    desk.handle()
    assert desk.row(number).chosen_date is None
    desk.handle()
    assert desk.said() == "Half of it."
    assert [body["date"] for body in desk.assistant.received] == ["2024-03-15"] * 2


def test_without_direct_messages_the_asker_is_asked_to_write(desk: Desk) -> None:
    desk.people.trouble = RefusedError("cannot_dm_bot")
    desk.assistant.answer = lambda body: reply(kind="sensitive")
    number = desk.ask(address=CHANNEL)
    desk.handle()
    assert desk.row(number).status == "moved"
    assert desk.leaving("pointer")[0].payload["wording"] == "pointer_write_me"
    assert len(desk.all(InboxRow)) == 1


def test_while_slack_is_away_the_question_waits(desk: Desk) -> None:
    desk.people.trouble = TryLaterError("ratelimited")
    desk.assistant.answer = lambda body: reply(kind="sensitive")
    number = desk.ask(address=CHANNEL)
    desk.handle()
    assert desk.row(number).status == "pending"
    desk.people.trouble = None
    desk.clock.now = desk.row(number).due_at
    desk.handle()
    assert desk.row(number).status == "moved"


def test_danger_in_a_channel_is_not_even_named_there(desk: Desk) -> None:
    number = desk.ask("i want to kill myself", address=CHANNEL)
    desk.clock.advance(HOLDING)
    desk.hold()
    desk.handle()
    assert desk.row(number).status == "moved"
    assert desk.assistant.received == []
    (held,) = desk.leaving("holding")
    assert "988" not in str(held.payload)
    assert held.status == "cancelled"


# Guests and shared channels


def test_a_guest_is_a_candidate_with_no_way_to_hr(desk: Desk) -> None:
    desk.people.is_guest = True
    buttons = [
        {"title": "Ask a person", "meaning": {"intent": "handover"}},
        {"title": "Jobs", "meaning": {"intent": "careers/job_search"}},
    ]
    told = {"text": "Public.", "buttons": buttons, "metadata": {"audience": "both"}}
    desk.assistant.answer = lambda body: reply(messages=[told])
    desk.ask()
    desk.handle()
    (asked,) = desk.assistant.received
    assert (asked["audience"], asked["is_outside"]) == ("candidate", True)
    (sent,) = desk.leaving()
    assert [b["title"] for b in sent.payload["messages"][0]["buttons"]] == ["Jobs"]


@pytest.mark.parametrize(
    ("decision", "metadata"),
    [
        ("handover", {"audience": "both"}),
        ("answer", {"audience": "both", "refused": "handover"}),
    ],
)
def test_what_would_go_to_hr_is_kindly_declined(
    desk: Desk, decision: str, metadata: dict[str, Any]
) -> None:
    desk.people.is_guest = True
    told = {"text": "Shall I send it?", "buttons": [], "metadata": metadata}
    desk.assistant.answer = lambda body: reply(messages=[told], decision=decision)
    desk.ask()
    desk.handle()
    assert "can't pass anything on to HR" in desk.said()
    assert "{" not in desk.said()


def test_a_guest_gets_an_apology_without_an_offer(desk: Desk) -> None:
    desk.people.is_guest = True
    desk.assistant.answer = lambda body: (503, {})
    number = desk.ask()
    desk.past_the_deadline(number)
    assert "something went wrong" in desk.said()
    assert desk.all(Choice) == []


def test_whoever_becomes_an_employee_is_one(desk: Desk) -> None:
    for guest, audience in ((True, "candidate"), (False, "employee")):
        desk.people.is_guest = guest
        desk.assistant.answer = lambda body: reply(audience="both")
        desk.ask()
        desk.handle()
        assert desk.all(Conversation)[0].audience == audience


def test_an_employee_in_a_shared_channel_gets_the_rest_in_private(desk: Desk) -> None:
    desk.assistant.answer = lambda body: reply(audience="both", decision="handover")
    number = desk.ask(address=CHANNEL)
    with desk.database.write() as session:
        session.get(Conversation, desk.row(number).conversation_id).is_ext_shared = True
    desk.handle()
    assert desk.assistant.received[0]["audience"] == "candidate"
    assert desk.row(number).status == "moved"
    desk.handle()
    assert desk.assistant.received[1]["audience"] == "employee"

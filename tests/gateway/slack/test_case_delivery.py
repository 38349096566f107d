from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from sqlalchemy import select

from bot.db.models import Case, OutboxRow
from bot.desk import asking, cases, work
from bot.desk.cases import Actor
from bot.gateway.addresses import SlackAddress
from bot.sandbox.app import SandboxServer
from bot.sandbox.model import Message
from bot.sandbox.seed import GENERAL, HR_CHANNEL, SAM

from ...records import Clock
from ..places import DIRECT, TEAM
from .conftest import ROUTING, Delivery

SAID = [{"text": "**Half** of it.", "metadata": {"audience": "both", "source": "Guide"}}]


def shown(message: Message) -> str:
    return f"{message.text} {message.blocks}"


def in_thread(sandbox: SandboxServer) -> SlackAddress:
    asked = sandbox.say("is a crown paid?", channel=GENERAL)
    return SlackAddress(TEAM, DIRECT.user, GENERAL, asked.ts, direct=False)


@pytest.fixture(autouse=True)
def _real_time(clock: Clock) -> None:
    # The double stamps messages with the real time, and we look for them by it.
    clock.now = datetime.now(timezone.utc)


def open_case(delivery: Delivery, address: SlackAddress = DIRECT, **more: Any) -> int:
    conversation = delivery.conversation(address)
    with delivery.database.write() as session:
        return cases.open_case(
            session,
            turn_id=f"turn:{address.channel}",
            conversation_id=conversation,
            question="Is a crown paid? <!channel>",
            topic="benefits/dental",
            routing=ROUTING,
            now=delivery.clock(),
            **more,
        ).id


def change(delivery: Delivery, step: Callable[..., Case], number: int, *more: Any) -> None:
    with delivery.database.write() as session:
        actor = Actor("hr", delivery.addresses.person(session, TEAM, SAM, delivery.clock()).id)
        if step in (asking.reopen, asking.confirm_helpful):
            actor = Actor("asker", session.get(Case, number).person_id)
        named = {"routing": ROUTING} if step is asking.reopen else {}
        step(session, number, actor, *more, delivery.clock(), **named)
        for row in session.scalars(select(OutboxRow).where(OutboxRow.kind == "tracker_events")):
            row.status = "sent"


def cards(sandbox: SandboxServer) -> list[Message]:
    return [m for m in sandbox.workspace.from_bot(HR_CHANNEL) if m.thread_ts in (None, m.ts)]


def test_a_card_is_posted_once_and_then_kept_up_to_date(
    sandbox: SandboxServer, delivery: Delivery
) -> None:
    number = open_case(delivery)
    delivery.all_that_is_due()
    (card,) = cards(sandbox)
    assert "Open" in shown(card)
    assert f"<@{DIRECT.user}>" in shown(card)
    assert "Dental" in shown(card)
    assert "<!channel>" not in shown(card)
    change(delivery, work.claim, number)
    delivery.all_that_is_due()
    (card,) = cards(sandbox)
    assert f"claimed by <@{SAM}>" in shown(card)


@pytest.mark.parametrize("fault", ["cut", "server_error"])
def test_a_card_whose_posting_broke_off_is_not_posted_twice(
    sandbox: SandboxServer, delivery: Delivery, fault: str
) -> None:
    number = open_case(delivery)
    change(delivery, work.claim, number)
    getattr(sandbox.faults, fault)("chat.postMessage")
    for _ in range(4):
        delivery.attempt()
        delivery.clock.advance(2)
    (card,) = cards(sandbox)
    assert "claimed by" in shown(card)
    with delivery.database.read() as session:
        case = session.get(Case, number)
    assert (case.card_channel, case.card_ts) == (HR_CHANNEL, card.ts)


def test_a_card_of_a_queue_that_was_removed_goes_to_the_default_one(
    sandbox: SandboxServer, delivery: Delivery
) -> None:
    number = open_case(delivery)
    with delivery.database.write() as session:
        session.get(Case, number).queue = "closed last year"
    delivery.all_that_is_due()
    assert len(cards(sandbox)) == 1


def test_only_a_question_from_a_channel_has_a_link(
    sandbox: SandboxServer, delivery: Delivery
) -> None:
    open_case(delivery)
    delivery.all_that_is_due()
    assert "Open the thread" not in shown(cards(sandbox)[0])
    open_case(delivery, in_thread(sandbox))
    delivery.all_that_is_due()
    assert "Open the thread" in shown(cards(sandbox)[1])


def test_an_answer_reaches_the_asker_word_for_word(
    sandbox: SandboxServer, delivery: Delivery
) -> None:
    number = open_case(delivery)
    change(delivery, work.answer, number, "Half of it: **up to** $1,500, call 515-555-0123.")
    delivery.all_that_is_due()
    (answer,) = sandbox.messages()
    assert "Half of it: **up to** $1,500, call 515-555-0123." in shown(answer)
    assert f"HR-{1000 + number}" in shown(answer)
    assert [e["action_id"] for e in answer.blocks[-1]["elements"]] == [
        "case_helpful",
        "case_reopen",
    ]


@pytest.mark.parametrize("answer_here", [False, True])
def test_an_answer_to_a_question_from_a_channel(
    sandbox: SandboxServer, delivery: Delivery, answer_here: bool
) -> None:
    address = in_thread(sandbox)
    number = open_case(delivery, address, answer_here=answer_here)
    change(delivery, work.answer, number, "Half of it.")
    delivery.all_that_is_due()
    in_private = [m for m in sandbox.messages() if "Half of it." in shown(m)]
    in_public = sandbox.workspace.replies(GENERAL, address.thread)
    assert len(in_private) == (0 if answer_here else 1)
    assert len(in_public) == (1 if answer_here else 0)


def test_an_answer_whose_blocks_are_refused_still_arrives(
    sandbox: SandboxServer, delivery: Delivery
) -> None:
    number = open_case(delivery)
    delivery.all_that_is_due()
    change(delivery, work.answer, number, "Half of it.")
    sandbox.faults.error("chat.postMessage", "invalid_blocks")
    delivery.all_that_is_due()
    (answer,) = sandbox.messages()
    assert answer.blocks == []
    assert answer.text.endswith("\n\nHalf of it.")


def test_a_closing_without_an_answer_is_told(sandbox: SandboxServer, delivery: Delivery) -> None:
    number = open_case(delivery)
    change(delivery, work.resolve, number)
    delivery.all_that_is_due()
    (told,) = sandbox.messages()
    assert "closed" in told.text
    assert "Resolved" in shown(cards(sandbox)[0])


def test_hr_hears_in_the_channel_that_an_answer_did_not_help(
    sandbox: SandboxServer, delivery: Delivery
) -> None:
    number = open_case(delivery)
    change(delivery, work.answer, number, "Half of it.")
    change(delivery, asking.reopen, number)
    delivery.all_that_is_due()
    (card,) = cards(sandbox)
    (told,) = sandbox.workspace.replies(HR_CHANNEL, card.ts)
    assert told.reply_broadcast
    assert "open again" in told.text

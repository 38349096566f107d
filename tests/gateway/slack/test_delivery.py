from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone

import pytest

from bot.db.models import OutboxRow
from bot.gateway.addresses import SlackAddress
from bot.gateway.outbox import MAX_REFUSALS
from bot.sandbox.app import SandboxServer
from bot.sandbox.model import Message
from bot.sandbox.seed import GENERAL

from ...records import Clock
from ..places import DIRECT, TEAM
from .conftest import Delivery

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


# Replies


def test_a_reply_goes_where_it_was_asked(sandbox: SandboxServer, delivery: Delivery) -> None:
    address = in_thread(sandbox)
    delivery.put(SAID)
    delivery.put(SAID, address)
    assert [row.status for row in delivery.attempt()] == ["sent", "sent"]
    (direct,) = sandbox.messages()
    assert "*Half* of it." in shown(direct)
    assert "Guide" in shown(direct)
    (reply,) = sandbox.workspace.replies(GENERAL, address.thread)
    assert "*Half* of it." in shown(reply)


def test_a_reply_waits_as_long_as_slack_says(sandbox: SandboxServer, delivery: Delivery) -> None:
    number = delivery.put(SAID)
    sandbox.faults.rate_limit("chat.postMessage", retry_after=7)
    began = delivery.clock()
    (row,) = delivery.attempt()
    assert (row.due_at - began).total_seconds() == 7
    delivery.clock.advance(6.9)
    assert delivery.attempt() == []
    assert delivery.attempt_when_due(number).status == "sent"
    assert len(sandbox.messages()) == 1
    assert sandbox.calls("conversations.history") == []


def do_nothing(sandbox: SandboxServer) -> None:
    """Nothing but the one fault happens."""


def fail_looking(sandbox: SandboxServer) -> None:
    sandbox.faults.server_error("conversations.history", times=9)


@pytest.mark.parametrize("trouble", [do_nothing, fail_looking])
@pytest.mark.parametrize("fault", ["cut", "server_error"])
def test_whatever_goes_wrong_a_reply_arrives_once(
    sandbox: SandboxServer,
    delivery: Delivery,
    fault: str,
    trouble: Callable[[SandboxServer], None],
) -> None:
    number = delivery.put(SAID)
    getattr(sandbox.faults, fault)("chat.postMessage")
    trouble(sandbox)
    for _ in range(12):
        if delivery.attempt_when_due(number).status == "sent":
            break
    assert delivery.row(number).status == "sent"
    assert len(sandbox.messages()) == 1
    assert sandbox.calls("conversations.history")


def test_refused_blocks_become_plain_text(sandbox: SandboxServer, delivery: Delivery) -> None:
    number = delivery.put(SAID)
    sandbox.faults.error("chat.postMessage", "invalid_blocks")
    delivery.attempt()
    (message,) = sandbox.messages()
    assert (message.text, message.blocks) == ("Half of it.\n\nSource: Guide.", [])
    assert delivery.row(number).status == "sent"


def test_after_eight_refusals_it_is_put_aside(sandbox: SandboxServer, delivery: Delivery) -> None:
    number = delivery.put(SAID)
    sandbox.faults.error("chat.postMessage", "channel_not_found", times=MAX_REFUSALS)
    for _ in range(MAX_REFUSALS):
        row = delivery.attempt_when_due(number)
    assert (row.status, row.last_error) == ("dead", "channel_not_found")
    assert sandbox.messages() == []
    assert len(sandbox.calls("chat.postMessage")) == MAX_REFUSALS


def test_no_answer_leaves_to_whom_it_isnt_for(sandbox: SandboxServer, delivery: Delivery) -> None:
    number = delivery.put(SAID)
    with delivery.database.write() as session:
        session.get(OutboxRow, number).audience = None
    (row,) = delivery.attempt()
    assert (row.status, row.last_error) == ("dead", "no_audience")
    assert sandbox.messages() == []

from __future__ import annotations

from bot.db.models import OutboxRow
from bot.db.queues import enqueue
from bot.gateway.addresses import SlackAddress
from bot.sandbox.app import SandboxServer
from bot.sandbox.seed import GENERAL, HR_CHANNEL, ROBIN, SAM

from ..places import DIRECT, TEAM
from .conftest import Delivery


def point(delivery: Delivery, channel: str, *, in_thread: bool, thread: str) -> OutboxRow:
    address = SlackAddress(TEAM, DIRECT.user, channel, thread, direct=False)
    conversation = delivery.conversation(address)
    with delivery.database.write() as session:
        enqueue(
            session,
            delivery_key="pointer:turn:1",
            kind="pointer",
            lane=conversation,
            payload={"wording": "pointer", "in_thread": in_thread},
            audience="both",
            conversation_id=conversation,
            now=delivery.clock(),
        )
    (row,) = delivery.attempt()
    return row


def shown(sandbox: SandboxServer, user: str) -> list[str]:
    return [m.text for m in sandbox.messages(GENERAL, user=user) if m.is_ephemeral]


def test_only_the_asker_sees_where_the_answer_is(
    sandbox: SandboxServer, delivery: Delivery
) -> None:
    said = sandbox.say("my balance?", channel=GENERAL)
    assert point(delivery, GENERAL, in_thread=False, thread=said.ts).status == "sent"
    (text,) = shown(sandbox, ROBIN)
    assert "direct messages" in text
    assert shown(sandbox, SAM) == []


def test_in_a_thread_it_is_in_the_thread(sandbox: SandboxServer, delivery: Delivery) -> None:
    said = sandbox.say("hello", channel=GENERAL)
    sandbox.say("my balance?", channel=GENERAL, thread_ts=said.ts)
    point(delivery, GENERAL, in_thread=True, thread=said.ts)
    (pointer,) = sandbox.workspace.ephemerals(ROBIN)
    assert pointer.thread_ts == said.ts


def test_if_the_asker_cannot_see_it_nobody_does(sandbox: SandboxServer, delivery: Delivery) -> None:
    row = point(delivery, HR_CHANNEL, in_thread=False, thread="1790000000.000100")
    assert row.status == "sent"
    assert sandbox.workspace.ephemerals() == []
    assert sandbox.workspace.from_bot(HR_CHANNEL) == []


def test_a_refusal_for_now_is_tried_again_and_an_unknown_outcome_is_not(
    sandbox: SandboxServer, delivery: Delivery
) -> None:
    said = sandbox.say("my balance?", channel=GENERAL)
    sandbox.faults.rate_limit("chat.postEphemeral")
    row = point(delivery, GENERAL, in_thread=False, thread=said.ts)
    assert row.status == "pending"
    sandbox.faults.cut("chat.postEphemeral")
    assert delivery.attempt_when_due(row.id).status == "pending"
    assert delivery.attempt_when_due(row.id).status == "sent"
    assert len(shown(sandbox, ROBIN)) == 1

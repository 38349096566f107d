from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from bot.db.models import Conversation
from bot.db.session import Database
from bot.gateway.slack.client import Slack
from bot.gateway.slack.listeners.messages import MessageListener
from bot.gateway.wording import Wording
from bot.privacy.sealing import Seal
from bot.sandbox.app import SandboxServer
from bot.sandbox.seed import GENERAL, PARTNERS, ROBIN

from ...records import Clock
from ..places import TEAM
from .test_intake import Woken, new_intake


@pytest.mark.parametrize(
    ("channel", "told", "trouble", "is_shared"),
    [
        (GENERAL, True, False, True),
        (PARTNERS, False, False, False),
        (GENERAL, None, False, False),
        (PARTNERS, None, False, True),
        (GENERAL, None, True, True),
    ],
)
def test_who_reads_a_channel_is_told_by_the_event_or_else_looked_up(
    sandbox: SandboxServer,
    slack: Slack,
    quick: Database,
    seal: Seal,
    wording: Wording,
    clock: Clock,
    channel: str,
    told: bool | None,
    trouble: bool,
    is_shared: bool,
) -> None:
    listener = MessageListener(new_intake(quick, seal, wording, clock, Woken()), slack)
    if trouble:
        sandbox.faults.rate_limit("conversations.info")
    event = {"user": ROBIN, "text": "payday?", "ts": "1790000000.000100", "channel": channel}
    body = {"team_id": TEAM, **({} if told is None else {"is_ext_shared_channel": told})}
    asyncio.run(listener.on_mention(event, body))
    with quick.read() as session:
        assert session.scalar(select(Conversation.is_ext_shared)) is is_shared

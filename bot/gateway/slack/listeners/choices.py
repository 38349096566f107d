"""Clicks on the buttons and days picked below an answer.

Each carries an id that the gateway issued to this conversation.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.gateway.slack.intake import Intake
from bot.gateway.slack.messages import CHOICE, DATE
from bot.gateway.slack.whisper import whisper

OnCase = Callable[[dict[str, Any], AsyncRespond, str, int], Awaitable[None]]


class ChoiceListener:
    """Takes in what people choose."""

    def __init__(self, intake: Intake, on_case: OnCase) -> None:
        self._intake = intake
        self._on_case = on_case

    def register(self, app: AsyncApp) -> None:
        """Listen for choices."""
        app.action(re.compile(rf"^{CHOICE}:\d+$"))(self.on_choice)
        app.action(re.compile(rf"^{DATE}:.+$"))(self.on_date)

    async def on_choice(
        self, ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], respond: AsyncRespond
    ) -> None:
        """Take a click in, then acknowledge it."""
        about_case = await asyncio.to_thread(self._intake.case_choice, action["value"])
        if about_case is not None:
            await ack()
            await self._on_case(body, respond, *about_case)
            return
        await self._take(body, action, respond, action["value"])
        await ack()

    async def on_date(
        self, ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], respond: AsyncRespond
    ) -> None:
        """Take a picked day in, then acknowledge it; a day that was cleared says nothing."""
        picked = action.get("selected_date")
        if picked:
            choice_id = action["action_id"].partition(":")[2]
            await self._take(body, action, respond, choice_id, picked)
        await ack()

    async def _take(
        self,
        body: dict[str, Any],
        action: dict[str, Any],
        respond: AsyncRespond,
        choice_id: str,
        picked: str | None = None,
    ) -> None:
        team, user = sender_of(body)
        interaction = (user, body.get("trigger_id") or action["action_ts"])
        trouble = await asyncio.to_thread(
            self._intake.choice, team, user, interaction, choice_id, picked
        )
        if trouble:
            await whisper(respond, trouble)


def sender_of(body: dict[str, Any]) -> tuple[str, str]:
    """Return the team and the user of an interaction."""
    user = body["user"]
    return (body.get("team") or {}).get("id") or user.get("team_id") or "", user["id"]

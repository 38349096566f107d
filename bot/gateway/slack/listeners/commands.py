"""The command /hr: a question from anywhere, answered in direct messages."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.desk.mrkdwn import from_slack
from bot.gateway.outbox import RefusedError, TryLaterError
from bot.gateway.slack.asking import Asking
from bot.gateway.slack.listeners.tell_hr import TellHRListener
from bot.gateway.slack.people import People
from bot.gateway.wording import Wording

log = structlog.get_logger(__name__)

COMMAND = "/hr"
HELP = {"", "help", "?"}
FEEDBACK = {"feedback", "tell hr something"}


class CommandListener:
    """Takes in what people ask with the command."""

    def __init__(
        self, asking: Asking, people: People, wording: Wording, tell_hr: TellHRListener
    ) -> None:
        self._asking = asking
        self._people = people
        self._wording = wording
        self._tell_hr = tell_hr

    def register(self, app: AsyncApp) -> None:
        """Listen for the command."""
        app.command(COMMAND)(self.on_command)

    async def on_command(self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Take the question in, then say where the answer comes; only the asker sees that.

        Slack doesn't send a command again, so what isn't taken is said at once.
        """
        question = from_slack(body.get("text") or "")
        if question.lower() in HELP:
            await ack(self._wording.say("command_help"))
            return
        team, user = body["team_id"], body["user_id"]
        if question.lower() in FEEDBACK:
            await ack()
            await self._tell_hr.open_form(team, user, body, respond)
            return
        try:
            direct = await self._people.direct_of(team, user)
        except (TryLaterError, RefusedError) as error:
            log.warning("slack.no_direct_messages", reason=error.reason)
            await ack(self._wording.say("no_direct_messages"))
            return
        interaction = (user, body["trigger_id"])
        await asyncio.to_thread(self._asking.ask, direct, interaction, question)
        await ack(self._wording.say("command_taken"))

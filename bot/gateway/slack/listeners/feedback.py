"""“This helped” and “Didn't help” below an answer."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.gateway.feedback import Feedback
from bot.gateway.replies import HELPED, NOT_HELPED
from bot.gateway.slack.listeners.choices import sender_of
from bot.gateway.slack.messages import FEEDBACK, with_feedback
from bot.gateway.slack.whisper import replace_message, whisper
from bot.gateway.wording import Wording


class FeedbackListener:
    """Takes in whether an answer helped, and shows what was said."""

    def __init__(self, feedback: Feedback, wording: Wording) -> None:
        self._feedback = feedback
        self._wording = wording

    def register(self, app: AsyncApp) -> None:
        """Listen for the two buttons."""
        app.action(re.compile(rf"^{FEEDBACK}:({HELPED}|{NOT_HELPED})$"))(self.on_feedback)

    async def on_feedback(
        self, ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], respond: AsyncRespond
    ) -> None:
        """Take the word in, then mark its button."""
        team, user = sender_of(body)
        word = action["action_id"].partition(":")[2]
        known = await asyncio.to_thread(self._feedback.say, team, user, action["value"], word)
        await ack()
        message = body.get("message") or {}
        if not known:
            await whisper(respond, self._wording.say("stale_button"))
        elif message.get("blocks"):
            blocks = with_feedback(message["blocks"], word)
            await replace_message(respond, message.get("text") or "", blocks)

"""“Still right”: who looks after an answer or a program says that it was checked today."""

from __future__ import annotations

import asyncio
import re
from datetime import date
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.desk import freshness
from bot.desk.cases import DeskError
from bot.desk.editing import Subject
from bot.desk.freshness import Rhythm
from bot.desk.mrkdwn import escape
from bot.desk.review_views import STILL_RIGHT, with_done
from bot.faq.content import ContentError
from bot.faq.live import LiveBook
from bot.gateway.slack.editors import Editors
from bot.gateway.slack.gate import Gate
from bot.gateway.slack.listeners.choices import sender_of
from bot.gateway.slack.whisper import replace_message, whisper


class ReviewListener:
    """Takes in that something is still right; what isn't is edited as ever."""

    def __init__(self, gate: Gate, editors: Editors, live: LiveBook, rhythm: Rhythm) -> None:
        self._gate = gate
        self._editors = editors
        self._live = live
        self._rhythm = rhythm

    def register(self, app: AsyncApp) -> None:
        """Listen for the button."""
        app.action(re.compile(rf"^{STILL_RIGHT}:\d+$"))(self.on_still_right)

    async def on_still_right(
        self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond
    ) -> None:
        """Write down that it was checked, and show that in place of the buttons."""
        await ack()
        action, (team, user) = body["actions"][0], sender_of(body)
        subject, due = freshness.read_value(action["value"])
        try:
            await self._editors.require(subject, user)
            title = await asyncio.to_thread(self._confirm, team, user, subject, due)
        except (DeskError, ContentError) as error:
            await whisper(respond, str(error))
            return
        if title is None:
            line = self._gate.say("review_gone")
        else:
            line = self._gate.say("review_done", title=escape(title), who=f"<@{user}>")
        message = body["message"]
        blocks = with_done(message["blocks"], action["action_id"], line)
        await replace_message(respond, message["text"], blocks)

    def _confirm(self, team: str, user: str, subject: Subject, due: date) -> str | None:
        """Return the title of what is right; None where there was nothing left to say."""
        desk, book = self._gate.desk, self._live.book
        self._live.refresh(at_once=True)
        with desk.database.write() as session:
            item = freshness.item_of(session, book, desk.routing, self._rhythm, subject)
            if item is None or item.due != due:
                return None
            now = desk.clock()
            person = desk.addresses.person(session, team, user, now).id
            freshness.confirm(session, book, subject, self._rhythm, now, person_id=person)
            return item.title

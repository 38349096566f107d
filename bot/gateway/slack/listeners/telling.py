"""One tap on what somebody was told: to apply, known before, later, not for me, no more."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.db.session import Database
from bot.db.telling import Telling
from bot.desk.views import Block
from bot.gateway.addresses import AddressBook
from bot.gateway.slack.listeners.choices import sender_of
from bot.gateway.slack.whisper import replace_message, whisper
from bot.gateway.wording import Wording
from bot.telling import answers, content
from bot.telling.gentle import Limits
from bot.telling.message import TAPS, message
from bot.telling.moments import Moment

log = structlog.get_logger(__name__)


class TellingListener:
    """Keeps what people say to what they are told."""

    def __init__(
        self,
        database: Database,
        addresses: AddressBook,
        wording: Wording,
        limits: Limits,
        moments: Sequence[Moment],
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._addresses = addresses
        self._wording = wording
        self._limits = limits
        self._moments = moments
        self._clock = clock

    def register(self, app: AsyncApp) -> None:
        """Listen for the taps."""
        app.action(re.compile(rf"^({'|'.join(TAPS)})$"))(self.on_tap)

    async def on_tap(self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Keep a tap, and show the message as it is now."""
        action = body["actions"][0]
        team, user = sender_of(body)
        value = action.get("value") or ""
        shown = None
        if value.isdecimal():
            shown = await asyncio.to_thread(self._kept, team, user, int(value), action["action_id"])
        await ack()
        if shown is not None:
            await replace_message(respond, *shown)
        elif not value.isdecimal():
            await whisper(respond, self._wording.say("telling_only_a_test"))

    def _kept(self, team: str, user: str, number: int, tap: str) -> tuple[str, list[Block]] | None:
        now = self._limits.local(self._clock())
        with self._database.write() as session:
            telling = session.get(Telling, number, with_for_update=True)
            person = self._addresses.person(session, team, user, now)
            if telling is None or telling.person_id != person.id:
                log.warning("telling.tap_of_somebody_else")
                return None
            answers.answer(session, telling, tap, now)
            session.flush()
            found = content.content_of(session, telling, self._moments, now)
            if found is None:
                return None
            answered = content.answered(session, telling)
            return message(str(number), found, answered, now.date(), self._wording.say)

"""What HR writes in a card's thread: notes that are kept with the case and never leave."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp

from bot.desk.cases import DeskError
from bot.desk.mrkdwn import from_slack
from bot.gateway.outbox import RefusedError, TryLaterError
from bot.gateway.slack.client import call
from bot.gateway.slack.gate import Gate

log = structlog.get_logger(__name__)

SEEN = "memo"
PERSON_SUBTYPES = {None, "file_share", "thread_broadcast", "me_message"}


class NoteListener:
    """Takes notes in. It must be registered before whatever else listens for messages."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def register(self, app: AsyncApp) -> None:
        """Listen in the threads of cards, whether or not the bot is named there."""
        for event in ("message", "app_mention"):
            app.event(event, matchers=[self.is_in_card_thread])(self.on_note)

    async def is_in_card_thread(self, event: dict[str, Any]) -> bool:
        """Say whether something happened in the thread of a card: all that does stays here."""
        message = event.get("message") or event.get("previous_message") or event
        thread = message.get("thread_ts")
        if not thread or thread == message.get("ts") or event.get("channel_type") == "im":
            return False
        here = await asyncio.to_thread(self._gate.desk.case_of_card, event["channel"], thread)
        return here is not None

    async def on_note(self, event: dict[str, Any], body: dict[str, Any]) -> None:
        """Keep a note of somebody who may work on the case, and mark it as kept."""
        user, text = event.get("user"), from_slack(event.get("text") or "")
        is_person = user and not event.get("bot_id") and event.get("subtype") in PERSON_SUBTYPES
        if not is_person or not text:
            return
        desk, channel = self._gate.desk, event["channel"]
        case = await asyncio.to_thread(desk.case_of_card, channel, event["thread_ts"])
        if case is None or not await self._gate.members.may_work_on(case, user, channel):
            return
        team = body.get("team_id") or event.get("team") or ""
        try:
            await asyncio.to_thread(desk.note_in_thread, team, user, case.id, event["ts"], text)
        except DeskError as error:
            log.warning("desk.note_refused", case=case.reference, reason=type(error).__name__)
            return
        try:
            await call(
                lambda: self._gate.slack.web.reactions_add(
                    channel=channel, timestamp=event["ts"], name=SEEN
                )
            )
        except (TryLaterError, RefusedError) as error:
            # The note is kept; only the little sign of it is missing.
            log.info("desk.note_unmarked", reason=error.reason)

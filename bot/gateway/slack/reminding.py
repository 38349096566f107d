"""Reminders of programs that employees asked for: asked with a tap, delivered, cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.orm import Session

from bot.db.models import Conversation, OutboxRow, Program
from bot.db.queues import enqueue
from bot.db.reminders import ProgramReminder
from bot.db.session import Database
from bot.desk.views import Block, actions, button, text_blocks
from bot.gateway.addresses import AddressBook
from bot.gateway.outbox import Deliver, TryLaterError
from bot.gateway.replies import public
from bot.gateway.slack.client import Slack
from bot.gateway.slack.home import DETAILS
from bot.gateway.slack.people import People
from bot.gateway.slack.reminder_views import words_of
from bot.gateway.wording import Wording
from bot.privacy.audience import BOTH, EMPLOYEE
from bot.programs import reminders
from bot.programs.reminders import Day
from bot.programs.terms import day_text

log = structlog.get_logger(__name__)

QUIET_PAUSE_SECONDS = 600.0
IsQuiet = Callable[["str | None", datetime], bool]
"""Says whether it is night by the clock of a time zone; None: that of the house."""
Found = tuple[ProgramReminder, Day, Program, str]
"""A reminder, its day, its program, and the Slack user who wants it."""


@dataclass(frozen=True)
class Reminding:
    """Takes reminders in and delivers them."""

    database: Database
    slack: Slack
    addresses: AddressBook
    people: People
    wording: Wording
    clock: Callable[[], datetime]
    is_quiet: IsQuiet

    def deliverers(self) -> dict[str, Deliver]:
        """Return which kind of row is delivered how."""
        return {reminders.PROGRAM_REMINDER: self.remind}

    def ask(self, session: Session, conversation: Conversation, meaning: dict[str, Any]) -> None:
        """Take the tap on “Remind me” in, and say when the reminder will come."""
        wanted = (meaning["program"], meaning["window"], meaning["stage"])
        day, now = reminders.day_of(session, *wanted), self.clock()
        if day is None or day.day - reminders.LEAD <= now.date():
            key = f"{conversation.id}:{':'.join(wanted)}:{now.date()}"
            self._say(session, conversation, f"remind:{key}", self.wording.say("remind_too_late"))
            return
        reminder = reminders.ask(session, conversation.person_id, day, now)
        text = self.wording.say(
            "remind_asked",
            day=day_text(day.day - reminders.LEAD),
            **words_of(day, self.wording.say),
        )
        key = f"remind:{reminder.id}:{int(reminder.asked_at.timestamp())}"
        self._say(session, conversation, key, text)

    async def remind(self, row: OutboxRow) -> None:
        """Send a reminder into direct messages, unless it was taken back.

        Raises:
            TryLaterError: as long as it is night where they are.
        """
        found = await asyncio.to_thread(self._found, row.payload["reminder"])
        if found is None or await self._is_hidden(found):
            log.info("reminder.no_longer_wanted", delivery_key=row.delivery_key)
            await asyncio.to_thread(self._end, row.payload["reminder"], reminders.MISSED)
            return
        reminder, day, program, user = found
        if self.is_quiet(await self.slack.time_zone_of(user), self.clock()):
            raise TryLaterError("quiet_hours", seconds=QUIET_PAUSE_SECONDS)
        text, blocks = self._message(day, program)
        await self.slack.post(
            channel=await self.slack.direct_channel(user),
            text=text,
            blocks=blocks,
            delivery_key=row.delivery_key,
            unknown_since=row.attempted_at,
        )
        await asyncio.to_thread(self._end, reminder.id, reminders.SENT)

    async def _is_hidden(self, found: Found) -> bool:
        """Say whether somebody has become an outsider since, and may not see the program."""
        reminder, _, program, _ = found
        is_internal = program.audience == EMPLOYEE
        return is_internal and await self.people.is_outsider(reminder.person_id)

    def _message(self, day: Day, program: Program) -> tuple[str, list[Block]]:
        text, blocks = text_blocks(
            self.wording.say("remind_now", day=day_text(day.day), **words_of(day, self.wording.say))
        )
        details = button(self.wording.say("home_details"), f"{DETAILS}:{program.id}", program.id)
        return text, [*blocks, actions(f"reminder:{program.id}", [details])]

    def _found(self, reminder_id: int) -> Found | None:
        with self.database.read() as session:
            reminder = session.get(ProgramReminder, reminder_id)
            if reminder is None or reminder.status != reminders.DUE:
                return None
            wanted = (reminder.program_id, reminder.window, reminder.stage)
            day = reminders.day_of(session, *wanted)
            # The day has moved on meanwhile, or is gone.
            if day is None or day.day < self.clock().date():
                return None
            user = self.addresses.slack_user(session, reminder.person_id)
            return reminder, day, session.get(Program, reminder.program_id), user

    def _end(self, reminder_id: int, status: str) -> None:
        with self.database.write() as session:
            reminder = session.get(ProgramReminder, reminder_id, with_for_update=True)
            if reminder is not None and reminder.status == reminders.DUE:
                reminder.status, reminder.finished_at = status, self.clock()

    def _say(self, session: Session, conversation: Conversation, key: str, text: str) -> None:
        enqueue(
            session,
            delivery_key=key,
            kind="notice",
            lane=conversation.id,
            payload={"messages": [public(text)]},
            audience=BOTH,
            conversation_id=conversation.id,
            now=self.clock(),
        )

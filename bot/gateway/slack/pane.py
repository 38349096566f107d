"""Slack's Assistant pane: what it suggests, that we are thinking, and what a thread is called.

All of it is nice to have: a reply never waits for it, and what Slack refuses is let go.
"""

from __future__ import annotations

import asyncio
import textwrap
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.orm import Session

from bot.db.models import Conversation, InboxRow, OutboxRow
from bot.db.queues import enqueue
from bot.db.session import Database
from bot.gateway.addresses import AddressBook, SlackAddress
from bot.gateway.outbox import PANE_TITLE, Deliver, RefusedError, TryLaterError
from bot.gateway.prompts import Prompt, Prompts
from bot.gateway.slack.client import Slack, call
from bot.gateway.wording import Wording
from bot.privacy.audience import BOTH, CANDIDATE, EMPLOYEE
from bot.programs.closing import closing_soon
from bot.programs.employees import job_of
from bot.programs.terms import day_text

log = structlog.get_logger(__name__)

PROMPTS_AT_MOST = 4
PROGRAMS_AT_MOST = 2
CLOSING_WITHIN_DAYS = 30
TITLE_LENGTH = 60
PROMPT_LENGTH = 75


@dataclass(frozen=True)
class Pane:
    """Fills the pane when somebody opens a thread in it."""

    database: Database
    addresses: AddressBook
    prompts: Prompts
    wording: Wording
    clock: Callable[[], datetime]
    on_outbox: Callable[[], None]

    def opened(self, address: SlackAddress, event_id: str, *, is_outsider: bool) -> None:
        """Suggest what is current; the same event counts once."""
        with self.database.write() as session:
            now = self.clock()
            conversation = self.addresses.conversation(session, address, now)
            conversation.is_pane = True
            reader = CANDIDATE if is_outsider else EMPLOYEE
            suggested = list(self._suggested(session, conversation, reader))
            _enqueue(
                session,
                conversation,
                "pane_prompts",
                f"prompts:{event_id}",
                now,
                title=self.wording.say("pane_title"),
                prompts=[{"title": p.title, "message": p.message} for p in suggested],
            )
        self.on_outbox()

    def _suggested(
        self, session: Session, conversation: Conversation, reader: str
    ) -> Iterator[Prompt]:
        today = self.clock().date()
        job = job_of(session, conversation.person_id)
        closing = closing_soon(
            session, job, reader, today, days=CLOSING_WITHIN_DAYS, limit=PROGRAMS_AT_MOST
        )
        say = self.wording.say
        for program in closing:
            title = say("prompt_program", name=program.name, date=day_text(program.closes))
            message = say("prompt_program_message", name=program.name)
            yield Prompt(textwrap.shorten(title, PROMPT_LENGTH, placeholder="…"), message)
        left = PROMPTS_AT_MOST - len(closing)
        yield from list(self.prompts.current(reader, today))[:left]


def on_question(
    session: Session, conversation: Conversation, row: InboxRow, status: str, now: datetime
) -> None:
    """Let the pane show that we are thinking, and give its thread a name by its first question."""
    if not conversation.is_pane:
        return
    # Before the reply in its lane: a status that came after it would stay.
    _enqueue(session, conversation, "pane_status", f"status:{row.turn_id}", now, status=status)
    if not conversation.is_titled:
        conversation.is_titled = True
        title = textwrap.shorten(row.text, TITLE_LENGTH, placeholder="…")
        key = f"title:{conversation.id}"
        _enqueue(session, conversation, PANE_TITLE, key, now, lane=key[:80], title=title)


@dataclass(frozen=True)
class PaneDelivery:
    """The deliverers of what the pane shows."""

    database: Database
    addresses: AddressBook
    slack: Slack

    def deliverers(self) -> dict[str, Deliver]:
        """Return which kind of row is delivered how."""
        return {
            "pane_prompts": self.prompts,
            "pane_status": self.status,
            PANE_TITLE: self.title,
        }

    async def prompts(self, row: OutboxRow) -> None:
        """Suggest what to ask."""
        await self._set(row, self.slack.web.assistant_threads_setSuggestedPrompts, **row.payload)

    async def status(self, row: OutboxRow) -> None:
        """Say that we are thinking; Slack takes it away with our reply."""
        await self._set(row, self.slack.web.assistant_threads_setStatus, **row.payload)

    async def title(self, row: OutboxRow) -> None:
        """Name the thread."""
        await self._set(row, self.slack.web.assistant_threads_setTitle, **row.payload)

    async def _set(
        self, row: OutboxRow, method: Callable[..., Awaitable[Any]], **what: Any
    ) -> None:
        address = await asyncio.to_thread(self._address, row.conversation_id)
        try:
            await call(lambda: method(channel_id=address.channel, thread_ts=address.thread, **what))
        except (TryLaterError, RefusedError) as error:
            log.warning("slack.pane_not_set", kind=row.kind, reason=error.reason)

    def _address(self, conversation_id: str) -> SlackAddress:
        with self.database.read() as session:
            return self.addresses.address_of(session, conversation_id)


def _enqueue(
    session: Session,
    conversation: Conversation,
    kind: str,
    key: str,
    now: datetime,
    lane: str | None = None,
    **payload: Any,
) -> None:
    enqueue(
        session,
        delivery_key=key,
        kind=kind,
        lane=lane or conversation.id,
        payload=payload,
        audience=BOTH,
        conversation_id=conversation.id,
        now=now,
    )

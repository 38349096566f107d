"""The gateway's turns, one step at a time, with an assistant that answers as told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from bot.db.models import Choice, InboxRow, OutboxRow
from bot.db.queues import claim
from bot.db.session import Database
from bot.faq.next_questions import NextQuestions
from bot.gateway.addresses import AddressBook, SlackAddress
from bot.gateway.assistant_client import AssistantClient
from bot.gateway.discretion import Discretion
from bot.gateway.inbox import accept_choice, accept_text
from bot.gateway.program_offers import ProgramOffers
from bot.gateway.replies import Replies
from bot.gateway.turns import Patience, TurnHandler
from bot.gateway.wording import Wording

from ..records import RHYTHM, Clock
from .places import BOOK, DIRECT
from .servers import TOKEN, AssistantDouble

HOLDING, DEADLINE, LEASE = 4.0, 90.0, 45.0
DISCRETION = Discretion(frozenset({"benefits/fsa"}), frozenset({"my_cases"}))


class Known:
    """People who are outsiders or not, as told."""

    is_guest = False
    trouble: Exception | None = None
    unknown: Exception | None = None

    async def is_outsider(self, person_id: str) -> bool:
        if self.unknown:
            raise self.unknown
        return self.is_guest

    async def direct(self, person_id: str) -> SlackAddress:
        if self.trouble:
            raise self.trouble
        return DIRECT


class Desk:
    """The gateway's turns, one step at a time."""

    def __init__(
        self,
        database: Database,
        assistant: AssistantDouble,
        addresses: AddressBook,
        wording: Wording,
        clock: Clock,
    ) -> None:
        self.database, self.assistant, self.clock = database, assistant, clock
        self._addresses, self._wording = addresses, wording
        self.people = Known()
        self.outbox_calls = 0
        self.prepared: list[tuple[str, int]] = []

    def ask(
        self,
        text: str = "Is a crown paid?",
        audience: str = "employee",
        address: SlackAddress = DIRECT,
        **more: Any,
    ) -> int:
        self.people.is_guest = self.people.is_guest or audience == "candidate"
        with self.database.write() as session:
            conversation = self._addresses.conversation(session, address, self.clock())
            key = f"key-{len(session.scalars(select(InboxRow.id)).all())}"
            return accept_text(
                session, conversation, key=key, text=text, now=self.clock(), **more
            ).id

    def click(
        self, meaning: dict[str, Any], day: date | None = None, address: SlackAddress = DIRECT
    ) -> int:
        with self.database.write() as session:
            place = self._addresses.conversation(session, address, self.clock())
            choice = Choice(
                id="choice:1",
                conversation_id=place.id,
                title="Yes",
                meaning=meaning,
                created_at=self.clock(),
            )
            session.add(choice)
            session.flush()
            return accept_choice(
                session, place, key="c", choice=choice, now=self.clock(), day=day
            ).id

    def take(self, worker: str = "one") -> InboxRow | None:
        with self.database.write() as session:
            rows = claim(
                session,
                InboxRow,
                worker=worker,
                now=self.clock(),
                lease=timedelta(seconds=LEASE),
                limit=10,
            )
        return rows[0] if rows else None

    def handle(self, row: InboxRow | None = None, worker: str = "one") -> None:
        row = row or self.take(worker)
        assert row is not None
        self._run(lambda turns: turns.handle(row), worker)

    def hold(self) -> None:
        self._run(lambda turns: turns.send_holding_notices(), "one")

    def past_the_deadline(self, row_id: int) -> None:
        """Handle a row when it is new, shortly before the deadline, and at the deadline."""
        began = self.clock()
        for seconds in (0, DEADLINE - 6, DEADLINE):
            assert self.row(row_id).status == "pending", seconds
            self.clock.now = began + timedelta(seconds=seconds)
            self.handle()

    def _run(self, step: Callable[[TurnHandler], Awaitable[None]], worker: str) -> None:
        async def run() -> None:
            client = AssistantClient([self.assistant.url], TOKEN)
            turns = TurnHandler(
                self.database,
                client,
                self._addresses,
                self.people,
                DISCRETION,
                Replies(
                    BOOK,
                    self._wording,
                    NextQuestions(self.clock),
                    RHYTHM,
                    ProgramOffers(self._wording, self._addresses, hint_days=1),
                ),
                Patience(HOLDING, DEADLINE),
                worker=worker,
                clock=self.clock,
                before_turn=self._before_turn,
                on_outbox=self._on_outbox,
            )
            try:
                await step(turns)
            finally:
                await client.close()

        asyncio.run(run())

    async def _before_turn(self, person: str | None) -> None:
        self.prepared.append((person, len(self.assistant.received)))

    def _on_outbox(self) -> None:
        self.outbox_calls += 1

    def row(self, row_id: int) -> InboxRow:
        with self.database.read() as session:
            return session.get(InboxRow, row_id)

    def all(self, model: type[Any]) -> list[Any]:
        with self.database.read() as session:
            return list(session.scalars(select(model)))

    def leaving(self, kind: str = "reply") -> list[OutboxRow]:
        return [row for row in self.all(OutboxRow) if row.kind == kind]

    def said(self) -> str:
        """All texts that left as final replies, one after the other."""
        return "\n".join(m["text"] for row in self.leaving() for m in row.payload["messages"])

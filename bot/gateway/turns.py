"""Hands inbox rows to the assistant and turns its reply into exactly one final reply.

A person waiting longer than a few seconds gets one holding notice. If the assistant stays
away past the deadline, an apology with the offer of a person is the final reply.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.db.models import Choice, Conversation, InboxRow, OutboxRow, TurnLog
from bot.db.queues import PENDING, enqueue, finish, give_back, owns
from bot.db.session import Database
from bot.gateway.addresses import AddressBook
from bot.gateway.assistant_client import (
    AssistantClient,
    AssistantUnavailableError,
    TurnRefusedError,
)
from bot.gateway.wording import Wording
from bot.nlu.crisis import detect
from bot.privacy.audience import BOTH, may_see, narrowest
from bot.privacy.sealing import opaque_id

log = structlog.get_logger(__name__)

ANSWERED, APOLOGISED = "answered", "apologised"
MAX_BUTTONS = 5
LONGEST_PAUSE_SECONDS = 5.0
BUTTON_TITLE_LENGTH = 75


@dataclass(frozen=True)
class Patience:
    """How long people wait: seconds to the holding notice, seconds to the apology."""

    holding: float
    deadline: float


class TurnHandler:
    """Handles inbox rows; see the module."""

    def __init__(
        self,
        database: Database,
        assistant: AssistantClient,
        addresses: AddressBook,
        wording: Wording,
        patience: Patience,
        *,
        worker: str,
        clock: Callable[[], datetime],
        on_outbox: Callable[[], None],
        before_turn: Callable[[str | None], Awaitable[None]] | None = None,
    ) -> None:
        self._database = database
        self._assistant = assistant
        self._addresses = addresses
        self._wording = wording
        self._patience = patience
        self._worker = worker
        self._clock = clock
        self._before_turn = before_turn
        self._on_outbox = on_outbox

    async def handle(self, row: InboxRow) -> None:
        """Run one turn; the row ends answered or apologised, or is due again later."""
        try:
            request = await asyncio.to_thread(self._begin, row)
            if self._before_turn is not None:
                await self._before_turn(request["person"])
            reply = await self._assistant.turn(request)
            await asyncio.to_thread(self._finish, row, reply)
        except AssistantUnavailableError as error:
            log.warning("turn.unavailable", turn_id=row.turn_id, reason=str(error))
            await asyncio.to_thread(self._retry_or_apologise, row)
        except TurnRefusedError as error:
            log.error("turn.refused", turn_id=row.turn_id, reason=error.reason)
            stale = error.reason == "unknown_choice"
            await asyncio.to_thread(self._apologise, row, stale)
        except SQLAlchemyError:
            # The lease runs out, and the row is taken again when the database is back.
            raise
        except Exception:
            # A mistake of ours must not leave the person without a final reply.
            log.exception("turn.broken", turn_id=row.turn_id)
            await asyncio.to_thread(self._retry_or_apologise, row)
        self._on_outbox()

    async def send_holding_notices(self) -> None:
        """Tell everybody who has waited too long, once a turn, that we are still at it."""
        if await asyncio.to_thread(self._hold):
            self._on_outbox()

    def _begin(self, row: InboxRow) -> dict[str, Any]:
        with self._database.write() as session:
            stored = session.get(InboxRow, row.id)
            if stored.first_attempt_at is None:
                stored.first_attempt_at = self._clock()
            conversation = session.get(Conversation, row.conversation_id)
            place = self._addresses.address_of(session, conversation.id).place
        said = {"choice": row.choice_id} if row.choice_id else {"text": row.text}
        if row.chosen_date:
            said["date"] = row.chosen_date.isoformat()
        return {
            "turn_id": row.turn_id,
            "conversation": conversation.id,
            "audience": conversation.audience,
            "person": conversation.person_id,
            "place": place,
            **said,
        }

    def _finish(self, row: InboxRow, reply: dict[str, Any]) -> None:
        now = self._clock()
        with self._database.write() as session:
            stored = session.get(InboxRow, row.id, with_for_update=True)
            if not owns(stored, self._worker):
                log.warning("turn.overtaken", turn_id=row.turn_id)
                return
            conversation = session.get(Conversation, row.conversation_id)
            audience = narrowest(
                (m.get("metadata") or {}).get("audience") for m in reply["messages"]
            )
            if audience is None or not may_see(conversation.audience, audience):
                log.error("turn.audience_refused", turn_id=row.turn_id, audience=audience)
                self._end_with_apology(session, stored, now, stale=False)
                return
            messages = [self._with_choices(session, stored, m, now) for m in reply["messages"]]
            self._send_final(session, stored, messages, audience, now)
            session.add(_log_row(stored, conversation, reply, now))
            finish(stored, ANSWERED, now)
        log.info("turn.answered", turn_id=row.turn_id, decision=reply["decision"])

    def _retry_or_apologise(self, row: InboxRow) -> None:
        now = self._clock()
        with self._database.write() as session:
            stored = session.get(InboxRow, row.id, with_for_update=True)
            if not owns(stored, self._worker):
                return
            waited = (now - (stored.first_attempt_at or now)).total_seconds()
            if waited >= self._patience.deadline:
                self._end_with_apology(session, stored, now, stale=False)
                return
            pause = min(0.5 * 2 ** min(stored.attempts - 1, 6), LONGEST_PAUSE_SECONDS)
            give_back(stored, now + timedelta(seconds=pause))

    def _apologise(self, row: InboxRow, stale: bool) -> None:
        with self._database.write() as session:
            stored = session.get(InboxRow, row.id, with_for_update=True)
            if owns(stored, self._worker):
                self._end_with_apology(session, stored, self._clock(), stale)

    def _end_with_apology(
        self, session: Session, row: InboxRow, now: datetime, stale: bool
    ) -> None:
        if stale:
            message = {"text": self._wording.say("stale_button"), "buttons": []}
        else:
            message = self._apology(session, row, now)
        self._send_final(session, row, [{**message, "metadata": {"audience": BOTH}}], BOTH, now)
        conversation = session.get(Conversation, row.conversation_id)
        failed = {"kind": "dialogue", "decision": "handover"}
        session.add(_log_row(row, conversation, failed, now))
        finish(row, APOLOGISED, now)
        log.error("turn.apologised", turn_id=row.turn_id, attempts=row.attempts)

    def _apology(self, session: Session, row: InboxRow, now: datetime) -> dict[str, Any]:
        text = self._wording.say("apology")
        if not row.text:
            return {"text": text, "buttons": []}
        if detect(row.text):
            text = f"{self._wording.say('crisis')}\n\n{text}"
        choice = Choice(
            id=opaque_id("choice"),
            conversation_id=row.conversation_id,
            title=self._wording.say("apology_button"),
            meaning={"gateway": "open_case", "question": row.text, "turn_id": row.turn_id},
            created_at=now,
        )
        session.add(choice)
        quote = "\n".join(f"> {line}" for line in row.text.splitlines())
        return {
            "text": f"{text}\n\n{self._wording.say('apology_quote')}\n\n{quote}",
            "buttons": [{"title": choice.title, "choice": choice.id}],
        }

    def _send_final(
        self,
        session: Session,
        row: InboxRow,
        messages: list[dict[str, Any]],
        audience: str,
        now: datetime,
    ) -> None:
        _withdraw_holding_notice(session, row, now)
        row.chosen_date = None
        enqueue(
            session,
            delivery_key=f"reply:{row.turn_id}",
            kind="reply",
            lane=row.conversation_id,
            payload={"messages": messages},
            audience=audience,
            conversation_id=row.conversation_id,
            now=now,
        )

    def _with_choices(
        self, session: Session, row: InboxRow, message: dict[str, Any], now: datetime
    ) -> dict[str, Any]:
        def issue(title: str, meaning: dict[str, Any]) -> Choice:
            choice = Choice(
                id=opaque_id("choice"),
                conversation_id=row.conversation_id,
                title=title[:BUTTON_TITLE_LENGTH],
                meaning=meaning,
                created_at=now,
            )
            session.add(choice)
            return choice

        chosen = [
            issue(button["title"], button["meaning"])
            for button in message.get("buttons", [])[:MAX_BUTTONS]
        ]
        buttons = [{"title": choice.title, "choice": choice.id} for choice in chosen]
        asked = message.get("date")
        if asked is None:
            return {**message, "buttons": buttons}
        choice = issue(asked["label"], asked["meaning"])
        day = {"label": choice.title, "choice": choice.id}
        return {**message, "buttons": buttons, "date": day}

    def _hold(self) -> int:
        now = self._clock()
        waiting = (
            select(InboxRow)
            .where(
                InboxRow.status == PENDING,
                InboxRow.held_at.is_(None),
                InboxRow.created_at <= now - timedelta(seconds=self._patience.holding),
            )
            .with_for_update(skip_locked=True)
        )
        with self._database.read() as session:
            if session.scalar(waiting.with_only_columns(InboxRow.id).limit(1)) is None:
                return 0
        with self._database.write() as session:
            rows = list(session.scalars(waiting))
            for row in rows:
                row.held_at = now
                key = "crisis" if row.text and detect(row.text) else "holding"
                text = self._wording.say(key)
                enqueue(
                    session,
                    delivery_key=f"hold:{row.turn_id}",
                    kind="holding",
                    lane=row.conversation_id,
                    payload={"messages": [{"text": text, "metadata": {"audience": BOTH}}]},
                    audience=BOTH,
                    conversation_id=row.conversation_id,
                    now=now,
                )
        return len(rows)


def _withdraw_holding_notice(session: Session, row: InboxRow, now: datetime) -> None:
    notice = session.scalar(
        select(OutboxRow).where(OutboxRow.delivery_key == f"hold:{row.turn_id}").with_for_update()
    )
    if notice is None or notice.status != PENDING:
        return
    # Nobody is sending it, and no earlier attempt can have arrived.
    if notice.claimed_by is None and notice.attempted_at is None:
        finish(notice, "cancelled", now)


def _log_row(
    row: InboxRow, conversation: Conversation, reply: dict[str, Any], now: datetime
) -> TurnLog:
    return TurnLog(
        turn_id=row.turn_id,
        conversation_id=conversation.id,
        audience=conversation.audience,
        kind=reply["kind"],
        decision=reply["decision"],
        topic=reply.get("topic"),
        topics=reply.get("topics", []),
        confidence=reply.get("confidence"),
        candidates=reply.get("candidates", []),
        question=row.text,
        created_at=now,
    )

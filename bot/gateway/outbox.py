"""Delivers what must leave: each kind of row by its own deliverer, when and as often as needed.

A deliverer raises `TryLaterError` or `RefusedError`; anything it returns from is sent. What
is refused again and again is dead-lettered loudly and stays in the table.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.db.models import Case, Conversation, InboxRow, OutboxRow
from bot.db.queues import DEAD, LONGEST_WAIT, finish, give_back, owns
from bot.db.session import Database
from bot.gateway.metrics import DELIVERIES, FINAL_REPLY
from bot.gateway.trace import turn_of
from bot.privacy.audience import may_see

log = structlog.get_logger(__name__)

SENT = "sent"
REPLY = "reply"
NO_AUDIENCE = "no_audience"
MAX_REFUSALS = 8
LONGEST_PAUSE_SECONDS = 60.0
FORGET_TURNS = "forget_turns"
PANE_TITLE = "pane_title"
# What names an anonymous asker's turns or repeats a question, and is of no use once it is sent.
TRACELESS = {FORGET_TURNS, PANE_TITLE}


class TryLaterError(Exception):
    """The other side can't take it now.

    Args:
        reason: its error code, never a text.
        seconds: when to try again; None for our own back-off.
        uncertain: True if it may have arrived all the same.
    """

    def __init__(self, reason: str, seconds: float | None = None, uncertain: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.seconds = seconds
        self.uncertain = uncertain


class RefusedError(Exception):
    """The other side won't take it as it is; `reason` is its error code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


Deliver = Callable[[OutboxRow], Awaitable[None]]


class Outbox:
    """Handles outbox rows with the deliverer of their kind."""

    def __init__(
        self,
        database: Database,
        deliverers: dict[str, Deliver],
        *,
        worker: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._deliverers = deliverers
        self._worker = worker
        self._clock = clock

    async def handle(self, row: OutboxRow) -> None:
        """Deliver one row: it ends sent or dead, or is due again later."""
        try:
            if not await asyncio.to_thread(self._is_ours, row):
                log.warning("outbox.overtaken", kind=row.kind, delivery_key=row.delivery_key)
                return
            # `row` still shows whether an earlier attempt is of unknown outcome.
            await self._deliverers[row.kind](row)
        except TryLaterError as error:
            await asyncio.to_thread(self._try_later, row, error)
        except RefusedError as error:
            await asyncio.to_thread(self._refused, row, TryLaterError(error.reason))
        except SQLAlchemyError:
            # The lease runs out, and the row is taken again when the database is back.
            raise
        except Exception as error:
            # A mistake of ours must not block the lane for ever.
            log.exception("outbox.broken", kind=row.kind, delivery_key=row.delivery_key)
            broken = TryLaterError(type(error).__name__, uncertain=True)
            await asyncio.to_thread(self._refused, row, broken)
        else:
            await asyncio.to_thread(self._sent, row)

    def _is_ours(self, row: OutboxRow) -> bool:
        """Say whether a row is still ours to send.

        Raises:
            RefusedError: It must not leave.
        """
        with self._database.read() as session:
            if not _may_leave(session, row):
                raise RefusedError(NO_AUDIENCE)
            return owns(session.get(OutboxRow, row.id), self._worker)

    def _sent(self, row: OutboxRow) -> None:
        now = self._clock()
        with self._database.write() as session:
            stored = session.get(OutboxRow, row.id, with_for_update=True)
            if stored is None:
                # Another gateway sent it too, or its conversation was deleted while it left.
                log.warning("outbox.sent_and_gone", kind=row.kind)
            elif _leaves_no_trace(session, stored):
                session.delete(stored)
            else:
                finish(stored, SENT, now)
                stored.last_error = None
            asked_at = _asked_at(session, row)
        DELIVERIES.labels(kind=row.kind, outcome=SENT).inc()
        if asked_at is not None:
            waited = (now - asked_at).total_seconds()
            FINAL_REPLY.labels(audience=row.audience).observe(waited)
        log.info("outbox.sent", kind=row.kind, delivery_key=row.delivery_key)

    def _try_later(self, row: OutboxRow, error: TryLaterError) -> None:
        back_off = min(2.0 ** min(row.attempts - 1, 8) * 0.5, LONGEST_PAUSE_SECONDS)
        pause = back_off if error.seconds is None else error.seconds
        with self._database.write() as session:
            stored = session.get(OutboxRow, row.id, with_for_update=True)
            if not owns(stored, self._worker):
                return
            stored.last_error = error.reason[:200]
            if not error.uncertain:
                stored.attempted_at = row.attempted_at
            give_back(stored, self._clock() + min(timedelta(seconds=pause), LONGEST_WAIT))
        DELIVERIES.labels(kind=row.kind, outcome="later").inc()
        log.warning(
            "outbox.later",
            kind=row.kind,
            delivery_key=row.delivery_key,
            reason=error.reason,
            attempts=row.attempts,
            seconds=pause,
        )

    def _refused(self, row: OutboxRow, error: TryLaterError) -> None:
        reason = error.reason
        with self._database.write() as session:
            stored = session.get(OutboxRow, row.id, with_for_update=True)
            if not owns(stored, self._worker):
                return
            # Attempts don't count here: those of an outage say nothing against the row.
            stored.refusals += 1
            is_final = stored.refusals >= MAX_REFUSALS or reason == NO_AUDIENCE
            if is_final:
                stored.last_error = reason[:200]
                finish(stored, DEAD, self._clock())
        if not is_final:
            self._try_later(row, error)
            return
        DELIVERIES.labels(kind=row.kind, outcome=DEAD).inc()
        log.error("outbox.dead", kind=row.kind, delivery_key=row.delivery_key, reason=reason)


def _asked_at(session: Session, row: OutboxRow) -> datetime | None:
    """Return when the message was taken in to which a row is the final reply."""
    if row.kind != REPLY:
        return None
    turn_id = turn_of(row.delivery_key)
    return session.scalar(select(InboxRow.created_at).where(InboxRow.turn_id == turn_id))


def _may_leave(session: Session, row: OutboxRow) -> bool:
    if row.conversation_id is None:
        return row.audience is not None
    conversation = session.get(Conversation, row.conversation_id)
    return may_see(conversation.audience, row.audience)


def _leaves_no_trace(session: Session, row: OutboxRow) -> bool:
    """Say whether a row must go once it is sent: what it says or when could tell on somebody."""
    if row.kind in TRACELESS:
        return True
    case = session.get(Case, row.case_id) if row.case_id is not None else None
    return case is not None and case.anonymous

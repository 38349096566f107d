"""Delivers what must leave: each kind of row by its own deliverer, when and as often as needed.

A deliverer raises `TryLaterError` or `RefusedError`; anything it returns from is sent. What
is refused again and again is dead-lettered loudly and stays in the table.

What is said on the careers page leaves by being written to our own database. There a row ends in
the transaction that shows it: at once, in the one that makes it, if nothing is ahead of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import bindparam, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.db.models import Case, Conversation, InboxRow, OutboxRow, is_web
from bot.db.queues import DEAD, LONGEST_WAIT, PENDING, finish, give_back, owns
from bot.db.session import Database
from bot.gateway.addresses import locked
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


@dataclass(frozen=True)
class Written:
    """A deliverer that only writes to our own database, in the transaction that ends the row.

    `then` is called once that is committed.
    """

    write: Callable[[Session, OutboxRow], None]
    then: Callable[[OutboxRow], None]


@dataclass(frozen=True)
class Sent:
    """What has been delivered at `at`; `asked_at` is when the message came that it replies to."""

    row: OutboxRow
    at: datetime
    asked_at: datetime | None

    def tell(self) -> None:
        """Count and log it."""
        row = self.row
        DELIVERIES.labels(kind=row.kind, outcome=SENT).inc()
        if self.asked_at is not None:
            waited = (self.at - self.asked_at).total_seconds()
            FINAL_REPLY.labels(audience=row.audience).observe(waited)
        log.info("outbox.sent", kind=row.kind, delivery_key=row.delivery_key)


class Outbox:
    """Handles outbox rows with the deliverer of their kind.

    Args:
        deliverers: by kind.
        on_page: the same for rows of conversations on the careers page; they come first.
    """

    def __init__(
        self,
        database: Database,
        deliverers: Mapping[str, Deliver],
        on_page: Mapping[str, Written] | None = None,
        *,
        worker: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._deliverers = deliverers
        self._on_page = on_page or {}
        self._worker = worker
        self._clock = clock

    async def handle(self, row: OutboxRow) -> None:
        """Deliver one row: it ends sent or dead, or is due again later."""
        written = self._written(row)
        try:
            if written is not None:
                await asyncio.to_thread(self._write, row, written)
                return
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

    def at_once(
        self, session: Session, row: OutboxRow, asked_at: datetime
    ) -> Callable[[], None] | None:
        """Deliver a reply in the transaction that has just made it, if it is only to be written.

        Args:
            asked_at: when the message was taken in that it replies to.

        Returns:
            What is to be called once that is committed; None if it is delivered later as any.
        """
        written = self._written(row)
        if written is None or not _may_leave(session, row) or _is_behind_others(session, row):
            return None
        try:
            with session.begin_nested():
                written.write(session, row)
        except SQLAlchemyError:
            raise
        except Exception:
            log.exception("outbox.broken", kind=row.kind, delivery_key=row.delivery_key)
            return None
        sent = self._end(session, row, row, asked_at)

        def tell() -> None:
            sent.tell()
            written.then(row)

        return tell

    def _written(self, row: OutboxRow) -> Written | None:
        return self._on_page.get(row.kind) if is_web(row.conversation_id) else None

    def _write(self, row: OutboxRow, written: Written) -> None:
        """Deliver a row to the careers page. Raises as `_is_ours`, and what `written` does."""
        with self._database.write() as session:
            # In the order of whoever deletes a conversation, so that neither waits for the other.
            locked(session, row.conversation_id)
            stored = session.get(OutboxRow, row.id, with_for_update=True)
            if not owns(stored, self._worker):
                log.warning("outbox.overtaken", kind=row.kind, delivery_key=row.delivery_key)
                return
            if not _may_leave(session, row):
                raise RefusedError(NO_AUDIENCE)
            written.write(session, stored)
            sent = self._end(session, row, stored, _asked_at(session, row))
        sent.tell()
        written.then(row)

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
        with self._database.write() as session:
            stored = session.get(OutboxRow, row.id, with_for_update=True)
            sent = self._end(session, row, stored, _asked_at(session, row))
        sent.tell()

    def _end(
        self,
        session: Session,
        row: OutboxRow,
        stored: OutboxRow | None,
        asked_at: datetime | None,
    ) -> Sent:
        now = self._clock()
        if stored is None:
            # Another gateway sent it too, or its conversation was deleted while it left.
            log.warning("outbox.sent_and_gone", kind=row.kind)
        elif _leaves_no_trace(session, stored):
            session.delete(stored)
        else:
            finish(stored, SENT, now)
            stored.last_error = None
        return Sent(row, now, asked_at)

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


_AHEAD = (
    select(OutboxRow.id)
    .where(
        OutboxRow.lane == bindparam("lane"),
        OutboxRow.status == PENDING,
        OutboxRow.id < bindparam("row"),
    )
    .limit(1)
)


def _is_behind_others(session: Session, row: OutboxRow) -> bool:
    return session.scalar(_AHEAD, {"lane": row.lane, "row": row.id}) is not None


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

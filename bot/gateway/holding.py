"""The one short notice to whoever waits for longer than a few seconds that we are still at it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from bot.db.models import InboxRow, OutboxRow
from bot.db.queues import PENDING, enqueue, finish
from bot.db.session import Database
from bot.gateway.addresses import AddressBook
from bot.gateway.metrics import HOLDING_NOTICES
from bot.gateway.replies import public
from bot.gateway.wording import Wording
from bot.nlu.crisis import detect
from bot.privacy.audience import BOTH

CLOCKS_DIFFER = timedelta(minutes=1)

_IS_WAITING = (
    InboxRow.status == PENDING,
    InboxRow.held_at.is_(None),
    # Taken in later than now: under a clock that was wrong.
    (InboxRow.created_at <= bindparam("before")) | (InboxRow.created_at > bindparam("after")),
)
_FIRST_WAITING = select(InboxRow.id).where(*_IS_WAITING).limit(1)
_WAITING = select(InboxRow).where(*_IS_WAITING).with_for_update(skip_locked=True)


@dataclass(frozen=True)
class HoldingNotices:
    """Sends the notices; who waits is told after so many `seconds`, once a turn."""

    database: Database
    addresses: AddressBook
    wording: Wording
    seconds: float
    clock: Callable[[], datetime]

    def send(self) -> int:
        """Put a notice for everybody who has waited too long into the outbox. Returns how many."""
        now = self.clock()
        times = {"before": now - timedelta(seconds=self.seconds), "after": now + CLOCKS_DIFFER}
        with self.database.look() as reading:
            if reading.scalar(_FIRST_WAITING, times) is None:
                return 0
        with self.database.write() as session:
            rows = list(session.scalars(_WAITING, times))
            for row in rows:
                row.held_at = now
                key = "crisis" if self._is_crisis_in_private(session, row) else "holding"
                enqueue(
                    session,
                    delivery_key=_key(row),
                    kind="holding",
                    lane=row.conversation_id,
                    payload={"messages": [public(self.wording.say(key))]},
                    audience=BOTH,
                    conversation_id=row.conversation_id,
                    now=now,
                )
        HOLDING_NOTICES.inc(len(rows))
        return len(rows)

    def _is_crisis_in_private(self, session: Session, row: InboxRow) -> bool:
        if not row.text or not detect(row.text):
            return False
        return self.addresses.place_of(session, row.conversation_id) == "private"


def withdraw(session: Session, row: InboxRow, now: datetime) -> None:
    """Take back the notice about a row that has its reply now, if it hasn't left yet."""
    notice = session.scalar(
        select(OutboxRow).where(OutboxRow.delivery_key == _key(row)).with_for_update()
    )
    if notice is None or notice.status != PENDING:
        return
    # Nobody is sending it, and no earlier attempt can have arrived.
    if notice.claimed_by is None and notice.attempted_at is None:
        finish(notice, "cancelled", now)


def _key(row: InboxRow) -> str:
    return f"hold:{row.turn_id}"

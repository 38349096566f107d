from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from bot.db.backlog import Waiting, dead_letters, waiting_in_inbox, waiting_in_outbox
from bot.db.models import Choice, InboxRow, OutboxRow
from bot.db.queues import DEAD, enqueue, finish
from bot.db.session import Database

from ..records import add_conversation


def test_the_inbox_is_counted_by_what_was_sent(database: Database, now: datetime) -> None:
    place = add_conversation(database, now)
    with database.write() as session:
        session.add(
            Choice(id="choice:1", conversation_id=place, title="Yes", meaning={}, created_at=now)
        )
        session.flush()
        for number, choice in enumerate(["choice:1", None, None, None]):
            session.add(
                InboxRow(
                    key=f"k{number}", turn_id=f"turn:{number}", conversation_id=place, lane=place,
                    text=None if choice else "Hello?", choice_id=choice, due_at=now,
                    created_at=now + timedelta(seconds=number),
                )
            )  # fmt: skip
        session.flush()
        finish(session.scalar(select(InboxRow).where(InboxRow.key == "k1")), "answered", now)
    with database.read() as session:
        found = {row.kind: row for row in waiting_in_inbox(session)}
    assert found == {
        "choice": Waiting("choice", 1, now),
        "message": Waiting("message", 2, now + timedelta(seconds=2)),
    }


def test_the_outbox_is_counted_by_kind_and_what_was_given_up_apart(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        for number, kind in enumerate(["reply", "reply", "case_card", "case_card", "reply"]):
            enqueue(
                session, delivery_key=f"k{number}", kind=kind, lane="l", payload={},
                now=now + timedelta(seconds=number),
            )  # fmt: skip
        for key, status in (("k0", "sent"), ("k2", DEAD), ("k3", DEAD)):
            row = select(OutboxRow).where(OutboxRow.delivery_key == key)
            finish(session.scalar(row), status, now)
    with database.read() as session:
        assert waiting_in_outbox(session) == [Waiting("reply", 2, now + timedelta(seconds=1))]
        assert dead_letters(session) == {"case_card": 2}

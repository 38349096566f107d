"""Gives out all that is kept of a person or a conversation, table by table.

Anonymous cases are left out: to find them for somebody would be to name their asker.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from bot.privacy import audit, trackers
from bot.privacy.holdings import rows_of, tables
from bot.privacy.sealing import Seal
from bot.privacy.subjects import Subject, opened

Row = dict[str, Any]
_SEALED, _HASH = "_sealed", "_hash"
# How a row is worked on, and fingerprints: nothing about anybody.
_INNER = {"key", "lane", "claimed_by", "claimed_until", "attempts", "refusals", "delivery_key"}


def export(
    session: Session, subject: Subject, seal: Seal, now: datetime, actor: str
) -> dict[str, list[Row]]:
    """Return every row about a subject by table, `events` being Rasa's tracker.

    Sealed addresses are opened, fingerprints left out; times are ISO 8601. That it was
    exported is written into the audit trail.
    """
    found = {table.name: _rows(session, table, subject, seal) for table in tables()}
    found["events"] = trackers.events_of(session, subject.conversations)
    found = {name: rows for name, rows in sorted(found.items()) if rows}
    counts = {name: len(rows) for name, rows in found.items()}
    for exported in subject.people or subject.conversations or ("employee",):
        audit.write(session, now, actor=actor, action=audit.EXPORTED, subject=exported, rows=counts)
    return found


def _rows(session: Session, table: Table, subject: Subject, seal: Seal) -> list[Row]:
    found = select(table).where(rows_of(table, subject)).order_by(*table.primary_key)
    return [_as_told(dict(row), seal) for row in session.execute(found).mappings()]


def _as_told(row: Row, seal: Seal) -> Row:
    told: Row = {}
    for name, value in row.items():
        if name.endswith(_SEALED):
            told[name.removesuffix(_SEALED)] = opened(seal, value) if value else {}
        elif not name.endswith(_HASH) and name not in _INNER and value is not None:
            told[name] = value.isoformat() if isinstance(value, (date, datetime)) else value
    return told

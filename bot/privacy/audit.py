"""Writes and reads the audit trail: who saw, changed, exported or erased what.

An entry stands in the same transaction as what it tells of. It holds no text of anybody.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.audit import AuditEntry

SYSTEM = "system"
VIEWED, CHANGED, EXPORTED, ERASED, PURGED, IMPORTED = (
    "viewed",
    "changed",
    "exported",
    "erased",
    "purged",
    "imported",
)


def write(
    session: Session, now: datetime, *, actor: str, action: str, subject: str, **detail: Any
) -> None:
    """Add one entry; see `AuditEntry` for what actor and subject may be.

    Args:
        detail: counts, names of actions, numbers of cases; never a text of a person.
    """
    session.add(AuditEntry(at=now, actor=actor, action=action, subject=subject, detail=detail))


def entries(
    session: Session,
    *,
    subject: str | None = None,
    actor: str | None = None,
    since: datetime | None = None,
    at_most: int = 1000,
) -> list[AuditEntry]:
    """Return the latest entries, oldest first.

    Args:
        subject: only of this case (HR-1001), person, conversation or kind of data.
        actor: only by this person or operator.
        since: only from this time on.
    """
    found = select(AuditEntry)
    if subject is not None:
        found = found.where(AuditEntry.subject == subject)
    if actor is not None:
        found = found.where(AuditEntry.actor == actor)
    if since is not None:
        found = found.where(AuditEntry.at >= since)
    latest = session.scalars(found.order_by(AuditEntry.id.desc()).limit(at_most))
    return list(latest)[::-1]


def naming(session: Session, ids: Iterable[str]) -> list[AuditEntry]:
    """Return every entry by or about one of these ids, oldest first."""
    ids = tuple(ids)
    found = select(AuditEntry).where(AuditEntry.actor.in_(ids) | AuditEntry.subject.in_(ids))
    return list(session.scalars(found.order_by(AuditEntry.id)))


def operator() -> str:
    """Return whoever uses the command line, by the name of their account."""
    try:
        account = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        # In a container the account may have a number alone.
        account = str(os.getuid())
    return f"operator:{account}"[:80]

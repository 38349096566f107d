"""Where it is written down who of HR changed what an answer says."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.privacy import audit


def write(
    session: Session,
    now: datetime,
    *,
    actor: str | None,
    what: str,
    subject: str,
    action: str = audit.CHANGED,
    **detail: Any,
) -> None:
    """Write down one action in the audit trail; ids and names of things, never a text of a person.

    Args:
        session: the transaction that makes the change.
        actor: a person id, None for the command line.
        what: what was done, such as approved or undone.
        subject: a response, a program, a file or a promotion (P-7).
    """
    who = actor or audit.operator()
    audit.write(session, now, actor=who, action=action, subject=subject[:80], what=what, **detail)

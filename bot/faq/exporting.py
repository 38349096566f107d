"""Brings what HR changed from the database into the files, and writes down that it did."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.answers import Promotion
from bot.faq import content, trail
from bot.faq.export import pending, write_files, write_programs
from bot.faq.promoted import LIVE, WITHDRAWN
from bot.privacy import audit


def export_all(session: Session, data_dir: Path, domain: Path, now: datetime) -> list[Path]:
    """Write all changes; what is exported holds until the files with it are deployed.

    Returns:
        The files that were changed.

    Raises:
        DataFileError: a file can't be read; nothing is marked as exported then.
    """
    changes = pending(session, data_dir, domain)
    written = write_files(changes, data_dir, data_dir / "faq") if changes else []
    edited = content.latest(session, content.PROGRAM)
    fresh = {name: v.content for name, v in edited.items() if v.exported_at is None}
    programs = data_dir / "programs.yml"
    if fresh and write_programs(fresh, programs):
        written.append(programs)
    _mark(session, now)
    for path in written:
        trail.write(
            session, now, actor=None, what="exported", subject=path.name, action=audit.EXPORTED
        )
    return written


def _mark(session: Session, now: datetime) -> None:
    for kind in (content.ANSWER, content.PROGRAM):
        for version in content.latest(session, kind).values():
            version.exported_at = version.exported_at or now
    decided = select(Promotion).where(
        Promotion.status.in_((LIVE, WITHDRAWN)), Promotion.exported_at.is_(None)
    )
    for promotion in session.scalars(decided):
        promotion.exported_at = now
    content.touch(session)

"""Which migration a database stands at, without loading Alembic: the gateway asks again and again.

The files of `bot/db/migrations/versions` begin with their revision: 0001, 0002, …
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.orm import Session

TABLE = "alembic_version"
VERSIONS = Path(__file__).parent / "migrations" / "versions"


@cache
def known_revisions() -> tuple[str, ...]:
    """Return all revisions that this program knows, oldest first."""
    return tuple(sorted(path.stem.split("_")[0] for path in VERSIONS.glob("[0-9]*.py")))


def revision_of(session: Session) -> str | None:
    """Return the revision that a database stands at, or None if it has no tables of ours."""
    if not inspect(session.connection()).has_table(TABLE):
        return None
    return session.execute(text(f"SELECT version_num FROM {TABLE}")).scalar()


def fault_of(revision: str | None) -> str | None:
    """Return what is wrong with a database at this revision, or None."""
    known = known_revisions()
    if revision == known[-1]:
        return None
    if revision is None or revision in known:
        return "the database is not up to date: run “hrbot db upgrade”"
    return "the database was made by a newer version of this program"

"""Versions of what HR changes while everything runs: answers and programs.

The database wins over the file until the file has the change itself: a version keeps the hash
of the file's content that it replaced. Nothing is overwritten; to undo is a version too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.db.answers import ContentRevision, ContentVersion
from bot.errors import HRBotError
from bot.faq import trail
from bot.faq.book import Variant

ANSWER, PROGRAM = "answer", "program"
PROMOTED, EDITED, CHECKED = "promoted", "edited", "checked"
UNDONE, WITHDRAWN = "undone", "withdrawn"
Content = Any
"""Plain JSON: a list of variants (text, metadata, buttons), or a program's editable fields."""


class ContentError(HRBotError):
    """Something can't be changed now; the text says why."""


def revision(session: Session) -> int:
    """Return a number that has grown if anything here has changed."""
    return session.scalar(select(ContentRevision.number)) or 0


def touch(session: Session) -> None:
    """Let readers see, once it is committed, that something has changed."""
    grow = update(ContentRevision).values(number=ContentRevision.number + 1)
    grow = grow.execution_options(synchronize_session=False)
    if session.execute(grow).rowcount:
        return
    try:
        with session.begin_nested():
            session.add(ContentRevision(id=1, number=1))
    except IntegrityError:
        session.execute(grow)


def latest(session: Session, kind: str) -> dict[str, ContentVersion]:
    """Return the version that holds of everything that was ever changed, by subject."""
    of_kind = select(ContentVersion).where(ContentVersion.kind == kind)
    return {one.subject: one for one in session.scalars(of_kind.order_by(ContentVersion.id))}


def history(session: Session, kind: str, subject: str) -> list[ContentVersion]:
    """Return all versions of one subject, newest first."""
    found = select(ContentVersion).where(
        ContentVersion.kind == kind, ContentVersion.subject == subject
    )
    return list(session.scalars(found.order_by(ContentVersion.id.desc())))


def change(
    session: Session,
    now: datetime,
    *,
    kind: str,
    subject: str,
    content: Content,
    in_file: Content | None,
    cause: str,
    person_id: str | None,
    promotion_id: int | None = None,
    seen: int | None = None,
) -> ContentVersion:
    """Let something hold from now on.

    Args:
        in_file: what the file says of it, None if it says nothing.
        seen: the number of the version that the change was made upon (0: none), if it matters.

    Raises:
        ContentError: somebody has changed it since `seen`.
    """
    # Whoever changes something at the same time waits here.
    touch(session)
    before = next(iter(history(session, kind, subject)), None)
    if seen is not None and seen != (before.id if before else 0):
        raise ContentError(
            "A colleague has changed this in the meantime. Close this form and open it again."
        )
    is_pending = before is not None and before.exported_at is None
    version = ContentVersion(
        kind=kind,
        subject=subject,
        content=content,
        before=in_force(in_file, before),
        base_hash=before.base_hash if is_pending else fingerprint(in_file),
        cause=cause,
        promotion_id=promotion_id,
        person_id=person_id,
        at=now,
    )
    session.add(version)
    session.flush()
    trail.write(
        session, now, actor=person_id, what=cause, subject=subject, kind=kind, version=version.id
    )
    return version


def undo(
    session: Session,
    now: datetime,
    *,
    kind: str,
    subject: str,
    in_file: Content | None,
    person_id: str | None,
    seen: int | None = None,
) -> ContentVersion:
    """Take back the last change that isn't taken back already. Raises as `change` does."""
    undoable = last_change(history(session, kind, subject))
    if undoable is None:
        raise ContentError("There is nothing left to undo.")
    return change(
        session,
        now,
        kind=kind,
        subject=subject,
        content=undoable.before if undoable.before is not None else [],
        in_file=in_file,
        cause=UNDONE,
        person_id=person_id,
        seen=seen,
    )


def last_change(versions: Iterable[ContentVersion]) -> ContentVersion | None:
    """Return which of a subject's versions an undo would take back.

    Args:
        versions: all of them, newest first.
    """
    taken_back = 0
    for version in versions:
        if version.cause == UNDONE:
            taken_back += 1
        elif taken_back:
            taken_back -= 1
        else:
            return version
    return None


def in_force(in_file: Content | None, version: ContentVersion | None) -> Content | None:
    """Return what holds: the version, unless the file has taken it over or gone on since."""
    if version is None:
        return in_file
    if version.exported_at is not None and fingerprint(in_file) != version.base_hash:
        return in_file
    return version.content


def is_overtaken(in_file: Content | None, version: ContentVersion) -> bool:
    """Say whether file and database were both changed, each without the other's change."""
    return (
        version.exported_at is None
        and fingerprint(in_file) != version.base_hash
        and in_force(in_file, version) != in_file
    )


def fingerprint(content: Content | None) -> str | None:
    """Return the hash of some content, None of none."""
    if content is None:
        return None
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def content_of(variants: Iterable[Variant] | None) -> Content | None:
    """Return a response's variants as plain JSON, None of a response that isn't there."""
    if variants is None:
        return None
    return [
        {
            "text": variant.text,
            "metadata": {key: _plain(value) for key, value in variant.metadata.items()},
            **({"buttons": [dict(b) for b in variant.buttons]} if variant.buttons else {}),
        }
        for variant in variants
    ]


def variants_of(content: Content) -> tuple[Variant, ...]:
    """Return what `content_of` was given."""
    return tuple(
        Variant(
            text=one["text"],
            audience=one["metadata"].get("audience"),
            metadata=one["metadata"],
            buttons=tuple(one.get("buttons") or ()),
        )
        for one in content
    )


def _plain(value: Any) -> Any:
    # A date that stands in YAML without quotes.
    return value.isoformat() if hasattr(value, "isoformat") else value

"""The questions that HR promoted: what else is asked for a topic's answer."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from bot.db.answers import Promotion

WAITING, LIVE, SENT_BACK, WITHDRAWN = "waiting", "live", "sent_back", "withdrawn"
MOST_PHRASINGS = 10
LONGEST_PHRASING = 300


@dataclass(frozen=True)
class PromotedQuestions:
    """The ways of asking of one promotion.

    `is_withdrawn`: it was taken back; what has learnt it already must leave it alone.
    `is_exported`: it was written to the file, or is to be taken out of it.
    """

    promotion: int
    topic: str
    title: str
    audience: str
    phrasings: tuple[str, ...]
    is_withdrawn: bool = False
    is_exported: bool = False


def promoted_questions(session: Session) -> list[PromotedQuestions]:
    """Return what is live or was, oldest first."""
    found = (
        select(Promotion)
        .where(Promotion.status.in_((LIVE, WITHDRAWN)))
        .options(selectinload(Promotion.phrasings))
        .order_by(Promotion.id)
    )
    return [
        PromotedQuestions(
            promotion.id,
            promotion.topic,
            promotion.title,
            promotion.audience,
            tuple(phrasing.text for phrasing in promotion.phrasings),
            is_withdrawn=promotion.status == WITHDRAWN,
            is_exported=promotion.exported_at is not None,
        )
        for promotion in session.scalars(found)
    ]

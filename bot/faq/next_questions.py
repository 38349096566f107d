"""What people asked next: the topics that often follow a topic, read from the event log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.db.models import Conversation, TurnLog, UTCDateTime
from bot.privacy.suppression import is_group

LOOKED_BACK = timedelta(days=90)
NEXT_WITHIN = timedelta(hours=1)
KEPT = timedelta(hours=1)


class NextQuestions:
    """Tells which topics people asked about right after a topic; it counts once an hour."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._following: dict[str, list[str]] = {}
        self._until: datetime | None = None

    def after(self, session: Session, topic: str) -> list[str]:
        """Return topics that follow one, most often first."""
        now = self._clock()
        if self._until is None or now >= self._until:
            self._following = following_topics(session, now)
            self._until = now + KEPT
        return self._following.get(topic, [])


def following_topics(session: Session, now: datetime) -> dict[str, list[str]]:
    """Return for each topic those asked next by at least five people, most often first.

    Where nobody is known, as on the careers page, a conversation counts as one.
    """
    in_conversation = {"partition_by": TurnLog.conversation_id, "order_by": TurnLog.id}
    asker = func.coalesce(Conversation.person_id, TurnLog.conversation_id)
    turns = (
        select(
            asker.label("asker"),
            TurnLog.topic,
            TurnLog.created_at,
            func.lead(TurnLog.topic).over(**in_conversation).label("next_topic"),
            func.lead(TurnLog.created_at, type_=UTCDateTime())
            .over(**in_conversation)
            .label("next_at"),
        )
        .outerjoin(Conversation, Conversation.id == TurnLog.conversation_id)
        .where(
            TurnLog.created_at >= now - LOOKED_BACK,
            TurnLog.decision == "answer",
            TurnLog.topic.is_not(None),
        )
        .subquery()
    )
    askers: dict[tuple[str, str], set[str]] = defaultdict(set)
    pairs = select(turns).where(turns.c.next_topic != turns.c.topic)
    for turn in session.execute(pairs):
        if turn.next_at - turn.created_at <= NEXT_WITHIN:
            askers[turn.topic, turn.next_topic].add(turn.asker)
    following: dict[str, list[str]] = defaultdict(list)
    for (topic, following_topic), some in sorted(
        askers.items(), key=lambda pair: (-len(pair[1]), pair[0])
    ):
        if is_group(len(some)):
            following[topic].append(following_topic)
    return dict(following)

"""Answers that serve others: proposed with an answer to a case, approved, live, taken back.

Every function changes the promotion and writes what must leave (its card, news to whoever
proposed it) in the caller's transaction. Doing again what is done already changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.answers import ContentVersion, PromotedPhrasing, Promotion
from bot.db.models import Case
from bot.db.queues import enqueue
from bot.desk.cases import CLAIMED, OPEN, Actor, DeskError, find_case
from bot.desk.routing import Queue, Routing
from bot.faq import content, trail
from bot.faq.book import AnswerBook
from bot.faq.promoted import LIVE, SENT_BACK, WAITING, WITHDRAWN
from bot.privacy.audience import BOTH, EMPLOYEE

CARD, MATCH, OFFER, TOLD = (
    "promotion_card",
    "promotion_match",
    "promotion_offer",
    "promotion_told",
)
COMPARED_AT_MOST = 200
LONGEST_SLUG = 40


@dataclass(frozen=True)
class Draft:
    """What HR wants others to get. `answer` None: the topic's own answer stays."""

    topic: str
    title: str
    audience: str
    answer: str | None
    owner: str
    link: str
    review_by: date
    phrasings: tuple[str, ...]


def propose(
    session: Session,
    case_id: int,
    actor: Actor,
    draft: Draft,
    now: datetime,
    *,
    routing: Routing,
    book: AnswerBook,
    source: str,
) -> Promotion:
    """Take a draft in; it is live at once where the case's queue asks for no second person.

    Args:
        source: what its answer names as its source once it is live.
    """
    case = find_case(session, case_id)
    queue = routing.queue_of(case)
    promotion = Promotion(
        case_id=case.id,
        queue=queue.name,
        status=WAITING,
        topic=draft.topic,
        title=draft.title,
        audience=draft.audience,
        answer=draft.answer,
        owner=draft.owner,
        link=draft.link,
        review_by=draft.review_by,
        proposer_id=actor.person_id,
        proposed_at=now,
        revision=0,
        phrasings=[PromotedPhrasing(text=text) for text in draft.phrasings],
    )
    session.add(promotion)
    session.flush()
    _record(session, promotion, actor, "proposed", now)
    if not queue.approval:
        _go_live(session, promotion, actor, now, book=book, source=source)
    return promotion


def approve(
    session: Session,
    promotion_id: int,
    actor: Actor,
    now: datetime,
    *,
    routing: Routing,
    book: AnswerBook,
    source: str,
) -> Promotion:
    """Let a draft go live.

    Raises:
        DeskError: it was decided otherwise, or whoever proposed it may not decide alone.
    """
    promotion = find_promotion(session, promotion_id)
    if promotion.status == LIVE:
        return promotion
    _must_wait(promotion)
    if queue_of(routing, promotion).approval and actor.person_id == promotion.proposer_id:
        raise DeskError("Somebody else has to approve what you have proposed.")
    _go_live(session, promotion, actor, now, book=book, source=source)
    return promotion


def send_back(
    session: Session, promotion_id: int, actor: Actor, remark: str, now: datetime
) -> Promotion:
    """Give a draft back to whoever proposed it, who is told why.

    Raises:
        DeskError: it was decided already, or no reason is given.
    """
    promotion = find_promotion(session, promotion_id)
    if promotion.status == SENT_BACK:
        return promotion
    _must_wait(promotion)
    if not remark.strip():
        raise DeskError("Please say in a few words what should change.")
    promotion.status, promotion.remark = SENT_BACK, remark.strip()
    _decide(session, promotion, actor, "sent_back", now)
    if promotion.proposer_id not in (None, actor.person_id):
        _enqueue(session, promotion, TOLD, f"told:{reference_of(promotion)}:sent_back", now)
    return promotion


def withdraw(
    session: Session, promotion_id: int, actor: Actor, now: datetime, *, book: AnswerBook
) -> Promotion:
    """Take a live answer back: nobody gets it any more, and what it replaced holds again.

    Raises:
        DeskError: it isn't live.
    """
    promotion = find_promotion(session, promotion_id)
    if promotion.status == WITHDRAWN:
        return promotion
    if promotion.status != LIVE:
        raise DeskError(f"{reference_of(promotion)} isn't live, so there is nothing to take back.")
    promotion.status = WITHDRAWN
    # Fewer questions are to stand in the files again.
    promotion.exported_at = None
    _restore(session, promotion, actor, now, book)
    content.touch(session)
    _decide(session, promotion, actor, "withdrawn", now)
    return promotion


def find_promotion(session: Session, promotion_id: int) -> Promotion:
    """Return a promotion as it is now, locked for change.

    Raises:
        DeskError: if there is none with this number.
    """
    locked = select(Promotion).where(Promotion.id == promotion_id).with_for_update()
    promotion = session.scalar(locked.execution_options(populate_existing=True))
    if promotion is None:
        raise DeskError(f"There is no draft P-{promotion_id}.")
    return promotion


def reference_of(promotion: Promotion) -> str:
    """Return the number that HR sees: P-1, P-2, …"""
    return f"P-{promotion.id}"


def queue_of(routing: Routing, promotion: Promotion) -> Queue:
    """Return the queue whose people decide about a promotion."""
    return routing.queues.get(promotion.queue, routing.default)


def topic_named(category: str, title: str, taken: Sequence[str]) -> str:
    """Return a fresh topic id for a title, `pay/charging_an_electric_car`."""
    words = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")[:LONGEST_SLUG].strip("_")
    topic = base = f"{category}/{words or 'topic'}"
    number = 2
    while topic in taken:
        topic, number = f"{base}_{number}", number + 1
    return topic


def open_cases_besides(session: Session, promotion: Promotion) -> list[Case]:
    """Return the cases that a live promotion may answer too, newest first."""
    waiting = (
        select(Case)
        .where(Case.status.in_((OPEN, CLAIMED)), Case.id != (promotion.case_id or 0))
        .order_by(Case.id.desc())
        .limit(COMPARED_AT_MOST)
    )
    return list(session.scalars(waiting))


def offer_to_answer(
    session: Session, promotion: Promotion, queue: str, cases: Sequence[int], now: datetime
) -> None:
    """Have the people of a queue asked whether these cases of theirs are answered too."""
    key = f"offer:{reference_of(promotion)}:{queue}"
    _enqueue(session, promotion, OFFER, key, now, queue=queue, cases=sorted(cases))


def _go_live(
    session: Session,
    promotion: Promotion,
    actor: Actor,
    now: datetime,
    *,
    book: AnswerBook,
    source: str,
) -> None:
    promotion.status = LIVE
    if promotion.answer is not None:
        response = f"utter_{promotion.topic}"
        in_file = content.content_of(book.of_files.get(response))
        known = next(iter(content.history(session, content.ANSWER, response)), None)
        content.change(
            session,
            now,
            kind=content.ANSWER,
            subject=response,
            content=_variants(promotion, content.in_force(in_file, known) or [], source, now),
            in_file=in_file,
            cause=content.PROMOTED,
            person_id=actor.person_id,
            promotion_id=promotion.id,
        )
    content.touch(session)
    _decide(session, promotion, actor, "approved", now)
    _enqueue(session, promotion, MATCH, f"match:{reference_of(promotion)}", now)


def _variants(
    promotion: Promotion, before: list[dict[str, Any]], source: str, now: datetime
) -> list[dict[str, Any]]:
    """Return a topic's variants with the new one in place of that for the same people."""
    replaced = [
        one
        for one in before
        if promotion.audience == BOTH or one["metadata"].get("audience") == promotion.audience
    ]
    kept = [one for one in before if one not in replaced]
    like = replaced[0]["metadata"] if replaced else {}
    metadata = {
        **{key: like[key] for key in ("related",) if key in like},
        "audience": promotion.audience,
        "title": promotion.title,
        "source": source,
        "link": promotion.link,
        "owner": promotion.owner,
        "reviewed": now.date().isoformat(),
        "review_by": promotion.review_by.isoformat(),
        # A topic that began so may have few phrasings for a while.
        **({} if before else {"promoted": True}),
    }
    return [{"text": promotion.answer.strip(), "metadata": metadata}, *kept]


def _restore(
    session: Session, promotion: Promotion, actor: Actor, now: datetime, book: AnswerBook
) -> None:
    """Let the answer from before hold again, unless HR has edited it since."""
    if promotion.answer is None:
        return
    response = f"utter_{promotion.topic}"
    versions = content.history(session, content.ANSWER, response)
    promoted = next((v for v in versions if v.promotion_id == promotion.id), None)
    if promoted is None or (promoted.before and not _holds(promoted, versions)):
        return
    content.change(
        session,
        now,
        kind=content.ANSWER,
        subject=response,
        content=promoted.before or [],
        in_file=content.content_of(book.of_files.get(response)),
        cause=content.WITHDRAWN,
        person_id=actor.person_id,
        promotion_id=promotion.id,
    )


def _holds(version: ContentVersion, versions: Sequence[ContentVersion]) -> bool:
    return content.last_change(versions) is version


def _must_wait(promotion: Promotion) -> None:
    if promotion.status != WAITING:
        words = {LIVE: "live", SENT_BACK: "sent back", WITHDRAWN: "taken back"}
        raise DeskError(f"{reference_of(promotion)} is {words[promotion.status]} already.")


def _decide(
    session: Session, promotion: Promotion, actor: Actor, action: str, now: datetime
) -> None:
    promotion.decider_id, promotion.decided_at = actor.person_id, now
    _record(session, promotion, actor, action, now)


def _record(
    session: Session, promotion: Promotion, actor: Actor, action: str, now: datetime
) -> None:
    promotion.revision += 1
    trail.write(
        session,
        now,
        actor=actor.person_id,
        what=action,
        subject=reference_of(promotion),
        topic=promotion.topic,
    )
    key = f"card:{reference_of(promotion)}:{promotion.revision}"
    _enqueue(session, promotion, CARD, key, now)


def _enqueue(
    session: Session, promotion: Promotion, kind: str, key: str, now: datetime, **payload: Any
) -> None:
    enqueue(
        session,
        delivery_key=key,
        kind=kind,
        lane=f"promotion:{promotion.id}",
        payload={"promotion": promotion.id, **payload},
        audience=EMPLOYEE,
        now=now,
    )

"""Makes drafts of answers for others, has the assistant check them, and takes decisions in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.orm import Session

from bot.db.answers import Promotion
from bot.db.models import Case
from bot.db.session import Database
from bot.desk import promotions, work
from bot.desk.cases import FINISHED, Actor, DeskError, find_case
from bot.desk.promotion_views import Filled, NearTopic
from bot.desk.promotions import Draft
from bot.desk.routing import Routing, category_of
from bot.faq.book import AnswerBook
from bot.faq.deidentify import deidentified, vocabulary
from bot.faq.lint import answer_problems
from bot.faq.live import LiveBook
from bot.faq.promoted import LONGEST_PHRASING
from bot.gateway.addresses import AddressBook
from bot.gateway.assistant_client import (
    AssistantClient,
    AssistantUnavailableError,
    TurnRefusedError,
)
from bot.gateway.slack.suggestions import Suggestions
from bot.gateway.wording import Wording
from bot.privacy.audience import EMPLOYEE
from bot.programs.facts import facts as program_facts

log = structlog.get_logger(__name__)

ANSWER_SECONDS = 1.5
"""Slack waits three seconds for a form to be taken; the assistant gets half of that."""
NEAR_SHOWN = 3
REVIEWED_EVERY = timedelta(days=365)


class AssistantAwayError(Exception):
    """The assistant can't be asked now."""


@dataclass(frozen=True)
class Promoting:
    """See the module."""

    database: Database
    assistant: AssistantClient
    live: LiveBook
    company: dict[str, str]
    suggestions: Suggestions
    routing: Routing
    addresses: AddressBook
    wording: Wording
    clock: Callable[[], datetime]
    on_outbox: Callable[[], None]

    @property
    def book(self) -> AnswerBook:
        """The answers as they hold now, up to a few seconds."""
        return self.live.book

    # The draft

    async def filled_for(self, case: Case, answer: str) -> tuple[Filled, list[NearTopic]]:
        """Return what stands in a fresh draft, and what may answer the question already."""
        known = await asyncio.to_thread(self._known_words)
        question = deidentified(case.question, known)[:LONGEST_PHRASING]
        near = await self._near(question)
        topic = case.topic if f"utter_{case.topic}" in self.book.responses else None
        like = topic or (near[0].topic if near else None)
        metadata = self._metadata(like)
        return (
            Filled(
                phrasings=(question,) if question else (),
                answer=deidentified(answer, known),
                topic=topic,
                title="",
                category=category_of(like),
                audience=case.audience,
                owner=metadata.get("owner", ""),
                link=metadata.get("link", ""),
                review_by=self.clock().date() + REVIEWED_EVERY,
            ),
            near,
        )

    async def filled_again(self, promotion: Promotion) -> tuple[Filled, list[NearTopic]]:
        """Return what stands in a draft that was sent back."""
        is_known = f"utter_{promotion.topic}" in self.book.responses
        near = await self._near(promotion.phrasings[0].text)
        return (
            Filled(
                phrasings=tuple(phrasing.text for phrasing in promotion.phrasings),
                answer=promotion.answer or "",
                topic=promotion.topic if is_known else None,
                title="" if is_known else promotion.title,
                category=category_of(promotion.topic),
                audience=promotion.audience,
                owner=promotion.owner,
                link=promotion.link,
                review_by=promotion.review_by,
                replaces=is_known and promotion.answer is not None,
            ),
            near,
        )

    def topics(self) -> list[tuple[str, str]]:
        """Return ids and titles of all topics that there are."""
        return [(topic, self.book.title_of(topic)) for topic in self.book.topics()]

    def own_audience(self, topic: str) -> str:
        """Return who may see a topic's answer as it is now."""
        told = {variant.audience for variant in self.book.responses[f"utter_{topic}"]}
        return EMPLOYEE if told == {EMPLOYEE} else "both"

    async def faults(self, draft: Draft) -> dict[str, str]:
        """Return what speaks against a draft: a sentence for `questions` or `answer`, or nothing.

        Raises:
            AssistantAwayError: nobody can say now whether it takes other topics' questions.
        """
        if draft.answer is not None:
            wrong = await asyncio.to_thread(self._faults_of_answer, draft)
            if wrong:
                return {"answer": wrong}
        found = await self._ask(
            "check",
            {
                "topic": draft.topic,
                "title": draft.title,
                "audience": draft.audience,
                "phrasings": list(draft.phrasings),
            },
        )
        lines = [self._stolen(one) for one in found["stolen"]]
        lines += [self._missed(one) for one in found["missed"]]
        return {"questions": " ".join(dict.fromkeys(lines))[:2000]} if lines else {}

    # Decisions

    def propose(self, team: str, user: str, case_id: int, draft: Draft) -> Promotion:
        """Take a draft in. Raises as `bot.desk.promotions.propose`."""
        with self.database.write() as session:
            now = self.clock()
            actor = self._actor(session, team, user, now)
            queue = self.routing.queue_of(find_case(session, case_id))
            promotion = promotions.propose(
                session,
                case_id,
                actor,
                draft,
                now,
                routing=self.routing,
                book=self.book,
                source=self._source(queue.title),
            )
        self.on_outbox()
        return promotion

    async def approve(self, team: str, user: str, promotion_id: int) -> Promotion:
        """Let a draft go live, if it is still right to.

        Raises:
            DeskError: it can't go live; the text says why.
            AssistantAwayError: it can't be checked now.
        """
        promotion = await asyncio.to_thread(self.find, promotion_id)
        if promotion.status == promotions.WAITING:
            wrong = await self.faults(draft_of(promotion))
            if wrong:
                raise DeskError(" ".join(wrong.values()))
        source = self._source(promotions.queue_of(self.routing, promotion).title)
        shared = {"routing": self.routing, "book": self.book, "source": source}

        def change(session: Session, actor: Actor, now: datetime) -> Promotion:
            return promotions.approve(session, promotion_id, actor, now, **shared)

        return await asyncio.to_thread(self._change, team, user, change)

    def send_back(self, team: str, user: str, promotion_id: int, remark: str) -> Promotion:
        """Give a draft back. Raises as `bot.desk.promotions.send_back`."""
        return self._change(
            team,
            user,
            lambda session, actor, now: promotions.send_back(
                session, promotion_id, actor, remark, now
            ),
        )

    def withdraw(self, team: str, user: str, promotion_id: int) -> Promotion:
        """Take an answer back. Raises as `bot.desk.promotions.withdraw`."""
        return self._change(
            team,
            user,
            lambda session, actor, now: promotions.withdraw(
                session, promotion_id, actor, now, book=self.book
            ),
        )

    def find(self, promotion_id: int) -> Promotion:
        """Return a promotion with its phrasings.

        Raises:
            DeskError: if there is none with this number.
        """
        with self.database.read() as session:
            promotion = session.get(Promotion, promotion_id)
            if promotion is None:
                raise DeskError(f"There is no draft P-{promotion_id}.")
            list(promotion.phrasings)
            return promotion

    # Others who asked the same

    async def match(self, promotion_id: int) -> None:
        """Find the open cases that a live promotion answers too, and have their queues asked.

        Raises:
            AssistantUnavailableError: the assistant can't be asked now.
            TurnRefusedError: it refuses.
        """
        promotion, cases = await asyncio.to_thread(self._still_open, promotion_id)
        if promotion.status != promotions.LIVE or not cases:
            return
        asked = [{"case": c.id, "text": c.question, "audience": c.audience} for c in cases]
        told = await self.assistant.tell("alike", {"topic": promotion.topic, "questions": asked})
        alike = set(told["cases"])
        await asyncio.to_thread(
            self._offer, promotion_id, [case for case in cases if case.id in alike]
        )

    def answer_all(
        self, team: str, user: str, promotion_id: int, case_ids: Sequence[int]
    ) -> list[str]:
        """Answer open cases with what is live, each once; return the numbers of those answered.

        That the user may is the caller's to see. Who was answered meanwhile is left alone.
        """
        self.live.refresh(at_once=True)
        promotion = self.find(promotion_id)
        if promotion.status != promotions.LIVE:
            raise DeskError(f"{promotions.reference_of(promotion)} isn't live any more.")
        answered = []
        for case_id in case_ids:
            with self.database.write() as session:
                now = self.clock()
                case = find_case(session, case_id)
                found = self.suggestions.on(promotion.topic, case.audience, now)
                if found is None or case.status in FINISHED:
                    continue
                actor = self._actor(session, team, user, now)
                work.answer(session, case_id, actor, found.text, now)
                answered.append(case.reference)
        self.on_outbox()
        return answered

    def _still_open(self, promotion_id: int) -> tuple[Promotion, list[Case]]:
        with self.database.read() as session:
            promotion = session.get(Promotion, promotion_id)
            return promotion, promotions.open_cases_besides(session, promotion)

    def _offer(self, promotion_id: int, cases: Sequence[Case]) -> None:
        by_queue: dict[str, list[int]] = {}
        for case in cases:
            by_queue.setdefault(self.routing.queue_of(case).name, []).append(case.id)
        with self.database.write() as session:
            promotion = session.get(Promotion, promotion_id)
            for queue, numbers in by_queue.items():
                promotions.offer_to_answer(session, promotion, queue, numbers, self.clock())
        self.on_outbox()

    def _change(
        self, team: str, user: str, change: Callable[[Session, Actor, datetime], Promotion]
    ) -> Promotion:
        with self.database.write() as session:
            now = self.clock()
            promotion = change(session, self._actor(session, team, user, now), now)
        self.on_outbox()
        return promotion

    def _actor(self, session: Session, team: str, user: str, now: datetime) -> Actor:
        return Actor("hr", self.addresses.person(session, team, user, now).id)

    def _source(self, queue: str) -> str:
        return self.wording.say("promoted_source", queue=queue)

    async def _near(self, question: str) -> list[NearTopic]:
        """Return what is near, nothing if the assistant can't say: the form opens all the same."""
        if not question:
            return []
        try:
            found = await self._ask("near", {"text": question, "at_most": NEAR_SHOWN})
        except AssistantAwayError:
            return []
        return [NearTopic(n["topic"], n["title"], n["question"]) for n in found["near"]]

    async def _ask(self, route: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            return await asyncio.wait_for(self.assistant.tell(route, body), ANSWER_SECONDS)
        except (AssistantUnavailableError, TurnRefusedError, asyncio.TimeoutError) as error:
            log.warning("promoting.assistant_away", route=route, reason=type(error).__name__)
            raise AssistantAwayError from error

    def _metadata(self, topic: str | None) -> dict[str, Any]:
        variants = self.book.responses.get(f"utter_{topic}", ())
        return dict(variants[0].metadata) if variants else {}

    def _known_words(self) -> frozenset[str]:
        with self.database.read() as session:
            programs = program_facts(session, date.today())
        return vocabulary(self.book, [*self.company.values(), *programs.values()])

    def _faults_of_answer(self, draft: Draft) -> str:
        with self.database.read() as session:
            programs = program_facts(session, self.clock().date())
        variant = {
            "text": draft.answer,
            "metadata": {
                "audience": draft.audience,
                "title": draft.title,
                "source": "HR",
                "link": draft.link,
                "owner": draft.owner,
                "reviewed": self.clock().date().isoformat(),
            },
        }
        found = answer_problems("", variant, {*self.company, *programs})
        return " ".join(problem.partition(": ")[2] for problem in found)

    def _stolen(self, one: dict[str, Any]) -> str:
        return self.wording.say("draft_steals", question=one["question"], topic=one["title"])

    def _missed(self, one: dict[str, Any]) -> str:
        key = {"crisis": "draft_is_crisis", "sensitive": "draft_is_sensitive"}.get(one["kind"])
        key = key or ("draft_is_answered" if one["title"] else "draft_not_found")
        return self.wording.say(key, question=one["question"], topic=one["title"] or "")


def draft_of(promotion: Promotion) -> Draft:
    """Return a promotion as the draft that it was."""
    return Draft(
        topic=promotion.topic,
        title=promotion.title,
        audience=promotion.audience,
        answer=promotion.answer,
        owner=promotion.owner,
        link=promotion.link,
        review_by=promotion.review_by,
        phrasings=tuple(phrasing.text for phrasing in promotion.phrasings),
    )

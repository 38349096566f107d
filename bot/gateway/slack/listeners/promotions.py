"""Answers for others: the draft's form, approving, sending back, taking back, answering others."""

from __future__ import annotations

import asyncio
import json
from datetime import date
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.db.answers import Promotion
from bot.db.models import Case
from bot.desk import promotion_views as views
from bot.desk.cases import DeskError
from bot.desk.promotion_views import DraftForm
from bot.desk.promotions import Draft, queue_of, topic_named
from bot.faq.content import ContentError
from bot.faq.promoted import LONGEST_PHRASING, MOST_PHRASINGS
from bot.gateway.promoting import AssistantAwayError, Promoting
from bot.gateway.slack.gate import Gate, channel_of, typed_fields
from bot.gateway.slack.listeners.choices import sender_of
from bot.gateway.slack.whisper import replace_message, whisper

_BLOCK_OF = {"questions": views.QUESTIONS, "answer": views.ANSWER}


class FieldError(Exception):
    """A field of the form can't stay as it is: its block, and what is wrong."""

    def __init__(self, block: str, text: str) -> None:
        super().__init__(text)
        self.block = block


class PromotionListener:
    """Lets HR use an answer for others."""

    def __init__(self, gate: Gate, promoting: Promoting) -> None:
        self._gate = gate
        self._promoting = promoting

    def register(self, app: AsyncApp) -> None:
        """Listen for the forms and the card's buttons."""
        app.view(views.DRAFT_MODAL)(self.on_draft)
        app.action(views.APPROVE)(self.on_approve)
        app.action(views.SEND_BACK)(self.on_send_back)
        app.view(views.SEND_BACK_MODAL)(self.on_sent_back)
        app.action(views.REVISE)(self.on_revise)
        app.action(views.WITHDRAW)(self.on_withdraw)
        app.action(views.ANSWER_ALL)(self.on_answer_all)

    async def form_for(self, case: Case, answer: str, channel: str) -> dict[str, Any]:
        """Return the form of a fresh draft."""
        filled, near = await self._promoting.filled_for(case, answer)
        topics, say = self._promoting.topics(), self._gate.say
        return views.draft_modal(DraftForm(case.id, channel), filled, near, topics, say)

    async def on_draft(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Check a draft and take it in; what speaks against it is said at its field."""
        form, (team, user) = DraftForm.read(body["view"]["private_metadata"]), sender_of(body)
        try:
            await self._gate.permitted(form.case, user, form.channel or None)
            draft = self._draft(typed_fields(body["view"]))
            faults = await self._promoting.faults(draft)
            if not faults:
                await asyncio.to_thread(self._promoting.propose, team, user, form.case, draft)
        except FieldError as error:
            errors = {error.block: str(error)}
        except AssistantAwayError:
            errors = {views.QUESTIONS: self._gate.say("draft_not_checked")}
        except (DeskError, ContentError) as error:
            errors = {views.QUESTIONS: str(error)}
        else:
            errors = {_BLOCK_OF[field]: text for field, text in faults.items()}
        await (ack(response_action="errors", errors=errors) if errors else ack())

    async def on_approve(self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Let a draft go live."""
        await ack()
        promotion = await self._clicked(body, respond)
        if promotion is None:
            return
        try:
            await self._promoting.approve(*sender_of(body), promotion.id)
        except (DeskError, ContentError) as error:
            await whisper(respond, str(error))
        except AssistantAwayError:
            await whisper(respond, self._gate.say("draft_not_checked"))

    async def on_send_back(
        self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond
    ) -> None:
        """Ask what should change."""
        await ack()
        promotion = await self._clicked(body, respond)
        if promotion is not None:
            view = views.send_back_modal(promotion, channel_of(body) or "", self._gate.say)
            await self._gate.open_form(body, respond, view)

    async def on_sent_back(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Give the draft back with what should change."""
        told = json.loads(body["view"]["private_metadata"])
        remark = typed_fields(body["view"]).get(views.REMARK) or ""
        team, user = sender_of(body)
        try:
            promotion = await asyncio.to_thread(self._promoting.find, told["promotion"])
            await self._require(promotion, user, told["channel"])
            await asyncio.to_thread(self._promoting.send_back, team, user, promotion.id, remark)
        except DeskError as error:
            await ack(response_action="errors", errors={views.REMARK: str(error)})
        else:
            await ack()

    async def on_revise(self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Open a draft that was sent back once more."""
        await ack()
        promotion = await self._clicked(body, respond)
        if promotion is None or promotion.case_id is None:
            return
        filled, near = await self._promoting.filled_again(promotion)
        form = DraftForm(promotion.case_id, channel_of(body) or "")
        topics = self._promoting.topics()
        view = views.draft_modal(form, filled, near, topics, self._gate.say)
        await self._gate.open_form(body, respond, view)

    async def on_withdraw(self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Take an answer back."""
        await ack()
        promotion = await self._clicked(body, respond)
        if promotion is None:
            return
        try:
            await asyncio.to_thread(self._promoting.withdraw, *sender_of(body), promotion.id)
        except (DeskError, ContentError) as error:
            await whisper(respond, str(error))

    async def on_answer_all(
        self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond
    ) -> None:
        """Answer the open cases that the clicking person may answer."""
        await ack()
        number, _, listed = body["actions"][0]["value"].partition(":")
        user, allowed = body["user"]["id"], []
        for case_id in map(int, listed.split(",")):
            try:
                await self._gate.permitted(case_id, user, channel_of(body))
            except DeskError:
                continue
            allowed.append(case_id)
        if not allowed:
            await whisper(respond, self._gate.say("not_allowed"))
            return
        try:
            answered = await asyncio.to_thread(
                self._promoting.answer_all, *sender_of(body), int(number), allowed
            )
        except DeskError as error:
            await whisper(respond, str(error))
            return
        text, blocks = views.answered_all(f"P-{number}", answered, self._gate.say)
        await replace_message(respond, text, blocks)

    def _draft(self, typed: dict[str, Any]) -> Draft:
        """Read the form.

        Raises:
            FieldError: a field can't stay as it is.
        """
        say, known = self._gate.say, dict(self._promoting.topics())
        lines = (" ".join(line.split()) for line in (typed[views.QUESTIONS] or "").splitlines())
        phrasings = tuple(dict.fromkeys(line.removeprefix("- ") for line in lines if line))
        if not phrasings or len(phrasings) > MOST_PHRASINGS:
            text = say("draft_how_many", most=str(MOST_PHRASINGS))
            raise FieldError(views.QUESTIONS, text)
        if max(map(len, phrasings)) > LONGEST_PHRASING:
            text = say("draft_too_long", most=str(LONGEST_PHRASING))
            raise FieldError(views.QUESTIONS, text)
        topic, title, audience = typed[views.TOPIC], typed[views.TITLE], typed[views.AUDIENCE]
        answer = (typed[views.ANSWER] or "").strip()
        if topic != views.NEW:
            title = known.get(topic, topic)
            keeps = typed[views.USE] == views.KEEP
            audience = self._promoting.own_audience(topic) if keeps else audience
            answer = None if keeps else answer
        elif not title or not title.strip():
            raise FieldError(views.TITLE, say("draft_needs_title"))
        elif not typed[views.CATEGORY]:
            raise FieldError(views.CATEGORY, say("draft_needs_category"))
        else:
            topic = topic_named(typed[views.CATEGORY], title, list(known))
        return Draft(
            topic=topic,
            title=title.strip(),
            audience=audience,
            answer=answer,
            owner=typed[views.OWNER].strip(),
            link=typed[views.LINK].strip(),
            review_by=date.fromisoformat(typed[views.REVIEW]),
            phrasings=phrasings,
        )

    async def _clicked(self, body: dict[str, Any], respond: AsyncRespond) -> Promotion | None:
        """Return the promotion of a click to somebody who may decide, or whisper why not."""
        try:
            number = int(body["actions"][0]["value"])
            promotion = await asyncio.to_thread(self._promoting.find, number)
            await self._require(promotion, body["user"]["id"], channel_of(body))
        except DeskError as error:
            await whisper(respond, str(error))
            return None
        return promotion

    async def _require(self, promotion: Promotion, user: str, channel: str | None) -> None:
        queue = queue_of(self._gate.desk.routing, promotion)
        is_there = queue.members is None and bool(channel) and channel == queue.channel
        if not is_there and not await self._gate.members.works_in(queue, user):
            raise DeskError(self._gate.say("not_allowed"))

"""The form in which HR answers: what is nearest, one tap to insert it, and a preview."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import Any, Protocol

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.db.models import Case
from bot.desk import card, cases, modals, work
from bot.desk.asker_views import answer_to_asker
from bot.desk.cases import DeskError
from bot.desk.modals import Form
from bot.gateway.outbox import RefusedError, TryLaterError
from bot.gateway.slack.client import call
from bot.gateway.slack.gate import Gate, form_for, input_block, typed_in
from bot.gateway.slack.listeners.cases import case_id_of
from bot.gateway.slack.listeners.choices import sender_of
from bot.gateway.slack.suggestions import Suggestions

log = structlog.get_logger(__name__)

LONGEST = 3000


class Drafts(Protocol):
    """Makes the form in which an answer is made ready for others."""

    async def form_for(self, case: Case, answer: str, channel: str) -> dict[str, Any]:
        """Return the form for what was just answered."""


class AnswerListener:
    """Lets HR answer."""

    def __init__(self, gate: Gate, suggestions: Suggestions, drafts: Drafts) -> None:
        self._gate = gate
        self._suggestions = suggestions
        self._drafts = drafts

    def register(self, app: AsyncApp) -> None:
        """Listen for the button and the form."""
        app.action(card.ANSWER)(self.on_answer)
        app.action(re.compile(rf"^{modals.INSERT}:\d+$"))(self.on_insert)
        app.action(modals.PREVIEW)(self.on_preview)
        app.view(modals.ANSWER_MODAL)(self.on_submitted)

    async def on_answer(self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Open the form."""
        await ack()
        case_id = case_id_of(body)
        case = await self._gate.clicked(body, respond, case_id)
        if case is None:
            return
        if case.status in cases.FINISHED:
            await self._gate.tell_stale(body, respond, case_id)
            return
        await asyncio.to_thread(self._gate.desk.viewed, *sender_of(body), [case], "answer")
        await self._gate.open_form(body, respond, await self._view(case, form_for(case, body)))

    async def on_insert(self, ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]) -> None:
        """Put an approved answer below what is typed already."""
        await ack()
        view = body["view"]
        form = Form.read(view["private_metadata"])
        try:
            case = await self._gate.permitted(form.case, body["user"]["id"], form.channel or None)
        except DeskError:
            return
        typed = typed_in(view, modals.TEXT) or ""
        found = await asyncio.to_thread(
            self._suggestions.on, action["value"], case.audience, self._gate.desk.clock()
        )
        text = "\n\n".join(part for part in (typed.strip(), found and found.text) if part)
        remark = None
        if len(text) > LONGEST:
            text, remark = typed, self._gate.say("modal_insert_too_long")
        # A field keeps what was typed, whatever its new initial value, unless it has a new name.
        form = replace(form, inserts=form.inserts + 1)
        shown = await self._view(case, form, typed=text, remark=remark)
        try:
            await call(
                lambda: self._gate.slack.web.views_update(
                    view_id=view["id"], hash=view["hash"], view=shown
                )
            )
        except (TryLaterError, RefusedError) as error:
            log.warning("slack.modal_not_updated", reason=error.reason)

    async def on_preview(self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Show the answer as the asker will see it."""
        await ack()
        view = body["view"]
        form = Form.read(view["private_metadata"])
        try:
            case = await self._gate.permitted(form.case, body["user"]["id"], form.channel or None)
        except DeskError:
            return
        text = (typed_in(view, modals.TEXT) or "").strip()
        shown = answer_to_asker(case, text, self._gate.say)[1] if text else []
        await self._gate.open_form(body, respond, modals.preview_modal(shown, self._gate.say))

    async def on_submitted(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Send the answer; if a colleague was faster, show theirs and keep this one's text.

        With the tick, a draft of it for others comes next.
        """
        view = body["view"]
        text = typed_in(view, modals.TEXT) or ""
        form, (team, user) = Form.read(view["private_metadata"]), sender_of(body)
        try:
            case = await self._gate.permitted(form.case, user, form.channel or None)
            await asyncio.to_thread(self._gate.desk.hr, team, user, case.id, work.answer, text)
        except DeskError as error:
            late = await self._too_late(form, text)
            if late is None:
                await ack(response_action="errors", errors={input_block(view): str(error)})
            else:
                await ack(response_action="update", view=late)
        else:
            if not typed_in(view, modals.SHARE):
                await ack()
                return
            draft = await self._drafts.form_for(case, text, form.channel)
            await ack(response_action="update", view=draft)

    async def _too_late(self, form: Form, text: str) -> dict[str, Any] | None:
        try:
            case = await asyncio.to_thread(self._gate.desk.case, form.case)
        except DeskError:
            return None
        if case.status not in cases.FINISHED or not text.strip():
            return None
        who = await asyncio.to_thread(self._gate.desk.mention, case.assignee_id)
        say = self._gate.say
        return modals.too_late_modal(case, form, who or say("card_nobody"), text, say)

    async def _view(
        self, case: Case, form: Form, *, typed: str | None = None, remark: str | None = None
    ) -> dict[str, Any]:
        entries = await asyncio.to_thread(self._gate.desk.entries, case.id)
        nearest = await asyncio.to_thread(self._suggestions.for_case, case, self._gate.desk.clock())
        return modals.answer_modal(
            case, form, entries, nearest, self._gate.say, typed=typed, remark=remark
        )

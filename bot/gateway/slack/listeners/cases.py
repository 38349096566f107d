"""HR's buttons on a case's card, the answer modal, and the asker's “did this help?”."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.db.models import Case
from bot.desk import cases, views
from bot.desk.cases import DeskError
from bot.gateway.outbox import RefusedError, TryLaterError
from bot.gateway.slack.client import Slack, call
from bot.gateway.slack.intake import Intake
from bot.gateway.slack.listeners.choices import sender_of
from bot.gateway.slack.members import Members

log = structlog.get_logger(__name__)


class CaseListener:
    """Lets HR work on cases, and askers say whether it helped."""

    def __init__(self, intake: Intake, slack: Slack, members: Members) -> None:
        self._intake = intake
        self._slack = slack
        self._members = members

    def register(self, app: AsyncApp) -> None:
        """Listen for the buttons and the modal."""
        app.action(views.CLAIM)(self.on_claim)
        app.action(views.RESOLVE)(self.on_resolve)
        app.action(views.ANSWER)(self.on_answer)
        app.view(views.ANSWER_MODAL)(self.on_answer_submitted)
        app.action(views.HELPFUL)(self.on_helpful)
        app.action(views.REOPEN)(self.on_reopen)

    async def on_claim(self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Make the clicking person the assignee."""
        await self._change(ack, body, respond, cases.claim)

    async def on_resolve(self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Close the case."""
        await self._change(ack, body, respond, cases.resolve)

    async def on_answer(self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Open the answer modal."""
        await ack()
        case = await self._permitted_case(body, respond)
        if case is None:
            return
        if case.status in (cases.ANSWERED, cases.RESOLVED):
            await _whisper(respond, f"{case.reference} is {case.status} already.")
            return
        view, trigger = views.answer_modal(case, body["channel"]["id"]), body["trigger_id"]
        try:
            await call(lambda: self._slack.web.views_open(trigger_id=trigger, view=view))
        except (TryLaterError, RefusedError) as error:
            log.warning("slack.modal_not_opened", reason=error.reason)
            await _whisper(respond, "The form didn't open in time. Please click Answer again.")

    async def on_answer_submitted(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Send the answer, or say in the modal why not."""
        view = body["view"]
        text = view["state"]["values"][views.ANSWER_BLOCK][views.ANSWER_INPUT].get("value") or ""
        number, _, channel = view["private_metadata"].partition(":")
        case_id, (team, user) = int(number), sender_of(body)
        try:
            case = await asyncio.to_thread(self._intake.case, case_id)
            if not await self._members.may_work_on(case, user, channel):
                raise DeskError(self._slack.wording.say("not_allowed"))

            def answer(session: Any, number: int, actor: Any, now: Any) -> Case:
                return cases.answer(session, number, actor, text, now)

            await asyncio.to_thread(self._intake.desk, team, user, answer, case_id)
        except DeskError as error:
            await ack(response_action="errors", errors={views.ANSWER_BLOCK: str(error)})
        else:
            await ack()

    async def on_helpful(self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Note that HR's answer helped."""
        await self._feedback(ack, body, respond, helped=True)

    async def on_reopen(self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Open the case again."""
        await self._feedback(ack, body, respond, helped=False)

    async def _feedback(
        self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond, helped: bool
    ) -> None:
        team, user = sender_of(body)
        try:
            await asyncio.to_thread(self._intake.feedback, team, user, helped, _case_id(body))
        except DeskError as error:
            await _whisper(respond, str(error))
        await ack()

    async def _change(
        self,
        ack: AsyncAck,
        body: dict[str, Any],
        respond: AsyncRespond,
        change: Callable[..., Case],
    ) -> None:
        case = await self._permitted_case(body, respond)
        if case is not None:
            team, user = sender_of(body)
            try:
                await asyncio.to_thread(self._intake.desk, team, user, change, case.id)
            except DeskError as error:
                await _whisper(respond, str(error))
        await ack()

    async def _permitted_case(self, body: dict[str, Any], respond: AsyncRespond) -> Case | None:
        try:
            case = await asyncio.to_thread(self._intake.case, _case_id(body))
        except DeskError as error:
            await _whisper(respond, str(error))
            return None
        channel = (body.get("channel") or {}).get("id")
        if await self._members.may_work_on(case, body["user"]["id"], channel):
            return case
        log.warning("desk.not_allowed", case=case.reference)
        await _whisper(respond, self._slack.wording.say("not_allowed"))
        return None


async def _whisper(respond: AsyncRespond, text: str) -> None:
    await respond(text=text, response_type="ephemeral", replace_original=False)


def _case_id(body: dict[str, Any]) -> int:
    return int(body["actions"][0]["value"])

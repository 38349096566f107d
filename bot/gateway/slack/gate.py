"""What every listener of the desk needs: who may, how a form opens, what a stale card is told."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from slack_bolt.async_app import AsyncRespond

from bot.db.models import Case
from bot.desk.card import state_of
from bot.desk.cases import DeskError
from bot.desk.modals import Form
from bot.gateway.outbox import RefusedError, TryLaterError
from bot.gateway.slack.client import Slack, call
from bot.gateway.slack.desk_intake import DeskIntake
from bot.gateway.slack.members import Members
from bot.gateway.slack.whisper import whisper

log = structlog.get_logger(__name__)


class Gate:
    """Lets the people of a queue through to its cases, and nobody else."""

    def __init__(self, desk: DeskIntake, slack: Slack, members: Members) -> None:
        self.desk = desk
        self.slack = slack
        self.members = members

    def say(self, key: str, **values: str) -> str:
        """Return a text of data/wording.yml."""
        return self.slack.wording.say(key, **values)

    async def permitted(self, case_id: int, user: str, channel: str | None) -> Case:
        """Return a case to somebody who may work on it.

        Raises:
            DeskError: if there is none, or they may not.
        """
        case = await asyncio.to_thread(self.desk.case, case_id)
        if not await self.members.may_work_on(case, user, channel):
            log.warning("desk.not_allowed", case=case.reference)
            raise DeskError(self.say("not_allowed"))
        return case

    async def clicked(
        self, body: dict[str, Any], respond: AsyncRespond, case_id: int
    ) -> Case | None:
        """Return the case of a click, or whisper why not."""
        try:
            return await self.permitted(case_id, body["user"]["id"], channel_of(body))
        except DeskError as error:
            await whisper(respond, str(error))
            return None

    async def open_form(
        self, body: dict[str, Any], respond: AsyncRespond, view: dict[str, Any]
    ) -> None:
        """Open a modal, on top of one that is open; whisper if Slack was too slow."""
        trigger = body["trigger_id"]
        show = self.slack.web.views_push if body.get("view") else self.slack.web.views_open
        if (body.get("view") or {}).get("type") == "home":
            show = self.slack.web.views_open
        try:
            await call(lambda: show(trigger_id=trigger, view=view))
        except (TryLaterError, RefusedError) as error:
            log.warning("slack.modal_not_opened", reason=error.reason)
            await whisper(respond, self.say("modal_not_opened"))

    async def tell_stale(self, body: dict[str, Any], respond: AsyncRespond, case_id: int) -> None:
        """Whisper where a case stands now, and have its card show that."""
        case = await asyncio.to_thread(self.desk.case, case_id)
        assignee = await asyncio.to_thread(self.desk.mention, case.assignee_id)
        state = state_of(case, assignee, self.say)
        await whisper(respond, self.say("card_stale", reference=case.reference, state=state))
        await asyncio.to_thread(self.desk.refresh_card, case_id, str(body.get("trigger_id")))


def form_for(case: Case, body: dict[str, Any]) -> Form:
    """Return what a form about this case remembers."""
    return Form(case.id, channel_of(body) or "", case.revision)


def channel_of(body: dict[str, Any]) -> str | None:
    """Return where something was clicked."""
    return (body.get("channel") or {}).get("id")


def typed_in(view: dict[str, Any], action_id: str) -> Any:
    """Return what stands in the field with this action id, None if nothing does."""
    for fields in view["state"]["values"].values():
        state = fields.get(action_id)
        if state is not None:
            value = next((v for k, v in state.items() if k != "type"), None)
            return value["value"] if isinstance(value, dict) else value
    return None


def typed_fields(view: dict[str, Any]) -> dict[str, Any]:
    """Return what stands in each field of a form, by action id."""
    names = [name for fields in view["state"]["values"].values() for name in fields]
    return {name: typed_in(view, name) for name in names}


def input_block(view: dict[str, Any]) -> str:
    """Return the id of the block at which an error is shown: the first field."""
    return next(block["block_id"] for block in view["blocks"] if block["type"] == "input")

"""`/hr-campaign`: HR makes campaigns, sees whom they reach, tests, starts, holds and stops them."""

from __future__ import annotations

import asyncio
import re
from datetime import date
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.desk.cases import DeskError
from bot.gateway.campaigns import Campaigns
from bot.gateway.outbox import RefusedError, TryLaterError
from bot.gateway.slack.client import call
from bot.gateway.slack.gate import Gate, input_block, typed_in
from bot.gateway.slack.listeners.choices import sender_of
from bot.gateway.slack.whisper import replace_message, whisper
from bot.telling import campaign_views as views
from bot.telling.campaign_file import CampaignSpec
from bot.telling.campaigns import CampaignError, new_id

log = structlog.get_logger(__name__)

COMMAND = "/hr-campaign"


class CampaignListener:
    """Lets HR, and nobody else, make and lead campaigns."""

    def __init__(self, gate: Gate, campaigns: Campaigns) -> None:
        self._gate = gate
        self._campaigns = campaigns

    def register(self, app: AsyncApp) -> None:
        """Listen for the command, its buttons and its forms."""
        app.command(COMMAND)(self.on_command)
        app.action(views.NEW)(self.on_new)
        app.action(re.compile(rf"^{views.SHOW}:\d+$"))(self.on_show)
        app.action(views.TEST)(self.on_test)
        app.action(re.compile(rf"^({'|'.join(views.CHANGES)}):\d+$"))(self.on_change)
        app.view(views.FORM_MODAL)(self.on_form)
        app.view(views.DRY_RUN_MODAL)(self.on_begin)

    async def on_command(self, ack: AsyncAck, command: dict[str, Any]) -> None:
        """Show all campaigns to somebody of HR."""
        try:
            await self._require(command["user_id"])
        except DeskError as error:
            await ack(text=str(error), response_type="ephemeral")
            return
        text, blocks = await asyncio.to_thread(self._campaigns.overview)
        await ack(text=text, blocks=blocks, response_type="ephemeral")

    async def on_new(self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Open the form."""
        await ack()
        try:
            await self._require(body["user"]["id"])
        except DeskError as error:
            await whisper(respond, str(error))
            return
        form = await asyncio.to_thread(self._campaigns.form)
        await self._gate.open_form(body, respond, form)

    async def on_show(self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Show who gets a campaign."""
        await ack()
        try:
            await self._require(body["user"]["id"])
            shown = await asyncio.to_thread(self._campaigns.dry_run, _chosen(body))
        except (DeskError, CampaignError) as error:
            await whisper(respond, str(error))
            return
        await self._gate.open_form(body, respond, shown)

    async def on_test(self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Send a campaign to who asks for it."""
        await ack()
        interaction = str(body.get("trigger_id"))
        try:
            await self._require(body["user"]["id"])
            shown = await asyncio.to_thread(
                self._campaigns.test, *sender_of(body), _chosen(body), interaction
            )
        except (DeskError, CampaignError) as error:
            await whisper(respond, str(error))
            return
        view = body["view"]
        try:
            await call(
                lambda: self._gate.slack.web.views_update(
                    view_id=view["id"], hash=view["hash"], view=shown
                )
            )
        except (TryLaterError, RefusedError) as error:
            log.warning("slack.modal_not_updated", reason=error.reason)

    async def on_change(self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Pause, go on, stop or release a campaign, at once."""
        await ack()
        action = body["actions"][0]["action_id"].partition(":")[0]
        try:
            await self._require(body["user"]["id"])
            campaign = await asyncio.to_thread(
                self._campaigns.change, *sender_of(body), _chosen(body), action
            )
        except (DeskError, CampaignError) as error:
            await whisper(respond, str(error))
            return
        if (body.get("container") or {}).get("is_ephemeral"):
            shown = await asyncio.to_thread(self._campaigns.overview)
        else:
            shown = await asyncio.to_thread(self._campaigns.release_card, campaign.id)
        await replace_message(respond, *shown)

    async def on_form(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Keep a draft and show whom it would reach."""
        view, (team, user) = body["view"], sender_of(body)
        try:
            await self._require(user)
            shown = await asyncio.to_thread(self._campaigns.draft, team, user, spec_of(view))
        except (DeskError, CampaignError) as error:
            await ack(response_action="errors", errors={input_block(view): str(error)})
            return
        await ack(response_action="update", view=shown)

    async def on_begin(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Let a draft run, or wait for a second person."""
        view, (team, user) = body["view"], sender_of(body)
        try:
            await self._require(user)
            campaign = view["private_metadata"]
            shown = await asyncio.to_thread(self._campaigns.begin, team, user, campaign)
        except (DeskError, CampaignError) as error:
            log.warning("telling.not_begun", reason=str(error))
            await ack()
            return
        await ack(response_action="update", view=shown)

    async def _require(self, user: str) -> None:
        if not await self._gate.members.queues_of(user):
            raise DeskError(self._gate.say("not_allowed"))


def spec_of(view: dict[str, Any]) -> CampaignSpec:
    """Return what stands in the form."""
    program = typed_in(view, views.PROGRAM)
    end = typed_in(view, views.END)
    text = (typed_in(view, views.TEXT) or "").strip()
    conditions = {name: _many(view, f"campaign_{name}") for name in views.GROUPS}
    return CampaignSpec(
        id=new_id(),
        title=typed_in(view, views.TITLE).strip(),
        program_id=None if program == views.NO_PROGRAM else program,
        text=text or None,
        link=typed_in(view, views.LINK) or None,
        conditions={name: chosen for name, chosen in conditions.items() if chosen},
        starts_on=date.fromisoformat(typed_in(view, views.START)),
        ends_on=date.fromisoformat(end) if end else None,
        repeat_days=int(typed_in(view, views.REPEAT)) or None,
        reminder_days=tuple(sorted(map(int, _many(view, views.REMIND)), reverse=True)),
    )


def _many(view: dict[str, Any], block: str) -> list[str]:
    chosen = typed_in(view, block) or []
    return [one["value"] for one in chosen]


def _chosen(body: dict[str, Any]) -> str:
    return body["actions"][0]["value"]

"""The asker's buttons and forms: did it help, how was it, add, change, take back."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.desk import asker_views as views
from bot.desk import asking, cases, detail_views
from bot.desk.cases import DeskError
from bot.gateway.slack.gate import Gate, input_block, typed_in
from bot.gateway.slack.listeners.choices import sender_of
from bot.gateway.slack.whisper import whisper


class AskerListener:
    """Takes in what askers do about their cases. That a case is theirs is seen each time."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def register(self, app: AsyncApp) -> None:
        """Listen for buttons and forms."""
        app.action(views.HELPFUL)(self.on_helpful)
        app.action(views.REOPEN)(self.on_reopen)
        app.action(re.compile(rf"^{views.RATE}:\d$"))(self.on_rate)
        app.action(re.compile(rf"^{views.ADD}(:\d+)?$"))(self.on_add)
        app.action(re.compile(rf"^{views.EDIT}:\d+$"))(self.on_edit)
        app.action(re.compile(rf"^{views.WITHDRAW}:\d+$"))(self.on_withdraw)
        app.action(views.TAKE_OUT)(self.on_take_out)
        app.action(re.compile(rf"^{views.RESTORE}:\d+$"))(self.on_restore)
        app.view(detail_views.RESTORE_MODAL)(self.on_restored)
        app.view(views.ADD_MODAL)(self.on_added)
        app.view(views.EDIT_MODAL)(self.on_edited)

    async def on_helpful(self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Note that HR's answer helped."""
        await self._feedback(ack, body, respond, helped=True)

    async def on_reopen(self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Open the case again."""
        await self._feedback(ack, body, respond, helped=False)

    async def on_rate(self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Keep how it was."""
        case_id, score = _two_of(body)
        await self._do(ack, body, respond, case_id, asking.rate, score, says="case_rated")

    async def on_add(self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Open the form for an addition or a reply."""
        await ack()
        await self.open_form(body, respond, "add", _case_id(body))

    async def on_edit(self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Open the form in which the question is changed."""
        await ack()
        await self.open_form(body, respond, "edit", _case_id(body))

    async def on_withdraw(self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Take the question back."""
        await self._do(ack, body, respond, _case_id(body), asking.withdraw, says="case_withdrawn")

    async def on_take_out(self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Take an addition out again that wasn't meant for HR."""
        case_id, entry = _two_of(body)
        team, user = sender_of(body)
        try:
            await asyncio.to_thread(self._gate.desk.take_out, team, user, case_id, entry)
        except DeskError as error:
            await whisper(respond, str(error))
        await ack()

    async def on_restore(self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Open the form for what was hidden, or whisper why not."""
        await ack()
        team, user = sender_of(body)
        desk = self._gate.desk
        try:
            case, names = await asyncio.to_thread(desk.hidden_details, team, user, _case_id(body))
        except DeskError as error:
            await whisper(respond, str(error))
            return
        view = detail_views.restore_modal(case, names, self._gate.say)
        await self._gate.open_form(body, respond, view)

    async def on_restored(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Keep what was filled in, sealed."""
        view, (team, user) = body["view"], sender_of(body)
        given = {
            name: field["value"].strip()
            for fields in view["state"]["values"].values()
            for name, field in fields.items()
            if (field.get("value") or "").strip()
        }

        def restore() -> None:
            self._gate.desk.restore(team, user, int(view["private_metadata"]), given)

        await self._submit(ack, view, restore)

    async def on_case_choice(
        self, body: dict[str, Any], respond: AsyncRespond, what: str, case_id: int
    ) -> None:
        """Do what a button of the assistant's means: add to a case, or take it back."""
        if what == "withdraw":
            team, user = sender_of(body)
            await self._changed(
                respond, team, user, case_id, asking.withdraw, says="case_withdrawn"
            )
        else:
            await self.open_form(body, respond, what, case_id)

    async def open_form(
        self, body: dict[str, Any], respond: AsyncRespond, what: str, case_id: int
    ) -> None:
        """Open the form to `add` to a case or `edit` it, or whisper why not."""
        team, user = sender_of(body)
        try:
            case = await asyncio.to_thread(self._gate.desk.own_case, team, user, case_id)
            if what == "edit" and case.status in cases.FINISHED:
                raise DeskError(f"{case.reference} is {case.status} already.")
        except DeskError as error:
            await whisper(respond, str(error))
            return
        make = views.edit_modal if what == "edit" else views.add_modal
        await self._gate.open_form(body, respond, make(case, self._gate.say))

    async def on_added(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Add what was written to the case."""
        view, (team, user) = body["view"], sender_of(body)
        text = typed_in(view, views.TEXT) or ""

        def add() -> None:
            case_id = int(view["private_metadata"])
            self._gate.desk.add(team, user, case_id, text, view["id"])

        await self._submit(ack, view, add)

    async def on_edited(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Change the question."""
        view, (team, user) = body["view"], sender_of(body)
        text = typed_in(view, views.TEXT) or ""

        def edit() -> None:
            self._gate.desk.edit(team, user, int(view["private_metadata"]), text)

        await self._submit(ack, view, edit)

    async def _submit(self, ack: AsyncAck, view: dict[str, Any], change: Any) -> None:
        try:
            await asyncio.to_thread(change)
        except DeskError as error:
            await ack(response_action="errors", errors={input_block(view): str(error)})
        else:
            await ack()

    async def _feedback(
        self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond, helped: bool
    ) -> None:
        team, user = sender_of(body)
        try:
            await asyncio.to_thread(self._gate.desk.feedback, team, user, helped, _case_id(body))
        except DeskError as error:
            await whisper(respond, str(error))
        await ack()

    async def _do(
        self,
        ack: AsyncAck,
        body: dict[str, Any],
        respond: AsyncRespond,
        case_id: int,
        change: Any,
        *given: Any,
        says: str,
    ) -> None:
        team, user = sender_of(body)
        await self._changed(respond, team, user, case_id, change, *given, says=says)
        await ack()

    async def _changed(
        self,
        respond: AsyncRespond,
        team: str,
        user: str,
        case_id: int,
        change: Any,
        *given: Any,
        says: str,
    ) -> None:
        def act() -> None:
            self._gate.desk.asker(team, user, case_id, change, *given, says=says)

        try:
            await asyncio.to_thread(act)
        except DeskError as error:
            await whisper(respond, str(error))


def _case_id(body: dict[str, Any]) -> int:
    return int(body["actions"][0]["value"])


def _two_of(body: dict[str, Any]) -> tuple[int, int]:
    first, _, second = body["actions"][0]["value"].partition(":")
    return int(first), int(second)

"""What HR enters in forms: assign, ask back, note, move, resolve, snooze."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime, time
from functools import partial
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.db.models import Case
from bot.desk import modals, work
from bot.desk.cases import DeskError
from bot.desk.modals import Form
from bot.desk.routing import Routing
from bot.gateway.slack.desk_intake import Change
from bot.gateway.slack.gate import Gate, input_block, typed_in
from bot.gateway.slack.listeners.cases import MORNING, morning_of, zone_of
from bot.gateway.slack.listeners.choices import sender_of

_DAYS = {"tomorrow": 1, "three_days": 3}


class CaseFormListener:
    """Takes HR's forms in, or says in the form why not."""

    def __init__(self, gate: Gate, routing: Routing) -> None:
        self._gate = gate
        self._routing = routing

    def register(self, app: AsyncApp) -> None:
        """Listen for the forms."""
        app.view(modals.ASSIGN_MODAL)(self.on_assign)
        app.view(modals.ASK_BACK_MODAL)(self.on_ask_back)
        app.view(modals.NOTE_MODAL)(self.on_note)
        app.view(modals.TOO_LATE_MODAL)(self.on_note)
        app.view(modals.MOVE_MODAL)(self.on_move)
        app.view(modals.RESOLVE_MODAL)(self.on_resolve)
        app.view(modals.SNOOZE_MODAL)(self.on_snooze)

    async def on_assign(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Give the case to a colleague, if they are one of the queue's people."""
        chosen = typed_in(body["view"], modals.CHOICE)
        team, user = sender_of(body)
        desk = self._gate.desk

        async def work_on(case: Case, form: Form) -> None:
            queue = self._routing.queue_of(case)
            if not await self._gate.members.works_in(queue, chosen):
                raise DeskError(self._gate.say("modal_not_a_member"))
            await asyncio.to_thread(desk.assign, team, user, case.id, chosen, form.seen)

        await self._submit(ack, body, work_on)

    async def on_ask_back(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Send HR's question to the asker."""
        text = typed_in(body["view"], modals.TEXT) or ""
        await self._change(ack, body, work.ask_back, text)

    async def on_note(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Keep a note."""
        text = typed_in(body["view"], modals.TEXT) or ""
        key = self._gate.desk.seal.fingerprint("note form", body["view"]["id"])
        await self._change(ack, body, partial(work.add_note, key=key), text)

    async def on_move(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Hand the case to another queue."""
        queue, seen = typed_in(body["view"], modals.CHOICE), _seen(body)
        change = partial(work.move, queue=queue, routing=self._routing, seen=seen)
        await self._change(ack, body, change)

    async def on_resolve(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Close the case for a reason."""
        reason = typed_in(body["view"], modals.CHOICE)
        await self._change(ack, body, partial(work.resolve, reason=reason, seen=_seen(body)))

    async def on_snooze(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Put the case aside."""
        view, (team, user) = body["view"], sender_of(body)
        now = self._gate.desk.clock()

        async def work_on(case: Case, form: Form) -> None:
            until = self._until(view, case, now)
            change = partial(work.snooze, until=until, seen=form.seen)
            try:
                await asyncio.to_thread(self._gate.desk.hr, team, user, case.id, change)
            except DeskError as error:
                if until > now:
                    raise
                raise DeskError(self._gate.say("modal_snooze_no_date")) from error

        await self._submit(ack, body, work_on)

    def _until(self, view: dict[str, Any], case: Case, now: datetime) -> datetime:
        zone = zone_of(self._routing, case)
        chosen = typed_in(view, modals.CHOICE)
        if chosen in _DAYS:
            return morning_of(now, zone, _DAYS[chosen])
        if chosen == "next_week":
            return morning_of(now, zone, 7 - now.astimezone(zone).weekday())
        picked = typed_in(view, modals.DAY)
        if picked is None:
            raise DeskError(self._gate.say("modal_snooze_no_date"))
        return datetime.combine(date.fromisoformat(picked), time(MORNING), tzinfo=zone)

    async def _change(
        self, ack: AsyncAck, body: dict[str, Any], change: Change, *given: object
    ) -> None:
        team, user = sender_of(body)

        async def work_on(case: Case, form: Form) -> None:  # noqa: ARG001
            await asyncio.to_thread(self._gate.desk.hr, team, user, case.id, change, *given)

        await self._submit(ack, body, work_on)

    async def _submit(
        self, ack: AsyncAck, body: dict[str, Any], work_on: Callable[[Case, Form], Awaitable[None]]
    ) -> None:
        view = body["view"]
        form = Form.read(view["private_metadata"])
        try:
            case = await self._gate.permitted(form.case, body["user"]["id"], form.channel or None)
            await work_on(case, form)
        except DeskError as error:
            await ack(response_action="errors", errors={input_block(view): str(error)})
        else:
            await ack()


def _seen(body: dict[str, Any]) -> int:
    return Form.read(body["view"]["private_metadata"]).seen

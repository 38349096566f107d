"""HR's buttons on a card: claim at once, everything else in a form."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta, tzinfo
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.db.models import Case
from bot.desk import card, cases, detail_views, modals, work
from bot.desk.cases import DeskError
from bot.desk.routing import Routing
from bot.gateway.slack.gate import Gate, form_for
from bot.gateway.slack.listeners.choices import sender_of

# What a finished case still takes.
_ALWAYS = {cases.NOTE}


class CaseListener:
    """Lets HR work on cases from their cards."""

    def __init__(self, gate: Gate, routing: Routing) -> None:
        self._gate = gate
        self._routing = routing

    def register(self, app: AsyncApp) -> None:
        """Listen for the buttons and the menu of cards."""
        app.action(card.CLAIM)(self.on_claim)
        app.action(card.RESOLVE)(self.on_resolve)
        app.action(card.NOTE_BUTTON)(self.on_note)
        app.action(card.DETAILS)(self.on_details)
        app.action(re.compile(rf"^{card.MORE}$"))(self.on_more)

    async def on_claim(self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Make the clicking person the assignee."""
        case_id = case_id_of(body)
        if await self._gate.clicked(body, respond, case_id) is not None:
            await self._change(body, respond, case_id, work.claim)
        await ack()

    async def on_resolve(self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Close an answered case; without an answer, ask why."""
        case_id = case_id_of(body)
        case = await self._gate.clicked(body, respond, case_id)
        await ack()
        if case is None:
            return
        if case.status == cases.RESOLVED:
            await self._gate.tell_stale(body, respond, case_id)
        elif case.status == cases.ANSWERED:
            await self._change(body, respond, case_id, work.resolve)
        else:
            view = modals.resolve_modal(case, form_for(case, body), self._gate.say)
            await self._gate.open_form(body, respond, view)

    async def on_note(self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Open the form for a note."""
        await self._open(ack, body, respond, cases.NOTE, case_id_of(body))

    async def on_details(self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Show what the asker sent again of what was hidden; the look is written down."""
        await ack()
        case = await self._gate.clicked(body, respond, case_id_of(body))
        if case is None:
            return
        team, user = sender_of(body)
        details = await asyncio.to_thread(self._gate.desk.look_at_details, team, user, case.id)
        view = detail_views.details_modal(case, details, self._gate.say)
        await self._gate.open_form(body, respond, view)

    async def on_more(self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Open the form that was chosen in the menu."""
        chosen = body["actions"][0]["selected_option"]["value"]
        what, _, number = chosen.partition(":")
        await self._open(ack, body, respond, what, int(number))

    async def _open(
        self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond, what: str, case_id: int
    ) -> None:
        await ack()
        case = await self._gate.clicked(body, respond, case_id)
        if case is None:
            return
        if case.status in cases.FINISHED and what not in _ALWAYS:
            await self._gate.tell_stale(body, respond, case_id)
            return
        await self._gate.open_form(body, respond, await self._form(what, case, body))

    async def _form(self, what: str, case: Case, body: dict[str, Any]) -> dict[str, Any]:
        form, say = form_for(case, body), self._gate.say
        if what == card.ASSIGN:
            return modals.assign_modal(case, form, say)
        if what == card.ASK_BACK:
            await asyncio.to_thread(self._gate.desk.viewed, *sender_of(body), [case], what)
            entries = await asyncio.to_thread(self._gate.desk.entries, case.id)
            return modals.ask_back_modal(case, form, entries, say)
        if what == card.MOVE:
            allowed = self._routing.queues_open_to(case.sensitive)
            others = [(q.name, q.title) for q in allowed if q.name != case.queue]
            return modals.move_modal(case, form, others, say)
        if what == card.SNOOZE:
            zone = zone_of(self._routing, case)
            tomorrow = self._gate.desk.clock().astimezone(zone).date() + timedelta(days=1)
            return modals.snooze_modal(case, form, tomorrow, say)
        return modals.note_modal(case, form, say)

    async def _change(
        self, body: dict[str, Any], respond: AsyncRespond, case_id: int, change: Any
    ) -> None:
        team, user = sender_of(body)
        try:
            await asyncio.to_thread(self._gate.desk.hr, team, user, case_id, change)
        except DeskError:
            await self._gate.tell_stale(body, respond, case_id)


def case_id_of(body: dict[str, Any]) -> int:
    """Return the case that a button acts upon."""
    return int(body["actions"][0]["value"])


def zone_of(routing: Routing, case: Case) -> tzinfo:
    """Return the time zone in which a case's queue counts its days."""
    return routing.queue_of(case).hours.zone


def morning_of(now: datetime, zone: tzinfo, days: int) -> datetime:
    """Return 8 a.m. some days from now, where the queue is."""
    local = now.astimezone(zone) + timedelta(days=days)
    return local.replace(hour=MORNING, minute=0, second=0, microsecond=0)


MORNING = 8

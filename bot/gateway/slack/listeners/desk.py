"""`/hr-desk`: the whole desk for the people of HR, seen only by the one who asks."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.sql import Select

from bot.db.models import Case, CaseEntry, CaseEvent
from bot.desk import queue
from bot.desk.cases import DeskError, find_case, number_of
from bot.desk.queue_views import (
    PAGE_TO,
    SHOW,
    Listing,
    history_blocks,
    history_modal,
    listing_blocks,
    queue_blocks,
    shown_at_home,
)
from bot.desk.routing import Queue
from bot.desk.views import Block, sections
from bot.gateway.slack.gate import Gate
from bot.gateway.slack.listeners.choices import sender_of
from bot.gateway.slack.listeners.editing import COMMAND as EDIT
from bot.gateway.slack.listeners.editing import EditListener
from bot.gateway.slack.whisper import whisper

COMMAND = "/hr-desk"
_REFERENCE = re.compile(r"(?i)^(hr-)?\d{1,9}$")
Shown = tuple[str, list[Block]]


class DeskListener:
    """Answers the command, turns its pages, and shows cases."""

    def __init__(self, gate: Gate, editing: EditListener) -> None:
        self._gate = gate
        self._editing = editing

    def register(self, app: AsyncApp) -> None:
        """Listen for the command and the buttons of what it shows."""
        app.command(COMMAND)(self.on_command)
        app.action(re.compile(rf"^{PAGE_TO}:\d+$"))(self.on_page)
        app.action(re.compile(rf"^{SHOW}:\d+$"))(self.on_show)

    async def on_command(self, ack: AsyncAck, command: dict[str, Any]) -> None:
        """Answer `/hr-desk …`, to HR only."""
        team, user = command.get("team_id") or "", command["user_id"]
        shown = await self._answer(team, user, command.get("text") or "", page=0)
        text, blocks = shown
        await ack(text=text, blocks=blocks, response_type="ephemeral")

    async def on_page(self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Turn to another page."""
        await ack()
        page, _, words = body["actions"][0]["value"].partition(":")
        text, blocks = await self._answer(*sender_of(body), words, page=int(page))
        await respond(text=text, blocks=blocks, response_type="ephemeral", replace_original=True)

    async def on_show(self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Show a case with its history."""
        await ack()
        team, user = sender_of(body)
        queues = await self._gate.members.queues_of(user)
        case_id = int(body["actions"][0]["value"])
        found = await asyncio.to_thread(self._history, case_id, queues)
        if found is None:
            await whisper(respond, self._gate.say("desk_no_such"))
            return
        case, blocks = found
        await asyncio.to_thread(self._gate.desk.viewed, team, user, [case], "history")
        await self._gate.open_form(body, respond, history_modal(case, blocks, self._gate.say))

    async def home_blocks(self, team: str, user: str) -> list[Block]:
        """Return HR's queue for somebody's App Home; nothing for those who aren't of HR."""
        queues = await self._gate.members.queues_of(user)
        if not queues:
            return []
        return await asyncio.to_thread(self._home, team, user, queues)

    async def _answer(self, team: str, user: str, words: str, page: int) -> Shown:
        queues = await self._gate.members.queues_of(user)
        if not queues:
            return _said(self._gate.say("not_hr"))
        what, _, rest = words.strip().partition(" ")
        return await asyncio.to_thread(
            self._found, team, user, queues, what.lower(), rest.strip(), page
        )

    def _found(
        self, team: str, user: str, queues: list[Queue], what: str, rest: str, page: int
    ) -> Shown:
        say = self._gate.say
        if _REFERENCE.match(what):
            found = self._history(number_of(what), queues)
            if found is None:
                return _said(say("desk_no_such"))
            self._gate.desk.viewed(team, user, [found[0]], "history")
            return found[0].reference, found[1]
        if what == EDIT:
            return self._editing.answer(queues, rest)
        if what == "search" and not rest:
            return _said(say("desk_search_words"))
        desk = self._gate.desk
        with desk.database.write() as session:
            person = desk.addresses.person(session, team, user, desk.clock())
            chosen = self._chosen(session, queues, what, rest, person.id)
            if chosen is None:
                return say("desk_help"), sections(say("desk_help"))
            cases, count = queue.page_of(session, chosen, page)
            command = f"{what} {rest}".strip()
            listing = Listing(say(f"desk_{what}"), command, cases, count, page)
            shown = listing_blocks(listing, self._mentions(session), say)
        self._listed(team, user, cases)
        return shown

    def _chosen(
        self, session: Session, queues: list[Queue], what: str, rest: str, person_id: str
    ) -> Select | None:
        if what == "open":
            return queue.cases_open(queues)
        if what == "mine":
            return queue.cases_of_assignee(queues, person_id)
        if what == "breached":
            return queue.cases_breached(queues, self._gate.desk.clock())
        return queue.cases_with(session, queues, rest) if what == "search" else None

    def _home(self, team: str, user: str, queues: list[Queue]) -> list[Block]:
        desk = self._gate.desk
        with desk.database.write() as session:
            person = desk.addresses.person(session, team, user, desk.clock())
            cases = list(session.scalars(queue.cases_open(queues)))
            blocks = queue_blocks(cases, person.id, self._mentions(session), self._gate.say)
        self._listed(team, user, shown_at_home(cases, person.id))
        return blocks

    def _listed(self, team: str, user: str, cases: Sequence[Case]) -> None:
        sensitive = [case for case in cases if case.sensitive]
        self._gate.desk.viewed(team, user, sensitive, "list")

    def _history(self, case_id: int, queues: Sequence[Queue]) -> tuple[Case, list[Block]] | None:
        desk, routing = self._gate.desk, self._gate.desk.routing
        with desk.database.read() as session:
            try:
                case = find_case(session, case_id)
            except DeskError:
                return None
            if not queue.is_of(routing, case, queues):
                return None
            events, entries = (
                list(session.scalars(select(of).where(of.case_id == case_id).order_by(of.id)))
                for of in (CaseEvent, CaseEntry)
            )

            def title(name: str) -> str:
                return routing.queues[name].title if name in routing.queues else name

            return case, history_blocks(
                case, events, entries, self._mentions(session), title, self._gate.say
            )

    def _mentions(self, session: Session) -> Any:
        addresses = self._gate.desk.addresses

        def mention(person_id: str | None) -> str | None:
            return f"<@{addresses.slack_user(session, person_id)}>" if person_id else None

        return mention


def _said(text: str) -> Shown:
    return text, sections(text)

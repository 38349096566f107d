"""`/hr-desk edit …`: answers and programs are edited in a form, with preview, history and undo."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from sqlalchemy.orm import Session

from bot.db.models import Program
from bot.desk import editing, editing_views, modals
from bot.desk.cases import DeskError
from bot.desk.editing import Subject
from bot.desk.editing_views import EditForm
from bot.desk.routing import Queue
from bot.desk.views import Block, sections
from bot.faq import content
from bot.faq.book import UnknownFactError, fill_in
from bot.faq.live import LiveBook
from bot.gateway.outbox import RefusedError, TryLaterError
from bot.gateway.slack.client import call
from bot.gateway.slack.editors import Editors
from bot.gateway.slack.gate import Gate, input_block, typed_fields
from bot.gateway.slack.listeners.choices import sender_of
from bot.gateway.slack.messages import render
from bot.gateway.slack.whisper import whisper
from bot.programs.details import details_text
from bot.programs.editing import LINES, TEXTS
from bot.programs.facts import facts as program_facts

log = structlog.get_logger(__name__)

COMMAND = "edit"


class EditListener:
    """Lets HR edit what they are responsible for."""

    def __init__(
        self, gate: Gate, editors: Editors, live: LiveBook, company: dict[str, str]
    ) -> None:
        self._gate = gate
        self._editors = editors
        self._live = live
        self._book = live.book
        self._company = company

    def register(self, app: AsyncApp) -> None:
        """Listen for the buttons and the form; `/hr-desk` asks `answer` for its command."""
        app.action(re.compile(rf"^{editing_views.EDIT}:\d+$"))(self.on_edit)
        app.action(editing_views.PREVIEW)(self.on_preview)
        app.action(editing_views.HISTORY)(self.on_history)
        app.action(editing_views.UNDO)(self.on_undo)
        app.view(editing_views.EDIT_MODAL)(self.on_submitted)

    def answer(self, queues: Sequence[Queue], words: str) -> tuple[str, list[Block]]:
        """Return what somebody who works in these queues may edit, found by words."""
        if not words:
            text = self._gate.say("content_words")
            return text, sections(text)
        self._live.refresh(at_once=True)
        with self._gate.desk.database.read() as session:
            found = editing.find(session, self._book, words)
        mine = [one for one in found if self._editors.works_on(one.topic, queues)]
        blocks = editing_views.found_blocks(mine, self._gate.say)
        return self._gate.say("content_found" if mine else "content_nothing"), blocks

    async def on_edit(self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Open the form."""
        await ack()
        subject = Subject.read(body["actions"][0]["value"])
        try:
            await self._editors.require(subject, body["user"]["id"])
            form, fields = await asyncio.to_thread(self._opened, subject)
        except (DeskError, content.ContentError) as error:
            await whisper(respond, str(error))
            return
        view = editing_views.edit_modal(form, fields, self._gate.say)
        await self._gate.open_form(body, respond, view)

    async def on_preview(self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Show what people would read."""
        await ack()
        view, subject = body["view"], Subject.read(body["actions"][0]["value"])
        shown = await asyncio.to_thread(self._rendered, subject, typed_fields(view))
        await self._gate.open_form(body, respond, modals.preview_modal(shown, self._gate.say))

    async def on_history(self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Show who changed what."""
        await ack()
        form = EditForm.read(body["view"]["private_metadata"])
        await self._gate.open_form(body, respond, await self._history(form))

    async def on_undo(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Take the last change back, and show that."""
        await ack()
        view, (team, user) = body["view"], sender_of(body)
        form = EditForm.read(view["private_metadata"])
        seen = int(body["actions"][0]["value"].rpartition(":")[2])
        try:
            await self._editors.require(Subject.read(form.subject), user)
            await asyncio.to_thread(self._undo, team, user, form, seen)
            remark = self._gate.say("content_undone")
        except (DeskError, content.ContentError) as error:
            remark = str(error)
        shown = await self._history(form, remark=remark)
        try:
            await call(
                lambda: self._gate.slack.web.views_update(
                    view_id=view["id"], hash=view["hash"], view=shown
                )
            )
        except (TryLaterError, RefusedError) as error:
            log.warning("slack.modal_not_updated", reason=error.reason)

    async def on_submitted(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Check what was edited and let it hold; then show its history with a way to undo."""
        view, (team, user) = body["view"], sender_of(body)
        form = EditForm.read(view["private_metadata"])
        try:
            await self._editors.require(Subject.read(form.subject), user)
            fields = _cleaned(typed_fields(view))
            await asyncio.to_thread(self._save, team, user, form, fields)
        except (DeskError, content.ContentError) as error:
            await ack(response_action="errors", errors={input_block(view): str(error)})
            return
        shown = await self._history(form, remark=self._gate.say("content_saved"))
        await ack(response_action="update", view=shown)

    def _opened(self, subject: Subject) -> tuple[EditForm, dict[str, Any]]:
        with self._gate.desk.database.read() as session:
            fields = editing.current(session, self._book, subject)
            seen = editing.version_of(session, subject)
            return EditForm(subject.value(), seen, self._title(session, subject)), fields

    def _title(self, session: Session, subject: Subject) -> str:
        if subject.kind == content.PROGRAM:
            return session.get(Program, subject.name).name
        return self._book.title_of(subject.topic)

    def _save(self, team: str, user: str, form: EditForm, fields: dict[str, Any]) -> None:
        desk, subject = self._gate.desk, Subject.read(form.subject)
        with desk.database.write() as session:
            now = desk.clock()
            facts = {**self._company, **program_facts(session, now.date())}
            found = editing.problems(subject, fields, list(facts))
            if found:
                raise DeskError(" ".join(found))
            person = desk.addresses.person(session, team, user, now).id
            editing.save(
                session, self._book, subject, fields, now, person_id=person, seen=form.seen
            )

    def _undo(self, team: str, user: str, form: EditForm, seen: int) -> None:
        desk, subject = self._gate.desk, Subject.read(form.subject)
        with desk.database.write() as session:
            now = desk.clock()
            person = desk.addresses.person(session, team, user, now).id
            editing.undo(session, self._book, subject, now, person_id=person, seen=seen)

    async def _history(self, form: EditForm, *, remark: str | None = None) -> dict[str, Any]:
        return await asyncio.to_thread(self._history_view, form, remark)

    def _history_view(self, form: EditForm, remark: str | None) -> dict[str, Any]:
        desk, subject = self._gate.desk, Subject.read(form.subject)
        with desk.database.read() as session:
            versions = content.history(session, subject.kind, subject.name)
            seen = versions[0].id if versions else 0

            def mention(person_id: str | None) -> str | None:
                return f"<@{desk.addresses.slack_user(session, person_id)}>" if person_id else None

            form = EditForm(form.subject, seen, form.title)
            return editing_views.history_modal(
                form, versions, mention, self._gate.say, remark=remark
            )

    def _rendered(self, subject: Subject, typed: dict[str, Any]) -> list[Block]:
        fields, now = _cleaned(typed), self._gate.desk.clock()
        with self._gate.desk.database.read() as session:
            if subject.kind == content.PROGRAM:
                return self._rendered_program(session, subject, fields, now)
            facts = {**self._company, **program_facts(session, now.date())}
        try:
            text = fill_in(fields.get("text") or "", facts, where=subject.topic)
        except UnknownFactError as error:
            return sections(str(error))
        metadata = {k: fields.get(k) for k in ("source", "link", "reviewed")}
        return render({"messages": [{"text": text, "metadata": metadata}]})[1] if text else []

    def _rendered_program(
        self, session: Session, subject: Subject, fields: dict[str, Any], now: datetime
    ) -> list[Block]:
        program = session.get(Program, subject.name)
        with session.no_autoflush:
            for name in (*TEXTS, *LINES):
                setattr(program, name, fields.get(name))
            text = details_text(program, now.date())
        # Only looked at, never kept.
        session.rollback()
        return render({"messages": [{"text": text, "metadata": {}}]})[1]


def _cleaned(typed: dict[str, Any]) -> dict[str, Any]:
    """Return what was typed without blank ends; what is blank is None."""
    return {
        name: (value.strip() or None) if isinstance(value, str) else value
        for name, value in typed.items()
    }

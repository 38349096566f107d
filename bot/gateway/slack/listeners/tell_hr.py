"""“Tell HR something”: feedback, named or not, that becomes a case HR can reply to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.db.session import Database
from bot.desk import cases
from bot.desk.feedback_views import ANONYMOUS, NAME, TELL_HR, TELL_HR_MODAL, TEXT, tell_hr_form
from bot.gateway.addresses import AddressBook, SlackAddress
from bot.gateway.assistant_client import (
    AssistantClient,
    AssistantUnavailableError,
    TurnRefusedError,
)
from bot.gateway.outbox import RefusedError, TryLaterError
from bot.gateway.slack.gate import Gate, typed_in
from bot.gateway.slack.listeners.choices import sender_of
from bot.gateway.slack.people import People
from bot.gateway.slack.whisper import whisper
from bot.nlu import crisis
from bot.privacy.audience import EMPLOYEE
from bot.privacy.redaction import numbered_anew
from bot.privacy.sealing import Seal

log = structlog.get_logger(__name__)

ANSWER_SECONDS = 1.0
"""Slack waits three seconds for a form to be taken."""
NEAR_ENOUGH = 0.5
"""From this likeness on, words may be about what only few in HR should read."""


class TellHRListener:
    """Opens the form, and makes a case of what it holds."""

    def __init__(
        self,
        gate: Gate,
        people: People,
        assistant: AssistantClient,
        database: Database,
        addresses: AddressBook,
        seal: Seal,
        clock: Callable[[], datetime],
        on_outbox: Callable[[], None],
    ) -> None:
        self._gate = gate
        self._people = people
        self._assistant = assistant
        self._database = database
        self._addresses = addresses
        self._seal = seal
        self._clock = clock
        self._on_outbox = on_outbox

    def register(self, app: AsyncApp) -> None:
        """Listen for the button and the form."""
        app.action(TELL_HR)(self.on_button)
        app.view(TELL_HR_MODAL)(self.on_form)

    async def on_button(self, ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        """Open the form for an employee."""
        await ack()
        await self.open_form(*sender_of(body), body, respond)

    async def open_form(
        self, team: str, user: str, body: dict[str, Any], respond: AsyncRespond
    ) -> None:
        """Open the form, or whisper to a guest that HR can't be written to from here."""
        try:
            is_outsider = await self._people.is_outsider_of(team, user)
        except (TryLaterError, RefusedError):
            is_outsider = True
        if is_outsider:
            await whisper(respond, self._gate.say("outside"))
            return
        await self._gate.open_form(body, respond, tell_hr_form(self._gate.say))

    async def on_form(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Take in what is told; once, however often Slack sends it."""
        view, (team, user) = body["view"], sender_of(body)
        text = cases.redacted(typed_in(view, TEXT) or "")
        if not text:
            await ack(response_action="errors", errors={TEXT: self._gate.say("tell_hr_empty")})
            return
        anonymous = typed_in(view, NAME) == ANONYMOUS
        try:
            direct = await self._people.direct_of(team, user)
            is_outsider = await self._people.is_outsider_of(team, user)
        except (TryLaterError, RefusedError) as error:
            log.warning("tell_hr.no_direct_messages", reason=error.reason)
            sorry = self._gate.say("no_direct_messages")
            await ack(response_action="errors", errors={TEXT: sorry})
            return
        if is_outsider:
            await ack(response_action="errors", errors={TEXT: self._gate.say("outside")})
            return
        sensitive = await self._may_be_sensitive(text)
        await asyncio.to_thread(self._open, direct, view["id"], text, anonymous, sensitive)
        self._on_outbox()
        await ack()

    def _open(
        self, direct: SlackAddress, key: str, text: str, anonymous: bool, sensitive: bool
    ) -> None:
        turn = f"feedback:{self._seal.fingerprint('feedback', key)[:24]}"
        with self._database.write() as session:
            if cases.case_of_turn(session, turn) is not None:
                return
            now = self._clock()
            if anonymous:
                place = self._addresses.way_back(session, direct, EMPLOYEE, now)
            else:
                place = self._addresses.conversation(session, direct, now)
            case = cases.open_case(
                session,
                turn_id=turn,
                conversation_id=place.id,
                question=numbered_anew(text) if anonymous else text,
                topic=None,
                routing=self._gate.desk.routing,
                now=now,
                anonymous=anonymous,
                sensitive=sensitive,
                is_feedback=True,
            )
            cases.to_asker(session, case, "case_opened", f"opened:{case.id}", now)

    async def _may_be_sensitive(self, text: str) -> bool:
        """Say whether only few in HR should read it; words of danger are known without a model."""
        if crisis.detect(text) is not None:
            return True
        ask = self._assistant.tell("near", {"text": text, "at_most": 3})
        try:
            near = (await asyncio.wait_for(ask, ANSWER_SECONDS))["near"]
        except (AssistantUnavailableError, TurnRefusedError, asyncio.TimeoutError, KeyError):
            log.warning("tell_hr.assistant_away")
            return False
        is_sensitive = self._gate.desk.routing.is_sensitive
        return any(is_sensitive(n["topic"]) and n["similarity"] >= NEAR_ENOUGH for n in near)

"""Hands inbox rows to the assistant and turns its reply into exactly one final reply.

A person waiting longer than a few seconds gets one holding notice. If the assistant stays
away past the deadline, an apology with the offer of a person is the final reply.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog
from sqlalchemy import bindparam, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.db.models import Conversation, InboxRow, OutboxRow, TurnLog, is_web
from bot.db.queues import enqueue, finish, give_back, owns
from bot.db.session import Database
from bot.gateway.addresses import AddressBook, SlackAddress, locked
from bot.gateway.assistant_client import (
    AssistantClient,
    AssistantUnavailableError,
    TurnRefusedError,
)
from bot.gateway.discretion import Discretion
from bot.gateway.hidden import tell_of_turn
from bot.gateway.holding import HoldingNotices, withdraw
from bot.gateway.inbox import MOVED
from bot.gateway.metrics import APOLOGIES, MOVED_TURNS, TURNS
from bot.gateway.moving import move, point_to_direct_messages
from bot.gateway.outbox import REPLY, RefusedError, TryLaterError
from bot.gateway.replies import Issuer, Message, Replies, public, quoted
from bot.nlu.crisis import detect
from bot.privacy.audience import BOTH, CANDIDATE, EMPLOYEE, may_see, narrowest

log = structlog.get_logger(__name__)

ANSWERED, APOLOGISED = "answered", "apologised"
LONGEST_PAUSE_SECONDS = 5.0


_CONVERSATION_OF = (
    select(Conversation)
    .join(InboxRow, InboxRow.conversation_id == Conversation.id)
    .where(InboxRow.id == bindparam("row"))
)


class OvertakenError(Exception):
    """The conversation of a row has been deleted in the meantime."""


@dataclass(frozen=True)
class Patience:
    """How long people wait: seconds to the holding notice, seconds to the apology."""

    holding: float
    deadline: float


class PeopleLookup(Protocol):
    """Knows who people are and where to talk with them alone; raises as the outbox's deliverers."""

    async def is_outsider(self, person_id: str) -> bool:
        """Say whether somebody gets public answers only."""

    async def direct(self, person_id: str) -> SlackAddress:
        """Return the place of somebody's direct messages."""


AtOnce = Callable[[Session, OutboxRow, datetime], "Callable[[], None] | None"]
"""Delivers a row in the transaction that makes it, if it can; see bot.gateway.outbox."""


class TurnHandler:
    """Handles inbox rows; see the module."""

    def __init__(
        self,
        database: Database,
        assistant: AssistantClient,
        addresses: AddressBook,
        people: PeopleLookup,
        discretion: Discretion,
        replies: Replies,
        patience: Patience,
        *,
        worker: str,
        clock: Callable[[], datetime],
        on_outbox: Callable[[], None],
        before_turn: Callable[[str | None], Awaitable[None]] | None = None,
        at_once: AtOnce = lambda *_: None,
    ) -> None:
        self._database = database
        self._assistant = assistant
        self._addresses = addresses
        self._people = people
        self._discretion = discretion
        self._replies = replies
        self._wording = replies.wording
        self._patience = patience
        self._notices = HoldingNotices(
            database, addresses, replies.wording, patience.holding, clock
        )
        self._worker = worker
        self._clock = clock
        self._before_turn = before_turn
        self._at_once = at_once
        self._on_outbox = on_outbox

    async def handle(self, row: InboxRow) -> None:
        """Run one turn; it ends answered, moved or apologised, or is due again later."""
        is_left = True
        try:
            is_left = await self._run(row)
        except (AssistantUnavailableError, TryLaterError) as error:
            log.warning("turn.unavailable", turn_id=row.turn_id, reason=str(error))
            await asyncio.to_thread(self._retry_or_apologise, row)
        except TurnRefusedError as error:
            log.error("turn.refused", turn_id=row.turn_id, reason=error.reason)
            stale = error.reason == "unknown_choice"
            await asyncio.to_thread(self._apologise, row, stale)
        except OvertakenError:
            log.warning("turn.overtaken", turn_id=row.turn_id)
        except SQLAlchemyError:
            # The lease runs out, and the row is taken again when the database is back.
            raise
        except Exception:
            # A mistake of ours must not leave the person without a final reply.
            log.exception("turn.broken", turn_id=row.turn_id)
            await asyncio.to_thread(self._retry_or_apologise, row)
        if is_left:
            self._on_outbox()

    async def send_holding_notices(self) -> None:
        """Tell everybody who has waited too long, once a turn, that we are still at it."""
        if await asyncio.to_thread(self._notices.send):
            self._on_outbox()

    async def _run(self, row: InboxRow) -> bool:
        """Run a turn. Returns whether something is left to deliver."""
        if is_web(row.conversation_id):
            # Nobody is looked up, and nobody reads along.
            request = await asyncio.to_thread(self._begin, row, False, "private")
            reply = await self._reply_to(request)
            return await asyncio.to_thread(self._finish, row, reply, False)
        conversation, place = await asyncio.to_thread(self._where, row)
        is_shared = place == "shared"
        if is_shared and row.text and detect(row.text):
            # Not even the holding notice may show what this is about.
            await self._move(row, conversation)
            return True
        is_outsider = await self._people.is_outsider(conversation.person_id)
        reply = await self._reply_to(await asyncio.to_thread(self._begin, row, is_outsider, place))
        is_insider_among_others = conversation.is_ext_shared and not is_outsider
        if is_shared and (
            self._discretion.is_private(reply)
            or (is_insider_among_others and reply["decision"] == "handover")
        ):
            await self._move(row, conversation)
            return True
        return await asyncio.to_thread(self._finish, row, reply, is_shared)

    async def _reply_to(self, request: dict[str, Any]) -> dict[str, Any]:
        if self._before_turn is not None:
            await self._before_turn(request["person"])
        return await self._assistant.turn(request)

    def _where(self, row: InboxRow) -> tuple[Conversation, str]:
        with self._database.read() as session:
            place = self._addresses.place_of(session, row.conversation_id)
            return session.get(Conversation, row.conversation_id), place

    def _begin(self, row: InboxRow, is_outsider: bool, place: str) -> dict[str, Any]:
        with self._database.read() as session:
            conversation = session.scalar(_CONVERSATION_OF, {"row": row.id})
        if conversation is None:
            raise OvertakenError
        is_outside = is_outsider or conversation.is_ext_shared
        audience = CANDIDATE if is_outside or conversation.is_web else EMPLOYEE
        if conversation.audience != audience:
            with self._database.write() as session:
                session.get(Conversation, row.conversation_id).audience = audience
        said = {"choice": row.choice_id} if row.choice_id else {"text": row.text}
        if row.chosen_date:
            said["date"] = row.chosen_date.isoformat()
        return {
            "turn_id": row.turn_id,
            "conversation": conversation.id,
            "audience": audience,
            "person": conversation.person_id,
            "place": place,
            "is_outside": is_outside,
            **said,
        }

    async def _move(self, row: InboxRow, conversation: Conversation) -> None:
        """Let a question from a channel go on in the asker's direct messages."""
        try:
            direct = await self._people.direct(conversation.person_id)
        except RefusedError as error:
            log.warning("turn.no_direct_messages", turn_id=row.turn_id, reason=error.reason)
            direct = None
        await asyncio.to_thread(self._take_along, row, direct)

    def _take_along(self, row: InboxRow, direct: SlackAddress | None) -> None:
        now = self._clock()
        with self._database.write() as session:
            stored = session.get(InboxRow, row.id, with_for_update=True)
            if not owns(stored, self._worker):
                log.warning("turn.overtaken", turn_id=row.turn_id)
                return
            moved = None
            if direct is not None:
                there = self._addresses.conversation(session, direct, now)
                moved = move(session, stored, there, now)
            stored.chosen_date = None
            withdraw(session, stored, now)
            point_to_direct_messages(session, stored, is_open=direct is not None, now=now)
            finish(stored, MOVED, now)
        MOVED_TURNS.inc()
        log.info("turn.moved", turn_id=row.turn_id, to=moved.turn_id if moved else None)

    def _finish(self, row: InboxRow, reply: dict[str, Any], is_shared: bool) -> bool:
        """End a turn with its reply. Returns whether something is left to deliver."""
        now = self._clock()
        with self._database.write() as session:
            # On the careers page the reply is shown here, too, which takes this lock first.
            find = locked if is_web(row.conversation_id) else _conversation
            conversation = find(session, row.conversation_id)
            stored = session.get(InboxRow, row.id, with_for_update=True)
            if not owns(stored, self._worker):
                log.warning("turn.overtaken", turn_id=row.turn_id)
                return True
            audience = _audience_of(reply["messages"])
            if audience is None or not may_see(conversation.audience, audience):
                log.error("turn.audience_refused", turn_id=row.turn_id, audience=audience)
                self._end_with_apology(session, stored, now, stale=False)
                return True
            payload = self._replies.payload(session, stored, conversation, reply, now)
            # What goes with the reply may be for fewer than the reply is.
            audience = _audience_of(payload["messages"])
            if stored.is_quoted:
                payload["messages"].insert(0, public(quoted(stored.text)))
            put = _send_final(session, stored, payload, audience, now)
            # Somebody in danger hears of nothing else; they are told with a later reply.
            is_more = reply["kind"] != "crisis" and tell_of_turn(
                session, stored, is_shared=is_shared, wording=self._wording, now=now
            )
            session.add(_log_row(stored, conversation, reply, now))
            finish(stored, ANSWERED, now)
            tell = put and self._at_once(session, put, stored.created_at)
        TURNS.labels(reply["kind"], reply["decision"], conversation.audience).inc()
        log.info("turn.answered", turn_id=row.turn_id, decision=reply["decision"])
        if tell is not None:
            tell()
        return is_more or tell is None

    def _retry_or_apologise(self, row: InboxRow) -> None:
        now = self._clock()
        with self._database.write() as session:
            stored = session.get(InboxRow, row.id, with_for_update=True)
            if not owns(stored, self._worker):
                return
            waited = (now - (stored.first_attempt_at or now)).total_seconds()
            if waited >= self._patience.deadline:
                self._end_with_apology(session, stored, now, stale=False)
                return
            pause = min(0.5 * 2 ** min(stored.attempts - 1, 6), LONGEST_PAUSE_SECONDS)
            give_back(stored, now + timedelta(seconds=pause))

    def _apologise(self, row: InboxRow, stale: bool) -> None:
        with self._database.write() as session:
            stored = session.get(InboxRow, row.id, with_for_update=True)
            if owns(stored, self._worker):
                self._end_with_apology(session, stored, self._clock(), stale)

    def _end_with_apology(
        self, session: Session, row: InboxRow, now: datetime, stale: bool
    ) -> None:
        if stale:
            message = public(self._wording.say("stale_button"))
        else:
            message = self._apology(session, row, now)
        _send_final(session, row, {"messages": [message]}, BOTH, now)
        conversation = session.get(Conversation, row.conversation_id)
        failed = {"kind": "dialogue", "decision": "handover"}
        session.add(_log_row(row, conversation, failed, now))
        finish(row, APOLOGISED, now)
        APOLOGIES.labels("stale_button" if stale else "no_reply").inc()
        log.error("turn.apologised", turn_id=row.turn_id, attempts=row.attempts)

    def _apology(self, session: Session, row: InboxRow, now: datetime) -> Message:
        text = self._wording.say("apology")
        conversation = session.get(Conversation, row.conversation_id)
        if not row.text or conversation.is_outside:
            return public(text)
        if detect(row.text):
            text = f"{self._wording.say('crisis')}\n\n{text}"
        issue = Issuer(session, row.conversation_id, now)
        return self._replies.offer_of_case(issue, text, question=row.text, turn_id=row.turn_id)


def _audience_of(messages: Iterable[Message]) -> str | None:
    """Return who may see all of these; None if one doesn't say it of itself."""
    return narrowest((message.get("metadata") or {}).get("audience") for message in messages)


def _conversation(session: Session, conversation_id: str) -> Conversation | None:
    return session.get(Conversation, conversation_id)


def _send_final(
    session: Session, row: InboxRow, payload: dict[str, Any], audience: str, now: datetime
) -> OutboxRow | None:
    withdraw(session, row, now)
    row.chosen_date = None
    return enqueue(
        session,
        delivery_key=f"{REPLY}:{row.turn_id}",
        kind=REPLY,
        lane=row.conversation_id,
        payload=payload,
        audience=audience,
        conversation_id=row.conversation_id,
        now=now,
    )


def _log_row(
    row: InboxRow, conversation: Conversation, reply: dict[str, Any], now: datetime
) -> TurnLog:
    return TurnLog(
        turn_id=row.turn_id,
        conversation_id=conversation.id,
        audience=conversation.audience,
        kind=reply["kind"],
        decision=reply["decision"],
        topic=reply.get("topic"),
        topics=reply.get("topics", []),
        program=_program_of(reply),
        confidence=reply.get("confidence"),
        candidates=reply.get("candidates", []),
        question=row.text,
        created_at=now,
    )


def _program_of(reply: dict[str, Any]) -> str | None:
    """Return the id of the one program that a reply tells about."""
    told = [message.get("metadata") or {} for message in reply.get("messages", ())]
    alone = [about["programs"][0] for about in told if len(about.get("programs") or ()) == 1]
    return alone[0] if alone else None

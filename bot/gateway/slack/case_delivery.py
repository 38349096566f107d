"""Delivers what is said about cases: the card and its thread to HR, the rest to the asker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import delete, select

from bot.db.models import Case, CaseEntry, CasePlace, Conversation, OutboxRow, is_web
from bot.db.session import Database
from bot.desk import asker_views
from bot.desk.anonymous import FORGOTTEN
from bot.desk.card import CardView, card, moved_card
from bot.desk.cases import to_hr
from bot.desk.details import has_details
from bot.desk.erasing import is_erased
from bot.desk.mrkdwn import escape
from bot.desk.routing import Routing
from bot.desk.views import quote, sections, text_blocks
from bot.faq.book import AnswerBook
from bot.gateway.addresses import AddressBook, SlackAddress
from bot.gateway.outbox import Deliver, RefusedError
from bot.gateway.slack.channels import FAULTS, HRChannels
from bot.gateway.slack.client import Posted, Slack
from bot.gateway.slack.posting import post_to_person

log = structlog.get_logger(__name__)

GONE = {"message_not_found", "cant_update_message", *FAULTS}


@dataclass(frozen=True)
class CaseDelivery:
    """The deliverers of the desk, by kind of row."""

    database: Database
    slack: Slack
    addresses: AddressBook
    routing: Routing
    book: AnswerBook
    channels: HRChannels

    def deliverers(self) -> dict[str, Deliver]:
        """Return which kind of row is delivered how."""
        return {
            "case_card": self.case_card,
            "case_moved": self.case_moved,
            "case_thread": self.case_thread,
            "case_opened": self.case_opened,
            "case_answer": self.case_answer,
            "case_asked": self.case_asked,
            "case_closed": self.case_closed,
            "case_followup": self.case_followup,
            "case_told": self.case_told,
        }

    # To HR

    async def case_card(self, row: OutboxRow) -> None:
        """Post or update the card; it always shows the case as it is now."""
        case, view = await self._card_view(row.case_id)
        text, blocks = card(case, view, self.slack.wording.say)
        queue = self.routing.queue_of(case)
        if case.card_ts:
            shown = [*self.channels.blocks_elsewhere(queue, case.card_channel), *blocks]
            if await self._update(case.card_channel, case.card_ts, text, shown):
                return
        if is_erased(case):
            return
        posted = await self.channels.post(
            queue,
            sensitive=case.sensitive,
            text=text,
            blocks=blocks,
            delivery_key=f"card:{case.id}:{case.moves}",
            unknown_since=row.attempted_at,
        )
        if not await asyncio.to_thread(self._remember_card, case, posted):
            log.info("desk.moved_while_posting", case=case.reference)

    async def case_moved(self, row: OutboxRow) -> None:
        """Leave a pointer where the card was."""
        case = await asyncio.to_thread(self._case, row.case_id)
        title = self.routing.queue_of(case).title
        text, blocks = moved_card(case, title, self.slack.wording.say)
        await self._update(row.payload["channel"], row.payload["ts"], text, blocks)

    async def case_thread(self, row: OutboxRow) -> None:
        """Say something in the card's thread: what was added, noted, or happened by itself."""
        case, entry, person = await asyncio.to_thread(self._for_thread, row)
        if row.payload.get("entry") and entry is None:
            return
        says = row.payload["says"]
        text = self.slack.wording.say(says, reference=case.reference)
        _, blocks = text_blocks(f"{text} {person or ''}".strip())
        if person:
            # A mention is markup of our own; the words of people are escaped.
            blocks = sections(f"{person} {text}")
        if entry is not None:
            blocks += sections(quote(entry.text))
            text = f"{text} {entry.text}"
        await self.post_in_thread(
            row, case, text, blocks, broadcast=bool(row.payload.get("broadcast"))
        )

    async def post_in_thread(
        self,
        row: OutboxRow,
        case: Case,
        text: str,
        blocks: list[dict[str, Any]],
        *,
        broadcast: bool = False,
    ) -> None:
        """Say something in the thread of a case's card, or in its channel if that is gone.

        Args:
            broadcast: show it in the channel, too.
        """
        message = {
            "text": text,
            "blocks": blocks,
            "delivery_key": row.delivery_key,
            "unknown_since": row.attempted_at,
        }
        if case.card_ts:
            try:
                await self.slack.post(
                    channel=case.card_channel,
                    thread=case.card_ts,
                    broadcast=broadcast,
                    **message,
                )
                return
            except RefusedError as error:
                if error.reason not in FAULTS:
                    raise
        queue = self.routing.queue_of(case)
        await self.channels.post(queue, sensitive=case.sensitive, **message)

    # To the asker

    async def case_opened(self, row: OutboxRow) -> None:
        """Confirm that HR has the question."""
        await self._to_asker(row, lambda case: asker_views.opened_to_asker(case, self._say))

    async def case_answer(self, row: OutboxRow) -> None:
        """Bring HR's answer to the person who asked."""
        text = row.payload["text"]
        await self._to_asker(
            row, lambda case: asker_views.answer_to_asker(case, text, self._say), words=text
        )

    async def case_asked(self, row: OutboxRow) -> None:
        """Bring HR's question; what the person says next is the reply."""
        text = row.payload["text"]
        await self._to_asker(
            row,
            lambda case: asker_views.question_to_asker(case, text, self._say),
            words=text,
            awaits=True,
        )

    async def case_closed(self, row: OutboxRow) -> None:
        """Tell the asker that HR closed the case, and why."""
        await self._to_asker(row, lambda case: asker_views.closed_to_asker(case, self._say))

    async def case_followup(self, row: OutboxRow) -> None:
        """Ask once whether it is solved."""
        await self._to_asker(row, lambda case: asker_views.followup_to_asker(case, self._say))

    async def case_told(self, row: OutboxRow) -> None:
        """Confirm what the asker did."""
        says = row.payload["says"]
        about = {
            "entry": row.payload.get("entry"),
            "has_hidden": bool(row.payload.get("has_hidden")),
        }
        await self._to_asker(
            row, lambda case: asker_views.told_to_asker(case, says, self._say, **about)
        )

    def _say(self, key: str, **values: str) -> str:
        return self.slack.wording.say(key, **values)

    async def _to_asker(
        self,
        row: OutboxRow,
        view: Callable[[Case], asker_views.Shown],
        *,
        words: str = "",
        awaits: bool = False,
    ) -> None:
        """Post to the asker, where they want it.

        Args:
            words: HR's own, which must arrive whole even where Slack takes no blocks.
            awaits: what the asker says next there belongs to the case.
        """
        case, address = await asyncio.to_thread(self._case_and_address, row.case_id)
        text, blocks = view(case)
        stays_there = address.direct or case.answer_here
        channel = address.channel
        if not stays_there:
            channel = await self.slack.direct_channel(address.user)
        thread = address.thread if stays_there else ""
        if awaits:
            # Before it is posted: a reply may come the moment after.
            await asyncio.to_thread(
                self._remember_place, case, address.user, channel, thread, once=True
            )
        posted = await post_to_person(
            self.slack,
            row,
            channel=channel,
            thread=thread,
            shown=(text, blocks),
            plain=f"{case.reference}:\n\n{words}" if words else None,
        )
        if not thread:
            await asyncio.to_thread(
                self._remember_place, case, address.user, posted.channel, posted.ts, once=False
            )

    # Database

    def _case(self, case_id: int) -> Case:
        with self.database.read() as session:
            return session.get(Case, case_id)

    def _case_and_address(self, case_id: int) -> tuple[Case, SlackAddress]:
        with self.database.read() as session:
            case = session.get(Case, case_id)
            if session.get(Conversation, case.conversation_id).address_sealed == FORGOTTEN:
                raise RefusedError("no_way_back")
            return case, self.addresses.address_of(session, case.conversation_id)

    def _remember_place(
        self, case: Case, user: str, channel: str, thread: str, *, once: bool
    ) -> None:
        """What the asker says there belongs to the case."""
        key = self.addresses.place_key(user, channel, thread)
        with self.database.write() as session:
            session.execute(delete(CasePlace).where(CasePlace.key == key))
            session.add(CasePlace(key=key, case_id=case.id, once=once))

    def _for_thread(self, row: OutboxRow) -> tuple[Case, CaseEntry | None, str | None]:
        with self.database.read() as session:
            case = session.get(Case, row.case_id)
            number, person = row.payload.get("entry"), row.payload.get("person")
            entry = session.get(CaseEntry, number) if number else None
            rung = f"<@{self.addresses.slack_user(session, person)}>" if person else None
            return case, entry, rung

    async def _card_view(self, case_id: int) -> tuple[Case, CardView]:
        case, entries, address, assignee, details = await asyncio.to_thread(self._people, case_id)
        asker = f"<@{address.user}>" if address is not None else None
        if is_erased(case):
            asker = self._say("card_erased")
        elif is_web(case.conversation_id):
            asker = await asyncio.to_thread(self._candidate, case.conversation_id)
        permalink = None
        if address is not None and not address.direct and address.thread:
            # HR can't open somebody's direct messages, so those get no link.
            permalink = await self.slack.permalink(address.channel, address.thread)
        return case, CardView(
            asker=asker,
            topic_title=self.book.title_of(case.topic) if case.topic else None,
            assignee=assignee,
            permalink=permalink,
            entries=entries,
            has_details=details,
        )

    def _people(
        self, case_id: int
    ) -> tuple[Case, tuple[CaseEntry, ...], SlackAddress | None, str | None, bool]:
        with self.database.read() as session:
            case = session.get(Case, case_id)
            of_case = select(CaseEntry).where(CaseEntry.case_id == case_id).order_by(CaseEntry.id)
            entries = tuple(session.scalars(of_case))
            address = None
            if not (case.anonymous or is_web(case.conversation_id) or is_erased(case)):
                address = self.addresses.address_of(session, case.conversation_id)
            assignee = None
            if case.assignee_id:
                assignee = f"<@{self.addresses.slack_user(session, case.assignee_id)}>"
            details = has_details(session, case_id)
        return case, entries, address, assignee, details

    def _candidate(self, conversation_id: str) -> str:
        """Return how HR sees a candidate: by the name that they gave, if they did."""
        with self.database.read() as session:
            contact = self.addresses.contact_of(session, conversation_id)
        if contact is None or not contact.name:
            return self._say("card_candidate")
        return escape(self._say("card_candidate_named", name=contact.name))

    async def _update(self, channel: str, ts: str, text: str, blocks: list[dict[str, Any]]) -> bool:
        """Change a card; return whether it is still there to be changed."""
        try:
            await self.slack.update(channel=channel, ts=ts, text=text, blocks=blocks)
        except RefusedError as error:
            if error.reason not in GONE:
                raise
            return False
        return True

    def _remember_card(self, shown: Case, posted: Posted) -> bool:
        with self.database.write() as session:
            case = session.get(Case, shown.id, with_for_update=True)
            if case.moves != shown.moves:
                # It went to another queue while its card was being posted here.
                key = f"moved:{case.id}:{shown.moves}:late"
                at = {"channel": posted.channel, "ts": posted.ts}
                to_hr(session, case, "case_moved", key, case.updated_at, **at)
                return False
            case.card_channel, case.card_ts = posted.channel, posted.ts
            return True

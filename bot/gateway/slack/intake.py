"""What listeners write when something comes in from Slack, in one transaction each.

A listener calls one function here (in a thread) and is acknowledged when it has returned.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.db.models import Case, Choice, Conversation
from bot.db.queues import enqueue
from bot.db.session import Database
from bot.desk import cases
from bot.desk.cases import Actor
from bot.desk.routing import Routing
from bot.gateway.addresses import AddressBook, SlackAddress
from bot.gateway.inbox import accept_choice, accept_text, past_day, was_taken
from bot.gateway.metrics import ACCEPTED
from bot.gateway.wording import Wording
from bot.privacy.audience import BOTH
from bot.privacy.sealing import Seal


@dataclass(frozen=True)
class Intake:
    """Takes Slack's events into the database."""

    database: Database
    seal: Seal
    addresses: AddressBook
    wording: Wording
    routing: Routing
    clock: Callable[[], datetime]
    on_inbox: Callable[[], None]
    on_outbox: Callable[[], None]

    def message(self, address: SlackAddress, ts: str, text: str) -> None:
        """Take a message in; the same team, channel and ts count once."""
        key = self.seal.fingerprint("message", address.team, address.channel, ts)
        with self.database.write() as session:
            now = self.clock()
            conversation = self.addresses.conversation(session, address, now)
            taken = accept_text(session, conversation, key=key, text=text, now=now)
        if taken:
            ACCEPTED.labels(kind="message").inc()
            self.on_inbox()

    def talks_here(self, address: SlackAddress) -> bool:
        """Say whether this person has a conversation with the bot at this address."""
        with self.database.read() as session:
            return self.addresses.known_conversation(session, address) is not None

    def notice(self, address: SlackAddress, event_key: tuple[str, ...], wording_key: str) -> None:
        """Answer something that isn't a question (a file, an edit) with one of our texts."""
        key = self.seal.fingerprint("notice", address.team, *event_key)
        with self.database.write() as session:
            conversation = self.addresses.conversation(session, address, self.clock())
            self._say(session, conversation.id, f"notice:{key}", self.wording.say(wording_key))
        self.on_outbox()

    def choice(
        self,
        team: str,
        user: str,
        interaction: tuple[str, ...],
        choice_id: str,
        picked: str | None = None,
    ) -> str | None:
        """Take a click on a button in, or a day that was picked.

        Args:
            interaction: what tells this click from another one.
            picked: the day as Slack gives it (2024-03-15), where the choice asks for one.

        Returns:
            None if it was taken (now or before), else what to tell the one who clicked.
        """
        key = self.seal.fingerprint("choice", team, *interaction, choice_id)
        with self.database.write() as session:
            now = self.clock()
            if was_taken(session, key):
                return None
            choice = session.get(Choice, choice_id)
            conversation = session.get(Conversation, choice.conversation_id) if choice else None
            person = self.addresses.person(session, team, user, now)
            if conversation is None or conversation.person_id != person.id:
                return self.wording.say("stale_button")
            if ("date" in choice.meaning) != (picked is not None):
                return self.wording.say("stale_button")
            day = past_day(picked, now.date()) if picked is not None else None
            if picked is not None and day is None:
                return self.wording.say("impossible_day")
            if choice.meaning.get("gateway") == "open_case":
                self._open_case(session, conversation.id, choice.meaning)
            else:
                accept_choice(session, conversation, key=key, choice=choice, now=now, day=day)
                ACCEPTED.labels(kind="choice").inc()
        self.on_inbox()
        self.on_outbox()
        return None

    def desk(
        self,
        team: str,
        user: str,
        change: Callable[[Session, int, Actor, datetime], Case],
        case_id: int,
    ) -> Case:
        """Let somebody of HR change a case.

        Raises:
            DeskError: if it can't be done now.
        """
        with self.database.write() as session:
            now = self.clock()
            actor = Actor("hr", self.addresses.person(session, team, user, now).id)
            case = change(session, case_id, actor, now)
        self.on_outbox()
        return case

    def feedback(self, team: str, user: str, helped: bool, case_id: int) -> None:
        """Take the asker's word on whether HR's answer helped, and thank them.

        Raises:
            DeskError: if it isn't their case, or there is no answer yet.
        """
        change = cases.confirm_helpful if helped else cases.reopen
        with self.database.write() as session:
            now = self.clock()
            actor = Actor("asker", self.addresses.person(session, team, user, now).id)
            case = change(session, case_id, actor, now)
            text = self.wording.say(
                "case_thanks" if helped else "case_reopened", reference=case.reference
            )
            key = f"feedback:{case.id}:{case.revision}"
            self._say(session, case.conversation_id, key, text)
        self.on_outbox()

    def case(self, case_id: int) -> Case:
        """Return a case.

        Raises:
            DeskError: if there is none with this number.
        """
        with self.database.read() as session:
            return cases.find_case(session, case_id)

    def _open_case(self, session: Session, conversation_id: str, meaning: dict[str, Any]) -> None:
        now = self.clock()
        case = cases.open_case(
            session,
            turn_id=meaning["turn_id"],
            conversation_id=conversation_id,
            question=meaning["question"],
            topic=None,
            routing=self.routing,
            now=now,
        )
        text = self.wording.say("case_opened", reference=case.reference)
        self._say(session, conversation_id, f"opened:{case.id}", text)

    def _say(self, session: Session, conversation_id: str, key: str, text: str) -> None:
        enqueue(
            session,
            delivery_key=key,
            kind="notice",
            lane=conversation_id,
            payload={"messages": [{"text": text, "metadata": {"audience": BOTH}}]},
            audience=BOTH,
            conversation_id=conversation_id,
            now=self.clock(),
        )

"""What listeners write when something comes in from Slack, in one transaction each.

A listener calls one function here (in a thread) and is acknowledged when it has returned.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.db.models import Choice, Conversation
from bot.db.queues import enqueue
from bot.db.session import Database
from bot.gateway.addresses import AddressBook, SlackAddress
from bot.gateway.inbox import accept_choice, accept_text, past_day, was_taken
from bot.gateway.metrics import ACCEPTED
from bot.gateway.slack.desk_intake import DeskIntake
from bot.gateway.slack.pane import on_question
from bot.gateway.wording import Wording
from bot.privacy.audience import BOTH
from bot.privacy.sealing import Seal

OwnChoice = Callable[[Session, Conversation, dict[str, Any]], None]
"""What the gateway itself does when a button of its own is clicked."""


@dataclass(frozen=True)
class Intake:
    """Takes Slack's events into the database.

    `own_choices` are the buttons that the gateway answers without a turn, by the name that
    their meaning gives under `gateway`.
    """

    database: Database
    seal: Seal
    addresses: AddressBook
    wording: Wording
    desk: DeskIntake
    clock: Callable[[], datetime]
    on_inbox: Callable[[], None]
    on_outbox: Callable[[], None]
    own_choices: Mapping[str, OwnChoice] = field(default_factory=dict)

    def message(
        self, address: SlackAddress, ts: str, text: str, *, is_ext_shared: bool = False
    ) -> None:
        """Take a message in; the same team, channel and ts count once.

        Args:
            is_ext_shared: people of other organisations read it.
        """
        key = self.seal.fingerprint("message", address.team, address.channel, ts)
        with self.database.write() as session:
            now = self.clock()
            is_for_hr = not was_taken(session, key) and self.desk.mail.take(
                session, address, ts, text, now
            )
            taken = None
            if not is_for_hr:
                conversation = self.addresses.conversation(session, address, now)
                conversation.is_ext_shared = is_ext_shared
                taken = accept_text(
                    session, conversation, key=key, text=text, now=now, seal=self.seal
                )
            if taken:
                status = self.wording.say("pane_status")
                on_question(session, conversation, taken, status, now)
        if is_for_hr:
            self.on_outbox()
        elif taken:
            ACCEPTED.labels(kind="message").inc()
            self.on_inbox()
            if conversation.is_pane:
                self.on_outbox()

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
            if was_taken(session, key) or self.desk.was_opened_anonymously(session, choice_id):
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
            self.desk.mail.leave(session, self.addresses.address_of(session, conversation.id))
            own = choice.meaning.get("gateway")
            if own == "open_case":
                trouble = self.desk.open_from_choice(session, conversation, choice)
                if trouble is not None:
                    return trouble
            elif own:
                self.own_choices[own](session, conversation, choice.meaning)
            else:
                accept_choice(session, conversation, key=key, choice=choice, now=now, day=day)
                ACCEPTED.labels(kind="choice").inc()
        self.on_inbox()
        self.on_outbox()
        return None

    def case_choice(self, choice_id: str) -> tuple[str, int] | None:
        """Return what a button does with the asker's case, if that is what it means.

        Whether it is their case is seen when it is done.
        """
        with self.database.read() as session:
            choice = session.get(Choice, choice_id)
        meaning = choice.meaning if choice is not None else {}
        return (meaning["do"], meaning["case"]) if meaning.get("gateway") == "case" else None

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

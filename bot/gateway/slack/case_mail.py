"""What people write that belongs to a case: the reply to HR's question, and “add to my question”.

It goes to the case and not to the assistant, so an anonymous asker's conversation has no trace
of it. Whoever sounds as if in danger is always heard by the assistant.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.models import Case, CasePlace, Conversation
from bot.db.queues import enqueue
from bot.desk.cases import Actor, cases_of_person, entry_with
from bot.desk.routing import Routing
from bot.gateway.additions import add_to_case, told_to_add
from bot.gateway.addresses import AddressBook, SlackAddress
from bot.gateway.hidden import redacted_of_case, tell_once
from bot.gateway.wording import Wording
from bot.nlu import crisis
from bot.privacy.audience import BOTH
from bot.privacy.sealing import Seal


@dataclass(frozen=True)
class CaseMail:
    """Takes what belongs to a case before it gets into the inbox."""

    seal: Seal
    addresses: AddressBook
    wording: Wording
    routing: Routing

    def take(
        self, session: Session, address: SlackAddress, ts: str, text: str, now: datetime
    ) -> bool:
        """Take a message in if it belongs to a case; say whether it did."""
        key = self.seal.fingerprint("entry", address.team, address.channel, ts)
        if entry_with(session, key) is not None or self._is_forgotten(session, address, ts):
            return True
        if crisis.detect(text):
            self.leave(session, address)
            return False
        place = self._place(session, address)
        if place is not None:
            was_once = place.once
            case = session.get(Case, place.case_id)
            if was_once:
                session.delete(place)
            # Whoever has replied already, by the button or in the thread, goes on to other things.
            if not was_once or case.waiting_since is not None:
                self._add(session, case, address, key, text, now, may_undo=was_once)
                return True
        return self._told_to_add(session, address, key, text, now)

    def leave(self, session: Session, address: SlackAddress) -> None:
        """Note that somebody went on to something else: their next message is no reply."""
        place = self._place(session, address)
        if place is not None and place.once:
            session.delete(place)

    def asker(self, session: Session, case: Case, team: str, user: str, now: datetime) -> Actor:
        """Return a user as the asker of a case; of an anonymous one only its own asker is."""
        if not case.anonymous:
            return Actor("asker", self.addresses.person(session, team, user, now).id)
        conversation = session.get(Conversation, case.conversation_id)
        is_theirs = self.addresses.leads_back_to(conversation, team, user)
        return Actor("asker", conversation_id=conversation.id if is_theirs else None)

    def own_cases(
        self, session: Session, team: str, user: str, conversation_id: str | None
    ) -> list[Case]:
        """Return a user's cases, the anonymous ones too, newest first; for their eyes only."""
        named = cases_of_person(session, conversation_id) if conversation_id else []
        back = self.addresses.ways_back_to(session, team, user)
        hidden = session.scalars(select(Case).where(Case.conversation_id.in_(back)))
        return sorted([*named, *hidden], key=lambda case: case.id, reverse=True)

    def _is_forgotten(self, session: Session, address: SlackAddress, ts: str) -> bool:
        """Say whether a message was sent without a name; Slack delivers it once more."""
        key = self.seal.fingerprint("message", address.team, address.channel, ts)
        return session.get(CasePlace, key) is not None

    def _place(self, session: Session, address: SlackAddress) -> CasePlace | None:
        key = self.addresses.place_key(address.user, address.channel, address.thread)
        return session.get(CasePlace, key)

    def _told_to_add(
        self, session: Session, address: SlackAddress, key: str, text: str, now: datetime
    ) -> bool:
        told = told_to_add(text)
        if told is None or not address.direct:
            return False
        conversation = self.addresses.conversation(session, address, now)
        if not told.text:
            self._say(session, conversation, f"add:{key}", "add_needs_text", now)
            return True
        mine = self.own_cases(session, address.team, address.user, conversation.id)
        case = told.case_among(mine)
        if case is None:
            self._say(session, conversation, f"add:{key}", "add_nothing_open", now)
            return True
        self._add(session, case, address, key, told.text, now, may_undo=False)
        return True

    def _add(
        self,
        session: Session,
        case: Case,
        address: SlackAddress,
        key: str,
        text: str,
        now: datetime,
        *,
        may_undo: bool,
    ) -> None:
        actor = self.asker(session, case, address.team, address.user, now)
        words = redacted_of_case(session, case.id, text, self.seal)
        if words.kinds and not case.anonymous:
            self._tell_of_hidden(session, address, list(words.kinds), key, now)
        given = {"key": key, "routing": self.routing, "may_undo": may_undo}
        add_to_case(session, case, actor, words, now, **given)

    def _tell_of_hidden(
        self, session: Session, address: SlackAddress, kinds: list[str], key: str, now: datetime
    ) -> None:
        tell_once(
            session,
            self.addresses.conversation(session, address, now),
            kinds,
            key=key,
            is_shared=not address.direct,
            wording=self.wording,
            now=now,
        )

    def _say(
        self, session: Session, conversation: Conversation, key: str, wording: str, now: datetime
    ) -> None:
        enqueue(
            session,
            delivery_key=key,
            kind="notice",
            lane=conversation.id,
            payload={
                "messages": [{"text": self.wording.say(wording), "metadata": {"audience": BOTH}}]
            },
            audience=BOTH,
            conversation_id=conversation.id,
            now=now,
        )

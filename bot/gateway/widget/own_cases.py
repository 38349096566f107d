"""What candidates do with their own cases: reply to HR, add, take back, say whether it helped.

On the careers page there are no forms of HR's for that: who wants to add something just writes
it, and the next message goes to the case.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from bot.db.models import Case, CasePlace, Conversation
from bot.db.queues import enqueue
from bot.desk import asking
from bot.desk.cases import Actor, DeskError, cases_of_person, entry_with, find_case, to_asker
from bot.desk.routing import Routing
from bot.gateway.additions import add_to_case, told_to_add
from bot.gateway.hidden import redacted_of_case
from bot.gateway.inbox import accept_text
from bot.gateway.replies import public
from bot.gateway.wording import Wording
from bot.nlu import crisis
from bot.privacy.audience import BOTH
from bot.privacy.sealing import Seal

CASE = "case"
"""How the meaning of a button says that it acts upon a case; `do` says what it does."""

DAY = timedelta(days=1)
# To one case; nobody who waits for an answer writes so much.
MOST_ADDITIONS_A_DAY = 20


@dataclass(frozen=True)
class OwnCases:
    """Takes in what somebody says about their cases, in the caller's transaction."""

    seal: Seal
    routing: Routing
    wording: Wording
    clock: Callable[[], datetime]

    # Messages

    def take(self, session: Session, conversation: Conversation, key: str, text: str) -> bool:
        """Take a message in if it belongs to a case; say whether it did.

        Whoever sounds as if in danger is always heard by the assistant.
        """
        if entry_with(session, key) is not None:
            return True
        place = session.get(CasePlace, self._place(conversation.id))
        if place is not None:
            session.delete(place)
        if crisis.detect(text):
            return False
        if place is not None:
            case = session.get(Case, place.case_id)
            # Whoever has replied to HR in between goes on to other things.
            if not place.once or case.waiting_since is not None:
                self._add(session, conversation, case, key, text, may_undo=True)
                return True
        return self._told_to_add(session, conversation, key, text)

    def await_reply(self, session: Session, case: Case, *, once: bool) -> None:
        """Have the next message of the case's conversation go to the case.

        Args:
            once: only as long as HR waits for it.
        """
        key = self._place(case.conversation_id)
        session.execute(delete(CasePlace).where(CasePlace.key == key))
        session.add(CasePlace(key=key, case_id=case.id, once=once))

    def leave(self, session: Session, conversation: Conversation) -> None:
        """Note that somebody went on to something else: their next message is no reply."""
        session.execute(delete(CasePlace).where(CasePlace.key == self._place(conversation.id)))

    # Buttons

    def press(
        self, session: Session, conversation: Conversation, meaning: dict[str, Any], key: str
    ) -> None:
        """Do what a button about a case means, or say why that can't be done now."""
        try:
            self._do(session, conversation, meaning, key)
        except DeskError as error:
            self._say(session, conversation, f"not:{key}", str(error))

    def tell_helped(
        self, session: Session, conversation: Conversation, case_id: int, *, helped: bool
    ) -> None:
        """Take the word on whether HR's answer helped; where that comes too late, do nothing."""
        with contextlib.suppress(DeskError):
            self._feedback(session, conversation, case_id, helped)

    def _feedback(
        self, session: Session, conversation: Conversation, case_id: int, helped: bool
    ) -> None:
        change = asking.confirm_helpful if helped else self._reopen
        says = "case_thanks" if helped else "case_reopened"
        self._change(session, conversation, case_id, change, says=says)

    def _do(
        self, session: Session, conversation: Conversation, meaning: dict[str, Any], key: str
    ) -> None:
        case_id, what = meaning[CASE], meaning["do"]
        if what == "add":
            case = find_case(session, case_id)
            asking.require_asker(case, _asker(conversation))
            self.await_reply(session, case, once=False)
            text = self.wording.say("widget_add", reference=case.reference)
            self._say(session, conversation, f"add:{key}", text)
        elif what == "withdraw":
            self._change(session, conversation, case_id, asking.withdraw, says="case_withdrawn")
        elif what in ("helpful", "reopen"):
            self._feedback(session, conversation, case_id, what == "helpful")
        elif what == "rate":
            score = meaning["score"]
            self._change(session, conversation, case_id, asking.rate, score, says="case_rated")
        elif what == "take_out":
            self._take_out(session, conversation, case_id, meaning["entry"])

    def _take_out(
        self, session: Session, conversation: Conversation, case_id: int, entry_id: int
    ) -> None:
        """Take an addition out of a case and let the assistant answer it."""
        now, actor = self.clock(), _asker(conversation)
        text = asking.take_out(session, case_id, actor, entry_id, now)
        if text is not None:
            key = self.seal.fingerprint("taken out", str(entry_id))
            accept_text(session, conversation, key=key, text=text, now=now)

    def _reopen(self, session: Session, case_id: int, actor: Actor, now: datetime) -> Case:
        return asking.reopen(session, case_id, actor, now, routing=self.routing)

    def _change(
        self,
        session: Session,
        conversation: Conversation,
        case_id: int,
        change: Callable[..., Case],
        *given: Any,
        says: str,
    ) -> None:
        now = self.clock()
        before = find_case(session, case_id).revision
        case = change(session, case_id, _asker(conversation), *given, now)
        if case.revision != before:
            to_asker(session, case, "case_told", f"told:{case.id}:{case.revision}", now, says=says)

    # Adding

    def _told_to_add(
        self, session: Session, conversation: Conversation, key: str, text: str
    ) -> bool:
        told = told_to_add(text)
        if told is None:
            return False
        case = told.case_among(cases_of_person(session, conversation.id))
        if not told.text:
            self._say(session, conversation, f"add:{key}", self.wording.say("add_needs_text"))
        elif case is None:
            self._say(session, conversation, f"add:{key}", self.wording.say("add_nothing_open"))
        else:
            self._add(session, conversation, case, key, told.text, may_undo=False)
        return True

    def _add(
        self,
        session: Session,
        conversation: Conversation,
        case: Case,
        key: str,
        text: str,
        *,
        may_undo: bool,
    ) -> None:
        now = self.clock()
        if asking.additions_since(session, case.id, now - DAY) >= MOST_ADDITIONS_A_DAY:
            text = self.wording.say("widget_added_enough", reference=case.reference)
            self._say(session, conversation, f"enough:{key}", text)
            return
        given = {"key": key, "routing": self.routing, "may_undo": may_undo}
        # No form of the widget takes what was removed, so HR can't be sent it from here.
        words = replace(redacted_of_case(session, case.id, text, self.seal), kinds=())
        add_to_case(session, case, _asker(conversation), words, now, **given)

    def _place(self, conversation_id: str) -> str:
        return self.seal.fingerprint("case place", conversation_id)

    def _say(self, session: Session, conversation: Conversation, key: str, text: str) -> None:
        enqueue(
            session,
            delivery_key=key,
            kind="notice",
            lane=conversation.id,
            payload={"messages": [public(text)]},
            audience=BOTH,
            conversation_id=conversation.id,
            now=self.clock(),
        )


def _asker(conversation: Conversation) -> Actor:
    return Actor("asker", conversation_id=conversation.id)

"""What listeners write about cases, in one transaction each: HR's work and the asker's word."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.models import Case, CaseEntry, Choice, Conversation, InboxRow
from bot.db.queues import enqueue
from bot.db.session import Database
from bot.desk import asking, cases, details, work
from bot.desk.anonymous import forget_asking
from bot.desk.cases import Actor
from bot.desk.routing import Routing
from bot.gateway.addresses import AddressBook
from bot.gateway.hidden import redacted_of_case
from bot.gateway.inbox import MOVED, accept_text
from bot.gateway.outbox import FORGET_TURNS
from bot.gateway.slack.case_mail import CaseMail
from bot.gateway.wording import Wording
from bot.nlu import crisis
from bot.privacy import audit
from bot.privacy.redaction import numbered_anew
from bot.privacy.sealing import Seal

Change = Callable[..., Case]


@dataclass(frozen=True)
class DeskIntake:
    """Takes what is done about cases into the database."""

    database: Database
    seal: Seal
    addresses: AddressBook
    wording: Wording
    routing: Routing
    clock: Callable[[], datetime]
    on_inbox: Callable[[], None]
    on_outbox: Callable[[], None]

    @property
    def mail(self) -> CaseMail:
        """What takes messages that belong to cases."""
        return CaseMail(self.seal, self.addresses, self.wording, self.routing)

    # HR

    def case(self, case_id: int) -> Case:
        """Return a case.

        Raises:
            DeskError: if there is none with this number.
        """
        with self.database.read() as session:
            return cases.find_case(session, case_id)

    def entries(self, case_id: int) -> list[CaseEntry]:
        """Return what was said about a case, oldest first."""
        with self.database.read() as session:
            of_case = select(CaseEntry).where(CaseEntry.case_id == case_id)
            return list(session.scalars(of_case.order_by(CaseEntry.id)))

    def viewed(self, team: str, user: str, seen: Iterable[Case], where: str) -> None:
        """Write down that somebody of HR reads what was asked; call it before they do.

        Args:
            where: the form or list that shows it.
        """
        seen = list(seen)
        if not seen:
            return
        with self.database.write() as session:
            now = self.clock()
            who = self.addresses.person(session, team, user, now).id
            for case in seen:
                audit.write(
                    session,
                    now,
                    actor=who,
                    action=audit.VIEWED,
                    subject=case.reference,
                    where=where,
                    sensitive=case.sensitive,
                )

    def hr(self, team: str, user: str, case_id: int, change: Change, *given: Any) -> Case:
        """Let somebody of HR change a case; that they may is the caller's to see.

        Args:
            given: what `change` gets between the actor and the time.

        Raises:
            DeskError: if it can't be done now.
        """
        with self.database.write() as session:
            now = self.clock()
            actor = Actor("hr", self.addresses.person(session, team, user, now).id)
            case = change(session, case_id, actor, *given, now)
        self.on_outbox()
        return case

    def look_at_details(self, team: str, user: str, case_id: int) -> dict[str, str]:
        """Return the details of a case to somebody of HR, who is written down as having looked."""
        with self.database.write() as session:
            now = self.clock()
            actor = Actor("hr", self.addresses.person(session, team, user, now).id)
            found = details.look_at_details(session, case_id, actor, now, seal=self.seal)
        self.on_outbox()
        return found

    def assign(self, team: str, user: str, case_id: int, to: str, seen: int) -> Case:
        """Let somebody of HR give a case to a colleague. Raises as `hr`."""

        def change(session: Session, case_id: int, actor: Actor, now: datetime) -> Case:
            assignee = self.addresses.person(session, team, to, now).id
            return work.assign(session, case_id, actor, now, assignee=assignee, seen=seen)

        return self.hr(team, user, case_id, change)

    def note_in_thread(self, team: str, user: str, case_id: int, ts: str, text: str) -> None:
        """Keep what HR said in the card's thread as a note, once."""
        key = self.seal.fingerprint("note", team, str(case_id), ts)

        def change(session: Session, case_id: int, actor: Actor, now: datetime) -> Case:
            return work.add_note(session, case_id, actor, text, now, key=key, said_in_thread=True)

        self.hr(team, user, case_id, change)

    def case_of_card(self, channel: str, ts: str) -> Case | None:
        """Return the case whose card stands here."""
        with self.database.read() as session:
            here = select(Case).where(Case.card_channel == channel, Case.card_ts == ts)
            return session.scalar(here)

    def refresh_card(self, case_id: int, key: str) -> None:
        """Have the card show the case as it is now.

        Args:
            key: what happened, so that it counts once.
        """
        with self.database.write() as session:
            case = cases.find_case(session, case_id)
            key = self.seal.fingerprint("refresh", key)[:24]
            cases.refresh_card(session, case, self.clock(), f"card:{case.id}:again:{key}")
        self.on_outbox()

    def mention(self, person_id: str | None) -> str | None:
        """Return the mention of a person."""
        if person_id is None:
            return None
        with self.database.read() as session:
            return f"<@{self.addresses.slack_user(session, person_id)}>"

    # The asker

    def asker(
        self, team: str, user: str, case_id: int, change: Change, *given: Any, says: str | None
    ) -> Case:
        """Let the asker change their case, and confirm it.

        Args:
            given: what `change` gets between the actor and the time.
            says: the key of the text that confirms it.

        Raises:
            DeskError: if it can't be done now, or it isn't their case.
        """
        with self.database.write() as session:
            now = self.clock()
            case = cases.find_case(session, case_id)
            before = case.revision
            actor = self.mail.asker(session, case, team, user, now)
            case = change(session, case_id, actor, *given, now)
            if says is not None and case.revision != before:
                key = f"told:{case.id}:{case.revision}"
                cases.to_asker(session, case, "case_told", key, now, says=says)
        self.on_outbox()
        return case

    def feedback(self, team: str, user: str, helped: bool, case_id: int) -> None:
        """Take the asker's word on whether HR's answer helped. Raises as `asker`."""

        def reopen(session: Session, case_id: int, actor: Actor, now: datetime) -> Case:
            return asking.reopen(session, case_id, actor, now, routing=self.routing)

        change = asking.confirm_helpful if helped else reopen
        says = "case_thanks" if helped else "case_reopened"
        self.asker(team, user, case_id, change, says=says)

    def add(self, team: str, user: str, case_id: int, text: str, form: str) -> None:
        """Add something to a question from a form. Raises as `asker`.

        Args:
            form: the id of the form; what is submitted twice counts once.
        """
        key = self.seal.fingerprint("entry", "form", form)

        def change(session: Session, case_id: int, actor: Actor, now: datetime) -> Case:
            words = redacted_of_case(session, case_id, text, self.seal).text
            return asking.add(session, case_id, actor, words, now, routing=self.routing, key=key)

        self.asker(team, user, case_id, change, says="case_added")

    def edit(self, team: str, user: str, case_id: int, text: str) -> None:
        """Replace the words of a question. Raises as `asker`."""

        def change(session: Session, case_id: int, actor: Actor, now: datetime) -> Case:
            words = redacted_of_case(session, case_id, text, self.seal).text
            return asking.edit(session, case_id, actor, words, now)

        self.asker(team, user, case_id, change, says="case_edited")

    def hidden_details(self, team: str, user: str, case_id: int) -> tuple[Case, list[str]]:
        """Return a case to its asker, and what is hidden in it.

        Raises:
            DeskError: if nothing is, the case is anonymous, or it is somebody else's.
        """
        case = self.own_case(team, user, case_id)
        names = details.hidden_in(case.question, self.entries(case_id))
        if case.anonymous or not names:
            raise cases.DeskError(f"Nothing is hidden in {case.reference} that HR could get.")
        return case, names

    def restore(self, team: str, user: str, case_id: int, given: dict[str, str]) -> None:
        """Keep hidden details that the asker sends again, sealed. Raises as `asker`."""

        def change(session: Session, case_id: int, actor: Actor, now: datetime) -> Case:
            return details.restore(session, case_id, actor, given, now, seal=self.seal)

        self.asker(team, user, case_id, change, says="case_restored")

    def own_case(self, team: str, user: str, case_id: int) -> Case:
        """Return a case to its asker.

        Raises:
            DeskError: if there is none, or it is somebody else's.
        """
        with self.database.write() as session:
            case = cases.find_case(session, case_id)
            asking.require_asker(case, self.mail.asker(session, case, team, user, self.clock()))
            return case

    def own_cases(self, team: str, user: str) -> list[Case]:
        """Return a user's cases, the anonymous ones too, newest first; for their eyes only."""
        with self.database.write() as session:
            person = self.addresses.person(session, team, user, self.clock())
            named = session.scalars(select(Case).where(Case.person_id == person.id)).all()
            hidden = self.mail.own_cases(session, team, user, None)
            return sorted([*named, *hidden], key=lambda case: case.id, reverse=True)

    def take_out(self, team: str, user: str, case_id: int, entry_id: int) -> None:
        """Take an addition out of a case and let the assistant answer it. Raises as `asker`."""
        with self.database.write() as session:
            now = self.clock()
            case = cases.find_case(session, case_id)
            actor = self.mail.asker(session, case, team, user, now)
            text = asking.take_out(session, case_id, actor, entry_id, now)
            if text is not None and not case.anonymous:
                conversation = session.get(Conversation, case.conversation_id)
                key = self.seal.fingerprint("taken out", str(entry_id))
                accept_text(session, conversation, key=key, text=text, now=now)
        self.on_inbox()
        self.on_outbox()

    # Opening

    def open_from_choice(
        self, session: Session, conversation: Conversation, choice: Choice
    ) -> str | None:
        """Open the case that a button means.

        Returns:
            None if it is open (now or before), else what to tell the one who clicked.
        """
        meaning = choice.meaning
        if not meaning.get("anonymous"):
            self._open_named(session, conversation, meaning)
            return None
        address = self.addresses.address_of(session, conversation.id)
        if not address.direct or _was_asked_among_others(session, conversation, meaning):
            return self.wording.say("anonymous_in_public")
        named = _sent_by_name(session, conversation, meaning)
        if named is not None:
            return self.wording.say("anonymous_after_name", reference=named.reference)
        now = self.clock()
        key = self.anonymous_turn(choice.id)
        way_back = self.addresses.way_back(session, address, conversation.audience, now)
        case = cases.open_case(
            session,
            turn_id=key,
            conversation_id=way_back.id,
            # How many names the chat had before is nothing that HR should see.
            question=numbered_anew(meaning["question"]),
            topic=meaning.get("topic"),
            candidates=tuple(meaning.get("candidates") or ()),
            routing=self.routing,
            now=now,
            anonymous=True,
            sensitive=self._is_sensitive(meaning),
        )
        cases.to_asker(session, case, "case_opened", f"opened:{case.id}", now)
        asked_in = set(meaning.get("turns") or ())
        turns = forget_asking(session, conversation.id, meaning["question"], asked_in, case.id)
        enqueue(
            session,
            delivery_key=f"forget:{self.seal.fingerprint('forget', choice.id)[:32]}",
            kind=FORGET_TURNS,
            lane=f"tracker:{conversation.id}",
            payload={"turns": sorted(turns)},
            conversation_id=conversation.id,
            audience=conversation.audience,
            now=now,
        )
        return None

    def was_opened_anonymously(self, session: Session, choice_id: str) -> bool:
        """Say whether a button that is gone now has opened an anonymous case."""
        return cases.case_of_turn(session, self.anonymous_turn(choice_id)) is not None

    def anonymous_turn(self, choice_id: str) -> str:
        """Return the turn id of the case that a button opens; only the key leads there."""
        return f"anonymous:{self.seal.fingerprint('anonymous', choice_id)[:24]}"

    def _open_named(
        self, session: Session, conversation: Conversation, meaning: dict[str, Any]
    ) -> None:
        now = self.clock()
        case = cases.open_case(
            session,
            turn_id=meaning["turn_id"],
            conversation_id=conversation.id,
            question=meaning["question"],
            topic=meaning.get("topic"),
            candidates=tuple(meaning.get("candidates") or ()),
            routing=self.routing,
            now=now,
            sensitive=self._is_sensitive(meaning),
        )
        cases.to_asker(session, case, "case_opened", f"opened:{case.id}", now)

    def _is_sensitive(self, meaning: dict[str, Any]) -> bool:
        # If the assistant was away, words of danger are all that can be told of a question.
        return bool(meaning.get("sensitive")) or crisis.detect(meaning["question"]) is not None


def _sent_by_name(
    session: Session, conversation: Conversation, meaning: dict[str, Any]
) -> Case | None:
    """Return the case in which HR has these words of the person with their name."""
    named = select(Case).where(Case.person_id == conversation.person_id, Case.anonymous.is_(False))
    words = numbered_anew(meaning["question"])
    return next((c for c in session.scalars(named) if numbered_anew(c.question) == words), None)


def _was_asked_among_others(
    session: Session, conversation: Conversation, meaning: dict[str, Any]
) -> bool:
    """Say whether the person asked this where others read along, before it moved to here."""
    moved = (
        select(InboxRow.text)
        .join(Conversation, Conversation.id == InboxRow.conversation_id)
        .where(
            Conversation.person_id == conversation.person_id,
            InboxRow.status == MOVED,
            InboxRow.text.is_not(None),
        )
    )
    words = numbered_anew(meaning["question"])
    return any(numbered_anew(text) == words for text in session.scalars(moved))

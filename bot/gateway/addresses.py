"""Who and where, behind opaque ids: people and conversations, sealed and found by fingerprint."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.db.models import Base, Conversation, Person, is_web
from bot.desk.cases import start_of_day
from bot.privacy.audience import CANDIDATE, EMPLOYEE
from bot.privacy.sealing import Seal, opaque_id

ANONYMOUS = "anonymous"


@dataclass(frozen=True)
class SlackAddress:
    """Where a conversation in Slack takes place. `thread` is a ts, or empty outside threads."""

    team: str
    user: str
    channel: str
    thread: str
    direct: bool

    @property
    def place(self) -> str:
        """`private` for a direct message, `shared` where others read along."""
        return "private" if self.direct else "shared"


@dataclass(frozen=True)
class Contact:
    """How somebody on the careers page wants to be told; `name` may be empty."""

    email: str
    name: str = ""


class AddressBook:
    """Finds people and conversations by address, and addresses by opaque id."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal

    def person(self, session: Session, team: str, user: str, now: datetime) -> Person:
        """Return the person behind a Slack user, made known if new."""
        digest = self._seal.fingerprint("slack", team, user)
        known = _by_hash(session, Person, digest)
        if known is not None:
            return known
        person = Person(
            id=opaque_id("p"),
            address_hash=digest,
            address_sealed=self._seal.seal({"team": team, "user": user}),
            created_at=now,
        )
        return _add_or_find(session, person, Person, digest)

    def slack_user(self, session: Session, person_id: str) -> str:
        """Return the Slack user id of a person."""
        return self.slack_team_and_user(session, person_id)[1]

    def slack_team_and_user(self, session: Session, person_id: str) -> tuple[str, str]:
        """Return the Slack team and user id of a person."""
        parts = self._seal.open(session.get(Person, person_id).address_sealed)
        return parts["team"], parts["user"]

    def known_conversation(self, session: Session, address: SlackAddress) -> Conversation | None:
        """Return the conversation at this address, if there is one."""
        return _by_hash(session, Conversation, self._digest(address))

    def conversation(self, session: Session, address: SlackAddress, now: datetime) -> Conversation:
        """Return the conversation at this address, begun if new."""
        known = self.known_conversation(session, address)
        if known is not None:
            return known
        digest = self._digest(address)
        conversation = Conversation(
            id=opaque_id("slack"),
            person_id=self.person(session, address.team, address.user, now).id,
            audience=EMPLOYEE,
            address_hash=digest,
            address_sealed=self._seal.seal({k: str(v) for k, v in asdict(address).items()}),
            created_at=now,
        )
        return _add_or_find(session, conversation, Conversation, digest)

    def way_back(
        self, session: Session, address: SlackAddress, audience: str, now: datetime
    ) -> Conversation:
        """Begin the conversation of an anonymous case: nothing but a sealed way back.

        Its fingerprint is its own, so that two cases of one person have nothing in common.
        """
        conversation = Conversation(
            id=opaque_id(ANONYMOUS),
            person_id=None,
            audience=audience,
            address_sealed=self._seal.seal(
                {k: str(v) for k, v in asdict(address).items()}, dated=False
            ),
            created_at=start_of_day(now),
        )
        conversation.address_hash = self._seal.way_back_fingerprint(
            conversation.id, address.team, address.user
        )
        session.add(conversation)
        session.flush()
        return conversation

    def leads_back_to(self, conversation: Conversation, team: str, user: str) -> bool:
        """Say whether a way back is that of this user."""
        mine = self._seal.way_back_fingerprint(conversation.id, team, user)
        return conversation.address_hash == mine

    def ways_back_to(self, session: Session, team: str, user: str) -> list[str]:
        """Return the conversations of this user's anonymous cases that aren't forgotten."""
        every = session.scalars(select(Conversation).where(Conversation.id.like(f"{ANONYMOUS}:%")))
        return [found.id for found in every if self.leads_back_to(found, team, user)]

    def place_key(self, user: str, channel: str, thread: str) -> str:
        """Return the fingerprint of a place where what a user says belongs to a case."""
        return self._seal.fingerprint("case place", user, channel, thread)

    def address_of(self, session: Session, conversation_id: str) -> SlackAddress:
        """Return where a conversation takes place."""
        parts = self._seal.open(session.get(Conversation, conversation_id).address_sealed)
        return SlackAddress(**{**parts, "direct": parts["direct"] == "True"})

    def place_of(self, session: Session, conversation_id: str) -> str:
        """Return `private`, or `shared` where others read along."""
        if is_web(conversation_id):
            return "private"
        return self.address_of(session, conversation_id).place

    def begin_web(self, session: Session, now: datetime) -> Conversation:
        """Begin a conversation on the careers page, with somebody of whom nothing is known."""
        conversation = Conversation(
            id=opaque_id("web"),
            person_id=None,
            audience=CANDIDATE,
            address_sealed=self._seal.seal({}),
            created_at=now,
        )
        conversation.address_hash = self._seal.fingerprint("conversation", conversation.id)
        session.add(conversation)
        session.flush()
        return conversation

    def keep_contact(self, conversation: Conversation, contact: Contact) -> None:
        """Keep how the person in a conversation on the careers page wants to be told."""
        conversation.address_sealed = self._seal.seal(asdict(contact))

    def contact_of(self, session: Session, conversation_id: str) -> Contact | None:
        """Return the contact that was left in a conversation on the careers page, if any."""
        sealed = session.get(Conversation, conversation_id).address_sealed
        parts = self._seal.open(sealed) if sealed else {}
        return Contact(**parts) if parts else None

    def _digest(self, address: SlackAddress) -> str:
        return self._seal.fingerprint(
            "conversation", address.team, address.user, address.channel, address.thread
        )


def locked(session: Session, conversation_id: str) -> Conversation | None:
    """Return a conversation, if it is still there, for this transaction alone to add events to.

    So the numbers of its events become visible in their order, and a key is used once. Whoever
    locks rows of the conversation as well does so after this.
    """
    for_change = (
        select(Conversation)
        .where(Conversation.id == conversation_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return session.scalar(for_change)


def _by_hash(session: Session, model: type[Base], digest: str) -> Base | None:
    return session.scalar(select(model).where(model.address_hash == digest))


def _add_or_find(session: Session, row: Base, model: type[Base], digest: str) -> Base:
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return session.execute(select(model).where(model.address_hash == digest)).scalar_one()
    return row

"""Somebody's life with the assistant, in every table: asked, answered, handed over, noted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.fernet import Fernet
from sqlalchemy import Column, Float, Integer, MetaData, String, Table, Text, insert

from bot.db.migrate import upgrade
from bot.db.models import Case, CaseDetail, CasePlace, Choice, Employee, Turn, TurnLog
from bot.db.queues import enqueue
from bot.db.reminders import ProgramReminder
from bot.db.session import Database
from bot.desk import asking, work
from bot.desk.cases import Actor, open_case
from bot.gateway.addresses import AddressBook, SlackAddress
from bot.gateway.inbox import accept_choice, accept_text
from bot.privacy import trackers
from bot.privacy.sealing import Seal, opaque_id

from ..conftest import new_database
from ..records import ROUTING

# As Rasa's SQLTrackerStore makes it.
EVENTS = Table(
    "events",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("sender_id", String(255), nullable=False, index=True),
    Column("type_name", String(255), nullable=False),
    Column("timestamp", Float),
    Column("intent_name", String(255)),
    Column("action_name", String(255)),
    Column("data", Text),
)
HR = "p:sam"


@dataclass(frozen=True)
class Somebody:
    """Who lived it. `words` are theirs alone: one in each text."""

    user: str
    email: str
    person: str
    conversation: str
    case: int
    anonymous_case: int
    words: tuple[str, ...]
    detail: str
    """What redaction hid and they sent again; it is kept sealed."""


class Town:
    """A migrated database with a tracker table, and people who live in it."""

    def __init__(self, database: Database, key: str, now: datetime) -> None:
        self.database, self.key, self.now = database, key, now
        self.seal = Seal(key)
        self.addresses = AddressBook(self.seal)

    def move_in(self, name: str) -> Somebody:
        """Let somebody ask, be answered, send two questions to HR, one without their name."""
        word = f"Xq{name}".join
        words = tuple(word(("", part)) for part in ("asked", "told", "case", "added", "answered"))
        asked, told, question, added, answer = words
        user, email, now = f"U0{name.upper()}", f"{name}@hospital.test", self.now
        address = SlackAddress("T1", user, f"D0{name.upper()}", "", direct=True)
        with self.database.write() as session:
            place = self.addresses.conversation(session, address, now)
            person = self.addresses.person(session, "T1", user, now)
            person.email_hash = self.seal.email_fingerprint(email)
            row = accept_text(session, place, key=f"k-{name}", text=f"my {asked}?", now=now)
            session.add(
                Employee(
                    email_hash=person.email_hash,
                    address_sealed=self.seal.seal({"email": email}),
                    site="main",
                    updated_at=now,
                )
            )
            choice = Choice(
                id=opaque_id("choice"),
                conversation_id=place.id,
                title="Send to HR",
                meaning={"question": f"my {asked}?"},
                created_at=now,
            )
            session.add(choice)
            session.flush()
            accept_choice(session, place, key=f"c-{name}", choice=choice, now=now)
            reply = {"messages": [{"text": f"about your {told}", "metadata": {}}]}
            turn = {"turn_id": row.turn_id, "conversation_id": place.id, "created_at": now}
            session.add(Turn(**turn, reply=reply))
            session.add(_log(turn, f"my {asked}?"))
            _queue(session, place.id, f"reply:{row.turn_id}", reply, now)
            _queue(session, place.id, f"home:{name}", {"person": person.id}, now)
            session.add(
                ProgramReminder(
                    program_id="tuition-assistance",
                    window="Spring",
                    stage="closes",
                    person_id=person.id,
                    status="sent",
                    asked_at=now,
                    finished_at=now,
                )
            )
            case = self._case(session, place.id, person.id, question, added, answer)
            hidden = self._anonymous(session, address, f"nobody {word(('', 'hidden'))}")
            self._track(session, place.id, words)
            detail = word(("", "detail"))
            sealed = self.seal.seal({"value": detail})
            session.add(CaseDetail(case_id=case.id, name="name", value_sealed=sealed, at=now))
        words = (*words, email, user)
        return Somebody(user, email, person.id, place.id, case.id, hidden.id, words, detail)

    def _case(
        self, session, conversation: str, person: str, question: str, added: str, answer: str
    ) -> Case:
        colleague = self.addresses.person(session, "T1", "U0HRSAM", self.now)
        hr = Actor("hr", colleague.id)
        case = open_case(
            session,
            turn_id=opaque_id("turn"),
            conversation_id=conversation,
            question=f"my {question}",
            topic="benefits/dental",
            candidates=("benefits/dental",),
            routing=ROUTING,
            now=self.now,
        )
        asker = Actor("asker", person)
        asking.add(session, case.id, asker, f"and my {added}", self.now, routing=ROUTING)
        work.assign(session, case.id, hr, self.now, assignee=colleague.id)
        work.add_note(session, case.id, hr, f"they said {question}", self.now)
        work.answer(session, case.id, hr, f"the {answer}", self.now)
        session.add(CasePlace(key=opaque_id("place"), case_id=case.id))
        return case

    def _anonymous(self, session, address: SlackAddress, question: str) -> Case:
        back = self.addresses.way_back(session, address, "employee", self.now)
        return open_case(
            session,
            turn_id=opaque_id("anonymous"),
            conversation_id=back.id,
            question=question,
            topic=None,
            routing=ROUTING,
            now=self.now,
            anonymous=True,
        )

    def _track(self, session, conversation: str, words: tuple[str, ...]) -> None:
        for word in words:
            data = json.dumps({"event": "user", "text": f"my {word}", "metadata": {}})
            values = {"sender_id": conversation, "type_name": "user", "data": data}
            session.execute(insert(EVENTS).values(**values, timestamp=self.now.timestamp()))


def _log(turn: dict, question: str) -> TurnLog:
    return TurnLog(
        **turn,
        audience="employee",
        kind="faq",
        decision="answer",
        topic="benefits/dental",
        topics=["benefits/dental"],
        candidates=[],
        question=question,
    )


def _queue(session, conversation: str, key: str, payload: dict, now: datetime) -> None:
    enqueue(
        session,
        delivery_key=key,
        kind="reply",
        lane=conversation,
        payload=payload,
        audience="both",
        conversation_id=conversation,
        now=now,
    )


@contextmanager
def town(kind: str, folder: Path, now: datetime) -> Iterator[Town]:
    """Give a town on a database of this kind."""
    with new_database(kind, folder) as url:
        database = Database(url)
        upgrade(database)
        EVENTS.create(database.engine)
        yield Town(database, Fernet.generate_key().decode(), now)
        database.dispose()


def events(database: Database, conversation: str) -> int:
    """Return how many events a tracker has."""
    with database.read() as session:
        return len(trackers.events_of(session, [conversation]))

"""Whose data it is about: a person or a conversation, found by whatever they are known by."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from cryptography.fernet import InvalidToken
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.db.models import Case, Conversation, Employee, Person
from bot.db.reminders import ProgramReminder
from bot.errors import HRBotError
from bot.privacy.sealing import Seal

Row = TypeVar("Row", Person, Employee)
WEB = "web:"
_SLACK_USER = re.compile(r"[UW][A-Z0-9]{4,}")


class UnknownSubjectError(HRBotError):
    """Nobody and nothing is known by what was given."""


@dataclass(frozen=True)
class Subject:
    """Somebody as far as this database knows them: ids of people, conversations, cases, rows.

    `slack` are the teams and users behind the people; `cases` are those they opened by name;
    `reminders` those by e-mail to their address.
    """

    people: tuple[str, ...] = ()
    conversations: tuple[str, ...] = ()
    cases: tuple[int, ...] = ()
    employees: tuple[int, ...] = ()
    slack: tuple[tuple[str, str], ...] = ()
    reminders: tuple[int, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """The opaque ids under which the audit trail may name them."""
        return (*self.people, *self.conversations, *(f"HR-{1000 + case}" for case in self.cases))


def find_subject(session: Session, seal: Seal, given: str) -> Subject:
    """Find a person by e-mail address, Slack user id (U…) or person id (p:…), or a conversation.

    Raises:
        UnknownSubjectError: if there is none.
    """
    given = given.strip()
    if ":" in given and "@" not in given:
        subject = _by_id(session, seal, given)
    else:
        subject = _by_address(session, seal, given)
    if subject == Subject():
        raise UnknownSubjectError(
            "Nobody is known by that. Give an e-mail address, a Slack user id (U…), a person id "
            "(p:…) or a conversation id (slack:…, web:…)."
        )
    return subject


def opened(seal: Seal, sealed: str) -> dict[str, str]:
    """Return what a sealed address says; nothing if it is forgotten."""
    try:
        return seal.open(sealed)
    except InvalidToken:
        return {}


def _by_id(session: Session, seal: Seal, given: str) -> Subject:
    person = session.get(Person, given)
    if person is not None:
        return _whole(session, seal, [person], [])
    conversation = session.get(Conversation, given)
    if conversation is None:
        return Subject()
    cases = list(session.scalars(select(Case).where(Case.conversation_id == conversation.id)))
    # Whose anonymous case it is must not be found out by way of its conversation.
    if any(case.anonymous for case in cases):
        return Subject()
    numbers = tuple(case.id for case in cases)
    return Subject(conversations=(conversation.id,), cases=numbers)


def _by_address(session: Session, seal: Seal, given: str) -> Subject:
    if "@" in given:
        digest = seal.email_fingerprint(given)
        known = or_(Person.email_hash == digest, Person.address_hash == digest)
        people = list(session.scalars(select(Person).where(known)))
        employees = list(session.scalars(select(Employee).where(Employee.email_hash == digest)))
        found = _whole(session, seal, people, employees, _of_contact(session, seal, given))
        wanted = select(ProgramReminder.id).where(ProgramReminder.email_hash == digest)
        return replace(found, reminders=tuple(session.scalars(wanted)))
    user = given.upper()
    if not _SLACK_USER.fullmatch(user):
        return Subject()
    people, employees = (_of_user(session, seal, model, user) for model in (Person, Employee))
    return _whole(session, seal, people, employees)


def _of_contact(session: Session, seal: Seal, email: str) -> list[str]:
    """Return the conversations on the careers page in which this address was left."""
    left = select(Conversation).where(
        Conversation.id.like(f"{WEB}%"), Conversation.address_sealed != ""
    )
    wanted = email.lower()
    return [
        conversation.id
        for conversation in session.scalars(left)
        if opened(seal, conversation.address_sealed).get("email", "").lower() == wanted
    ]


def _of_user(session: Session, seal: Seal, model: type[Row], user: str) -> list[Row]:
    # The fingerprint needs the team as well, which nobody has at hand.
    every = session.scalars(select(model))
    return [row for row in every if opened(seal, row.address_sealed).get("user") == user]


def _whole(
    session: Session,
    seal: Seal,
    people: list[Person],
    employees: list[Employee],
    places: Sequence[str] = (),
) -> Subject:
    """Return a person with all that belongs to them: HR's line on their job leads to more."""
    by_slack = [employee.slack_hash for employee in employees if employee.slack_hash]
    more = session.scalars(select(Person).where(Person.address_hash.in_(by_slack)))
    people = list({person.id: person for person in (*people, *more)}.values())
    ids = [person.id for person in people]
    listed = select(Employee.id).where(
        or_(
            Employee.id.in_([employee.id for employee in employees]),
            Employee.slack_hash.in_([person.address_hash for person in people]),
            Employee.email_hash.in_([p.email_hash for p in people if p.email_hash]),
        )
    )
    of_people = select(Conversation.id).where(Conversation.person_id.in_(ids))
    conversations = (*session.scalars(of_people), *places)
    theirs = or_(Case.person_id.in_(ids), Case.conversation_id.in_(conversations))
    cases = session.scalars(select(Case.id).where(theirs, Case.anonymous.is_(False)))
    return Subject(
        people=tuple(ids),
        conversations=conversations,
        cases=tuple(cases),
        employees=tuple(session.scalars(listed)),
        slack=tuple(_slack(seal, people)),
    )


def _slack(seal: Seal, people: list[Person]) -> Iterator[tuple[str, str]]:
    for person in people:
        address = opened(seal, person.address_sealed)
        if "user" in address:
            yield address.get("team", ""), address["user"]

"""“Did you know”: one more program, for whom it is, new to them, once a day, not in hard hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import select

from bot.db.models import Case, Conversation, Employee, Person, Program, TurnLog
from bot.db.session import Database
from bot.db.telling import Telling
from bot.gateway.addresses import AddressBook
from bot.gateway.program_offers import ProgramOffers
from bot.gateway.wording import Wording
from bot.programs.catalogue import import_programs
from bot.programs.eligibility import YES, check
from bot.programs.employees import job_of
from bot.settings import ROOT
from bot.telling.answers import choose_categories, stop

from .places import DIRECT
from .servers import reply

NOW = datetime(2026, 11, 26, 15, 0, tzinfo=timezone.utc)
TUITION = "tuition-assistance"
NURSE = {
    "employment_type": "full_time",
    "fte": 0.9,
    "hire_date": date(2020, 3, 1),
    "job_family": "nursing",
    "site": "medical_center",
}


class Nurse:
    """Robin, a nurse of whom HR's list knows all, and what they are told beside answers."""

    def __init__(self, database: Database, addresses: AddressBook, wording: Wording) -> None:
        self.database, self.addresses, self.count = database, addresses, 0
        self.offers = ProgramOffers(wording, addresses, hint_days=1)
        with database.write() as session:
            import_programs(session, ROOT / "data" / "programs.yml")
            conversation = addresses.conversation(session, DIRECT, NOW)
            self.conversation, self.person = conversation.id, conversation.person_id
            digest = session.get(Person, self.person).address_hash
            session.add(Employee(slack_hash=digest, address_sealed="", updated_at=NOW, **NURSE))

    def told(
        self,
        about: str = TUITION,
        *,
        now: datetime = NOW,
        conversation: str | None = None,
        kind: str = "program",
        own: int = 1,
    ) -> dict[str, Any] | None:
        """Return the line that comes with an answer about a program, if one does."""
        metadata = {"audience": "employee", "is_answer": True, "programs": [about]}
        mine = [{"title": "B", "meaning": {"intent": "x"}}] * own
        said = [{"text": "It is good.", "metadata": metadata, "buttons": mine}]
        answer = reply(messages=said, kind=kind, topic=None)
        with self.database.write() as session:
            found = session.get(Conversation, conversation or self.conversation)
            messages = self.offers.added_to(session, found, answer, now)["messages"]
        return messages[1] if len(messages) > 1 else None

    def program(self, **more: Any) -> str | None:
        """Return the id of the program that they are told of."""
        line = self.told(**more)
        return line["buttons"][0]["meaning"]["entities"]["program"] if line else None

    def asked(self, *, kind: str = "program", **more: Any) -> None:
        """Let them have asked something an hour ago."""
        self.count += 1
        row = {"decision": "answer", "topics": [], "candidates": [], **more}
        at = NOW - timedelta(hours=1)
        with self.database.write() as session:
            session.add(
                TurnLog(
                    turn_id=f"turn:{self.count}",
                    conversation_id=self.conversation,
                    audience="employee",
                    kind=kind,
                    created_at=at,
                    **row,
                )
            )


@pytest.fixture
def nurse(quick: Database, addresses: AddressBook, wording: Wording) -> Nurse:
    return Nurse(quick, addresses, wording)


def test_it_is_one_short_line_about_something_near_that_is_for_them(nurse: Nurse) -> None:
    line = nurse.told()
    assert line is not None
    assert line["text"].startswith("Did you know? There is also **")
    assert len(line["text"]) < 400
    (button,) = line["buttons"]
    with nurse.database.read() as session:
        program = session.get(Program, button["meaning"]["entities"]["program"])
        assert program.category == "education"
        assert check(program, job_of(session, nurse.person), NOW.date()).eligible == YES
        (telling,) = session.scalars(select(Telling))
    assert line["metadata"] == {"audience": program.audience}
    assert (telling.means, telling.source, telling.program_id, telling.status) == (
        "did_you_know", TUITION, program.id, "told",
    )  # fmt: skip


def test_once_a_day_and_never_the_same_again(nurse: Nurse) -> None:
    found = [nurse.program(now=NOW + timedelta(hours=hours)) for hours in (0, 1, 23, 25, 26, 50)]
    told = [program for program in found if program]
    assert [bool(program) for program in found] == [True, False, False, True, False, True]
    assert len(set(told)) == 3


def test_what_they_have_asked_about_is_nothing_new(nurse: Nurse) -> None:
    first = nurse.program()
    with nurse.database.write() as session:
        session.query(Telling).delete()
        topic = session.get(Program, first).topic
    nurse.asked(program=first)
    second = nurse.program()
    assert second not in (None, first)
    with nurse.database.write() as session:
        session.query(Telling).delete()
        session.query(TurnLog).delete()
    if topic:
        nurse.asked(kind="faq", topic=topic)
        assert nurse.program() != first


def test_nothing_is_said_where_it_would_be_out_of_place(nurse: Nurse) -> None:
    channel = replace(DIRECT, channel="C0SHARED1", direct=False)
    with nurse.database.write() as session:
        shared = nurse.addresses.conversation(session, channel, NOW).id
        web = nurse.addresses.begin_web(session, NOW).id
        outside = nurse.addresses.conversation(session, replace(DIRECT, thread="1.2"), NOW)
        outside.audience, outside_id = "candidate", outside.id
    assert nurse.told(kind="sensitive") is None
    assert nurse.told(conversation=shared) is None, "others read along"
    assert nurse.told("nurse-residency", conversation=web) is None, "candidates"
    assert nurse.told("nurse-residency", conversation=outside_id) is None, "guests"
    assert nurse.told(own=3) is None, "no room"
    assert nurse.told() is not None


def test_not_after_something_hard(nurse: Nurse) -> None:
    nurse.asked(kind="sensitive")
    assert nurse.told() is None
    assert nurse.told(now=NOW + timedelta(days=1)) is not None


def test_not_while_hr_has_something_hard_of_theirs(nurse: Nurse) -> None:
    with nurse.database.write() as session:
        session.add(
            Case(
                turn_id="t",
                conversation_id=nurse.conversation,
                audience="employee",
                queue="relations",
                sensitive=True,
                question="[…]",
                created_at=NOW,
                updated_at=NOW,
            )
        )
    assert nurse.told() is None


def test_not_to_who_wants_nothing_or_nothing_of_the_kind(nurse: Nurse) -> None:
    with nurse.database.write() as session:
        choose_categories(session, nurse.person, ["family"], ["family", "education"], NOW)
    assert nurse.told() is None
    with nurse.database.write() as session:
        choose_categories(session, nurse.person, ["education"], ["education"], NOW)
        stop(session, nurse.person, NOW)
    assert nurse.told() is None


def test_of_whom_nothing_is_known_hears_only_of_what_is_for_everybody(nurse: Nurse) -> None:
    with nurse.database.write() as session:
        session.query(Employee).delete()
    program = nurse.program()
    with nurse.database.read() as session:
        if program is not None:
            found = session.get(Program, program)
            assert (found.employment_types, found.job_families) == ([], [])


def test_it_can_be_switched_off(nurse: Nurse) -> None:
    nurse.offers = replace(nurse.offers, hint_days=None)
    assert nurse.told() is None

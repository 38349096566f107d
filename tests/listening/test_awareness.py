from __future__ import annotations

from datetime import datetime, timedelta

from bot.db.models import Employee
from bot.db.session import Database
from bot.db.telling import Telling
from bot.listening.awareness import Awareness, awareness
from bot.listening.intervals import Share

from ..desk.office import ROUTING
from .log import add_asker, add_turn
from .test_subjects import program


def telling(person: str, at: datetime, **more: object) -> Telling:
    values = {"status": "told", "program_id": "tuition", "source": "fall", **more}
    return Telling(
        means="campaign",
        occurrence=f"{at}",
        person_id=person,
        created_at=at,
        told_at=at,
        asked_before=True,
        **values,
    )


def test_awareness_is_counted_in_people(database: Database, now: datetime) -> None:
    until = now + timedelta(days=7)
    with database.write() as session:
        for number in range(20):
            conversation = add_asker(session, f"a{number}", now)
            person = conversation.replace("slack:", "p:")
            kind = "full_time" if number < 16 else "per_diem"
            session.add(
                Employee(
                    slack_hash=f"a{number}",
                    address_sealed="",
                    employment_type=kind,
                    updated_at=now,
                )
            )
            if number < 10:
                knew = number < 5
                session.add(telling(person, now, knew_before=knew))
                clicked = now if number < 6 else None
                session.add(telling(person, now + timedelta(days=1), clicked_at=clicked))
                add_turn(session, conversation, now, kind="program", topic=None, program="mentors")
            if number == 12:
                session.add(telling(person, until))
                session.add(telling(person, now, status="withdrawn"))
                add_turn(session, conversation, now, topic="benefits/dental")
        tuition = program("tuition")
        tuition.employment_types = ["full_time"]
        session.add_all([tuition, program("mentors"), program("dental", "benefits/dental")])
    with database.read() as session:
        found = awareness(session, ROUTING, until)
    assert found == [
        Awareness("dental", "Dental", 20, 0, None, 0, None, None),
        Awareness("mentors", "Mentors", 20, 0, 10, 0, None, Share(10, 20)),
        Awareness("tuition", "Tuition", 16, 10, 0, 6, Share(5, 10), Share(10, 16)),
    ]

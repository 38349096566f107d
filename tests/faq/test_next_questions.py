from datetime import timedelta

import pytest

from bot.db.models import Conversation, Person, TurnLog
from bot.faq.next_questions import NextQuestions, following_topics
from bot.privacy.suppression import LEAST_GROUP
from tests.records import Clock


@pytest.fixture
def asked(database, now):
    """Log turns: (conversation, topic, minutes from now), in the order given."""

    def log(*turns, decision="answer"):
        with database.write() as session:
            before = session.query(TurnLog).count()
            for number, (conversation, topic, minutes) in enumerate(turns, start=before):
                session.add(
                    TurnLog(
                        turn_id=f"t{number}",
                        conversation_id=conversation,
                        audience="employee",
                        kind="faq",
                        decision=decision,
                        topic=topic,
                        topics=[topic] if topic else [],
                        candidates=[],
                        created_at=now + timedelta(minutes=minutes),
                    )
                )

    return log


def follow(asked, first, second, people, *, minutes=5, prefix="c"):
    for n in range(people):
        asked((f"{prefix}{n}", first, -60), (f"{prefix}{n}", second, -60 + minutes))


def test_what_enough_people_asked_next_follows_most_often_first(database, asked, now):
    follow(asked, "benefits/dental", "benefits/vision", LEAST_GROUP)
    follow(asked, "benefits/dental", "benefits/dependents", LEAST_GROUP + 1, prefix="d")
    follow(asked, "benefits/dental", "pay/payday", LEAST_GROUP - 1, prefix="e")
    with database.read() as session:
        found = following_topics(session, now)
    assert found == {"benefits/dental": ["benefits/dependents", "benefits/vision"]}


def test_one_person_asking_often_is_one(database, asked, now):
    for _ in range(LEAST_GROUP * 2):
        asked(("c", "benefits/dental", -60), ("c", "benefits/vision", -59))
    with database.read() as session:
        assert following_topics(session, now) == {}


def test_one_person_in_many_threads_is_one(database, asked, now):
    names = [f"c{n}" for n in range(LEAST_GROUP)]
    with database.write() as session:
        address = {"address_sealed": "", "created_at": now}
        session.add(Person(id="p:1", address_hash="p", **address))
        session.flush()
        for name in names:
            place = {"id": name, "address_hash": name, "audience": "employee"}
            session.add(Conversation(person_id="p:1", **place, **address))
    follow(asked, "benefits/dental", "benefits/vision", LEAST_GROUP)
    with database.read() as session:
        assert following_topics(session, now) == {}


def test_what_came_much_later_or_long_ago_does_not_count(database, asked, now):
    follow(asked, "benefits/dental", "benefits/vision", LEAST_GROUP, minutes=61)
    for n in range(LEAST_GROUP):
        days = -100 * 24 * 60
        asked((f"o{n}", "pay/w2", days), (f"o{n}", "pay/pay_stub", days + 1))
    with database.read() as session:
        assert following_topics(session, now) == {}


def test_turns_without_an_answer_are_passed_over(database, asked, now):
    for n in range(LEAST_GROUP):
        asked((f"c{n}", "benefits/dental", -60))
        asked((f"c{n}", None, -59), decision="clarify")
        asked((f"c{n}", "benefits/vision", -58))
    with database.read() as session:
        assert following_topics(session, now) == {"benefits/dental": ["benefits/vision"]}


def test_it_is_counted_again_after_an_hour(database, asked, now):
    clock = Clock(now)
    questions = NextQuestions(clock)
    with database.read() as session:
        assert questions.after(session, "benefits/dental") == []
    follow(asked, "benefits/dental", "benefits/vision", LEAST_GROUP)
    with database.read() as session:
        assert questions.after(session, "benefits/dental") == []
        clock.advance(3600)
        assert questions.after(session, "benefits/dental") == ["benefits/vision"]

"""The understanding follows the database: promoted, edited, taken back, exported."""

from __future__ import annotations

from datetime import date

import pytest

from bot.db.answers import PromotedPhrasing, Promotion
from bot.faq import content
from bot.faq.promoted import LIVE, WITHDRAWN
from bot.nlu.conversation_words import shipped_words
from bot.nlu.crisis import shipped_phrases
from bot.nlu.live import LiveUnderstanding, serve, serving, topic_label
from bot.nlu.ranking import Thresholds
from bot.nlu.understanding import Understanding

QUESTION = "is there a place to charge my electric car in the garage"
ANSWERS = {
    f"utter_{topic}": [{"text": "So.", "metadata": {"audience": "employee", "title": topic}}]
    for topic in ("benefits/dental", "pay/payday", "policies/dress_code")
}


@pytest.fixture
def live(selector, database):
    levels = Thresholds(0.5, 0.25)
    trained = Understanding(selector, shipped_phrases(), levels, shipped_words())
    return LiveUnderstanding(trained, ANSWERS, database)


def say(database, now, topic, *audiences):
    told = [{"text": "So.", "metadata": {"audience": a, "title": "Cars"}} for a in audiences]
    with database.write() as session:
        content.change(
            session,
            now,
            kind=content.ANSWER,
            subject=f"utter_{topic}",
            content=told,
            in_file=None,
            cause=content.EDITED,
            person_id=None,
        )


def promote(database, now, topic, *texts, status=LIVE):
    with database.write() as session:
        session.add(
            Promotion(
                queue="default",
                status=status,
                topic=topic,
                title="Cars",
                audience="employee",
                owner="HR",
                link="https://x.example",
                review_by=date(2027, 1, 1),
                proposed_at=now,
                phrasings=[PromotedPhrasing(text=text) for text in texts],
            )
        )
        content.touch(session)


def topic_of(live, text, audience="employee"):
    live.refresh(at_once=True)
    return live.current.decide(text, audience).topic


def test_a_new_topic_is_found_and_then_gone(live, database, now):
    assert topic_of(live, QUESTION) is None
    say(database, now, "pay/electric_cars", "employee")
    promote(database, now, "pay/electric_cars", QUESTION)
    assert topic_of(live, QUESTION) == "pay/electric_cars"
    say(database, now, "pay/electric_cars")
    assert topic_of(live, QUESTION) is None


def test_a_topic_without_an_answer_is_never_found(live, database, now):
    promote(database, now, "pay/electric_cars", QUESTION)
    assert topic_of(live, QUESTION) is None


def test_a_question_is_added_to_a_known_topic(live, database, now):
    promote(database, now, "policies/dress_code", QUESTION)
    live.refresh(at_once=True)
    decision = live.current.decide(QUESTION)
    assert (decision.topic, decision.label.title) == ("policies/dress_code", "dress_code")


def test_who_may_read_it_follows_an_edit(live, database, now):
    assert topic_of(live, "when do we get paid", "candidate") is None
    say(database, now, "pay/payday", "both")
    assert topic_of(live, "when do we get paid", "candidate") == "pay/payday"


def test_a_known_topic_that_is_taken_back_is_not_chosen(live, database, now):
    assert topic_of(live, "when do we get paid") == "pay/payday"
    say(database, now, "pay/payday")
    assert topic_of(live, "when do we get paid") != "pay/payday"
    say(database, now, "pay/payday", "employee")
    assert topic_of(live, "when do we get paid") == "pay/payday"


def test_what_is_taken_back_matters_only_if_it_was_learnt(live, database, now):
    promote(database, now, "pay/payday", "payday", QUESTION, status=WITHDRAWN)
    live.refresh(at_once=True)
    assert [(e.text, e.is_withdrawn) for e in live.current.promoted.entries] == [("payday", True)]
    promote(database, now, "pay/payday", "payday")
    live.refresh(at_once=True)
    assert [(e.text, e.is_withdrawn) for e in live.current.promoted.entries] == [("payday", False)]


def test_the_process_knows_what_it_serves_with(live):
    serve(live)
    assert serving() is live


def test_one_public_variant_makes_a_topic_public():
    internal, public = ({"metadata": {"audience": a, "title": "T"}} for a in ("employee", "both"))
    assert topic_label("pay/x", [internal, public]).audience == "both"
    label = topic_label("pay/x", [internal])
    assert (label.audience, label.title, label.topic) == ("employee", "T", "pay/x")

"""A draft must be found for its own questions and take none of the others'."""

from __future__ import annotations

import pytest

from bot.faq.promoted import PromotedQuestions
from bot.nlu import golden
from bot.nlu.conversation_words import shipped_words
from bot.nlu.crisis import shipped_phrases
from bot.nlu.live import LiveUnderstanding
from bot.nlu.ranking import Thresholds
from bot.nlu.understanding import Understanding

QUESTION = "is there a place to charge my electric car in the garage"


@pytest.fixture
def live(selector, database):
    levels = Thresholds(0.5, 0.25)
    trained = Understanding(selector, shipped_phrases(), levels, shipped_words())
    return LiveUnderstanding(trained, {}, database)


def draft(*phrasings, topic="pay/electric_cars", audience="employee"):
    return PromotedQuestions(0, topic, "Electric cars", audience, phrasings)


def test_a_question_of_its_own_is_found_and_takes_nothing(live):
    report = golden.check(live, draft(QUESTION, "are there ev chargers in the parking garage"))
    assert (report.missed, report.stolen) == ((), ())


def test_what_would_take_a_question_is_refused_with_the_reason(live):
    report = golden.check(live, draft("on what day do we get paid"))
    stolen = report.stolen[0]
    assert stolen.label.name == "pay/payday"
    assert "paid" in stolen.question or "pay" in stolen.question
    assert stolen.similarity > 0.5


def test_the_very_words_of_another_topic_are_refused(live):
    report = golden.check(live, draft("dress code"))
    assert [(one.question, one.label.name) for one in report.stolen][:1] == [
        ("dress code", "policies/dress_code")
    ]
    assert report.missed


def test_the_topics_own_questions_are_nobodys(live):
    report = golden.check(live, draft("on what day do we get paid", topic="pay/payday"))
    assert (report.missed, report.stolen) == ((), ())


@pytest.mark.parametrize(
    ("text", "kind"),
    [("there is a man with a gun in the garage", "crisis"), ("i am being harassed", "sensitive")],
)
def test_what_comes_first_is_told(live, text, kind):
    (missed,) = golden.check(live, draft(text)).missed
    assert (missed.question, missed.decision.kind) == (text, kind)


def test_a_public_draft_must_be_found_by_both(live):
    assert golden.check(live, draft(QUESTION, audience="both")).missed == ()


def test_the_nearest_topics_come_first_once_each(live):
    near = golden.nearest_topics(live.current, "on what day do we get paid", 3)
    assert near[0].label.name == "pay/payday"
    assert len({one.label.name for one in near}) == 3
    assert [one.similarity for one in near] == sorted(
        (one.similarity for one in near), reverse=True
    )
    assert all("/" in one.label.name for one in near)


def test_open_questions_are_asked_as_they_would_be_now(live):
    current = live.with_more(draft(QUESTION))
    asked = "are there ev chargers in the parking garage"
    assert golden.answers(current, "pay/electric_cars", asked, "employee")
    assert not golden.answers(current, "pay/electric_cars", asked, "candidate")
    assert not golden.answers(current, "pay/electric_cars", "when do we get paid", "employee")

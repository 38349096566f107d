"""Promoted questions: compared with what is learnt, and never before what must come first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bot.nlu.conversation_words import shipped_words
from bot.nlu.crisis import shipped_phrases
from bot.nlu.decision import PROMOTED, Label
from bot.nlu.promoted import ANSWER_FIT, OFFER_FIT, PromotedEntry, PromotedIndex, fits
from bot.nlu.ranking import Thresholds
from bot.nlu.understanding import Understanding

CARS = Label.named("pay/electric_cars", audience="employee", title="Electric cars")
PUBLIC = Label.named("careers/parking_day", audience="both", title="Parking")
QUESTION = "is there a place to charge my electric car in the garage"


@pytest.fixture(scope="module")
def plain(selector):
    return Understanding(selector, shipped_phrases(), Thresholds(0.5, 0.25), shipped_words())


def with_promoted(plain, *pairs, **more):
    entries = (PromotedEntry(t, label, plain.selector.vector(t), **more) for t, label in pairs)
    return replace(plain, promoted=PromotedIndex(tuple(entries)))


@pytest.fixture(scope="module")
def understanding(plain):
    return with_promoted(plain, (QUESTION, CARS))


def test_a_promoted_question_is_answered_in_other_words(plain, understanding):
    asked = "are there ev chargers in the parking garage"
    assert plain.decide(asked).topic is None
    decision = understanding.decide(asked)
    assert (decision.decision, decision.topic) == ("answer", "pay/electric_cars")
    assert (decision.reason, decision.label.title) == (PROMOTED, "Electric cars")
    assert decision.intent == "pay"


def test_what_is_only_near_is_offered(understanding):
    decision = understanding.decide("can i wash my car in the garage")
    assert decision.decision == "clarify"
    assert decision.candidates[0].label == CARS
    assert len(decision.candidates) <= 3


def test_what_is_nearer_to_a_learnt_phrasing_stays_there(plain, understanding):
    for asked in ("when do we get paid", "dress code", "how do i apply"):
        assert understanding.decide(asked) == plain.decide(asked)


@pytest.mark.parametrize("asked", ["there is a man with a gun", "a coworker keeps touching me"])
def test_danger_and_what_is_sensitive_come_first(plain, asked):
    decision = with_promoted(plain, (asked, CARS)).decide(asked)
    assert decision == plain.decide(asked)
    assert decision.kind in ("crisis", "sensitive")


def test_a_sensitive_topic_may_be_promoted(plain):
    label = Label.named("relations/gossip", title="Gossip")
    asked = "a coworker keeps telling dirty jokes about me"
    assert plain.decide(asked).kind == "sensitive"
    assert with_promoted(plain, (asked, label)).decide(asked).topic == "relations/gossip"


def test_candidates_get_public_answers_only(plain):
    both = with_promoted(plain, (QUESTION, CARS), (QUESTION, PUBLIC))
    assert both.decide(QUESTION, "candidate").topic == "careers/parking_day"
    internal = with_promoted(plain, (QUESTION, CARS))
    decision = internal.decide(QUESTION, "candidate")
    assert CARS not in [decision.label, *(one.label for one in decision.candidates)]


def test_what_goes_on_with_the_turn_before_is_not_taken(plain):
    understanding = with_promoted(plain, ("and what about braces", CARS))
    asked = "and what about braces"
    assert understanding.decide(asked).topic == "pay/electric_cars"
    context = ["is dental part of the medical plan"]
    assert understanding.decide(asked, "employee", context).topic != "pay/electric_cars"


def test_one_of_several_questions_may_be_a_promoted_one(understanding):
    decision = understanding.decide(f"When do we get paid? {QUESTION.capitalize()}?")
    assert decision.topics == ("pay/payday", "pay/electric_cars")


def test_what_was_learnt_and_taken_back_is_left_alone(plain):
    asked = "payday"
    payday = plain.decide(asked).label
    understanding = with_promoted(plain, (asked, payday), is_withdrawn=True)
    assert understanding.decide(asked).topic != "pay/payday"
    assert understanding.decide("when does the money hit my account").topic == "pay/payday"


def test_a_topic_that_was_taken_back_is_never_chosen(plain):
    gone = replace(plain, withdrawn=frozenset({"pay/payday"}))
    decision = gone.decide("when do we get paid")
    assert decision.topic != "pay/payday"
    assert "pay/payday" not in [one.label.topic for one in decision.candidates]


def test_the_nearest_of_all_is_told_with_its_lead():
    def entry(name, *vector):
        return PromotedEntry(name, Label.named(f"pay/{name}"), np.array(vector, np.float32))

    index = PromotedIndex((entry("a", 1.0, 0.0), entry("b", 0.8, 0.6)))
    found = index.nearest(np.array([1.0, 0.0]), "employee", lambda meaning: 0.5)
    assert found.entry.text == "a"
    assert (found.similarity, round(found.lead, 2)) == (1.0, 0.2)
    assert found.is_answer
    far = index.nearest(np.array([0.0, -1.0]), "employee", lambda meaning: 0.5)
    assert far is None
    assert PromotedIndex().nearest(np.array([1.0]), "employee", lambda meaning: 0.0) is None


def test_a_fit_needs_a_lead():
    values = fits(np.array([0.9, 0.6, 0.9]), np.array([0.5, 0.5, 0.95]))
    assert values.round(2).tolist() == [1.3, 0.7, -1.0]
    assert fits(np.array([0.55]), np.array([0.1])).tolist() == [-1.0], "too little likeness"
    assert 0 < OFFER_FIT < ANSWER_FIT < 1

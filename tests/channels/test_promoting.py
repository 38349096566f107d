"""The routes by which the gateway asks about likeness, with a small model."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from bot.channels.promoting import (
    AlikeRequest,
    CheckRequest,
    NearRequest,
    alike,
    check,
    near,
)
from bot.db.session import Database
from bot.nlu.conversation_words import shipped_words
from bot.nlu.crisis import shipped_phrases
from bot.nlu.decision import Label
from bot.nlu.live import LiveUnderstanding
from bot.nlu.ranking import Thresholds
from bot.nlu.selector import TopicSelector
from bot.nlu.understanding import Understanding, load_encoder
from tests.nlu.conftest import OTHERS, TOPICS, phrasings

DRAFT = {"topic": "pay/cars", "title": "Cars", "audience": "employee"}


@pytest.fixture(scope="module")
def trained() -> Understanding:
    blocks = {**TOPICS, **OTHERS}
    examples = [(text, name) for name, block in blocks.items() for text in phrasings(block)]
    labels = [Label.named(name, title=name.title()) for name in blocks]
    selector = TopicSelector.fit(examples, labels, load_encoder())
    return Understanding(selector, shipped_phrases(), Thresholds(0.5, 0.25), shipped_words())


@pytest.fixture
def live(trained: Understanding, database: Database) -> LiveUnderstanding:
    return LiveUnderstanding(trained, {}, database)


def test_what_is_near_is_told_with_its_question(live: LiveUnderstanding) -> None:
    told = near(live, NearRequest(text="on what day do we get paid", at_most=2))["near"]
    assert told[0]["topic"] == "pay/payday"
    assert told[0]["title"] == "Pay/Payday"
    assert len(told) == 2


def test_a_check_tells_what_would_be_taken(live: LiveUnderstanding) -> None:
    told = check(live, CheckRequest(**DRAFT, phrasings=["on what day do we get paid"]))
    assert told["stolen"][0]["topic"] == "pay/payday"
    told = check(live, CheckRequest(**DRAFT, phrasings=["he has a gun"]))
    assert [one["kind"] for one in told["missed"]] == ["crisis"]
    told = check(live, CheckRequest(**DRAFT, phrasings=["where can i charge my electric car"]))
    assert told == {"missed": [], "stolen": []}


def test_open_questions_are_told_by_their_case(live: LiveUnderstanding) -> None:
    questions = [
        {"case": 7, "text": "when do we get paid", "audience": "employee"},
        {"case": 8, "text": "dress code", "audience": "employee"},
    ]
    told = alike(live, AlikeRequest(topic="pay/payday", questions=questions))
    assert told == {"cases": [7]}


@pytest.mark.parametrize(
    "body",
    [
        {**DRAFT, "phrasings": []},
        {**DRAFT, "phrasings": ["a"] * 11},
        {**DRAFT, "phrasings": ["a"], "topic": "../etc"},
        {**DRAFT, "phrasings": ["a"], "audience": "all"},
        {**DRAFT, "phrasings": ["a"], "more": 1},
    ],
)
def test_what_is_no_draft_is_refused(body: dict) -> None:
    with pytest.raises(ValidationError):
        CheckRequest(**body)

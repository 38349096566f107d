"""The route by which the gateway asks which questions belong together, with a small model."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from pydantic import ValidationError

from bot.channels.grouping import MOST_QUESTIONS, GroupRequest, group
from bot.listening import themes
from bot.nlu.understanding import load_encoder


@pytest.fixture(scope="module")
def live() -> SimpleNamespace:
    encoder = load_encoder()
    selector = SimpleNamespace(vector=lambda text: encoder.encode_layers(text)[0])
    return SimpleNamespace(current=SimpleNamespace(selector=selector))


def test_questions_that_belong_together_are_told_by_their_places(live: SimpleNamespace) -> None:
    questions = [
        "can i bring my dog to work",
        "where is the cafeteria",
        "are dogs allowed at work",
        "may i bring my dog into work",
    ]
    told = group(live, GroupRequest(questions=questions))
    assert [set(places) for places in told["groups"]] == [{0, 2, 3}]


def test_as_many_are_taken_as_the_gateway_asks_about(live: SimpleNamespace) -> None:
    assert themes.MOST_QUESTIONS == MOST_QUESTIONS
    with pytest.raises(ValidationError):
        GroupRequest(questions=["why"] * (MOST_QUESTIONS + 1))
    with pytest.raises(ValidationError):
        GroupRequest(questions=[], more=1)
    assert group(live, GroupRequest(questions=[])) == {"groups": []}

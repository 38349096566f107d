from dataclasses import replace

import pytest

from bot.errors import HRBotError
from bot.nlu.evaluation.cross_validation import cross_validate
from bot.nlu.evaluation.questions import Scope
from bot.nlu.evaluation.remembering import RememberingEncoder
from bot.nlu.understanding import Understanding


class CountingEncoder:
    """The real encoder, with a list of what it embedded."""

    def __init__(self, encoder):
        self._encoder = encoder
        self.embedded = []

    def encode_all(self, texts):
        self.embedded += texts
        return self._encoder.encode_all(texts)

    def known_words(self):
        return self._encoder.known_words()


@pytest.fixture(scope="module")
def counting(encoder):
    return CountingEncoder(encoder)


@pytest.fixture(scope="module")
def judgements(examples, selector, counting, tmp_path_factory):
    nowhere = tmp_path_factory.mktemp("none") / "decision.yml"
    remembering = replace(selector, encoder=RememberingEncoder(counting))
    understanding = Understanding.of(remembering, nowhere)
    return cross_validate(examples, understanding)


def test_each_phrasing_is_asked_once(judgements, examples):
    assert sorted(one.question.text for one in judgements) == sorted(text for text, _ in examples)


def test_nothing_is_embedded_twice(judgements, counting):
    assert len(counting.embedded) == len(set(counting.embedded))


def test_most_topics_are_recognised_by_a_selector_that_has_not_seen_the_phrasing(judgements):
    inside = [one for one in judgements if one.scope is Scope.IN]
    right = sum(one.is_best_right for one in inside)
    # A selector that had seen them would have all; one that guesses, one in nine.
    assert 0.6 * len(inside) < right < len(inside)


def test_what_is_nobodys_topic_should_be_handed_over(judgements):
    scopes = {one.question.text: one.scope for one in judgements}
    assert scopes["tell me a joke"] is Scope.OUT
    assert scopes["somebody has a knife"] is Scope.CRISIS
    assert scopes["talk to a person"] is Scope.IN


def test_too_few_phrasings_are_told(examples, selector, tmp_path):
    understanding = Understanding.of(selector, tmp_path / "none.yml")
    few = [pair for pair in examples if pair[1] != "pay/payday"] + [("payday", "pay/payday")]
    with pytest.raises(HRBotError, match="pay/payday: fewer than 5"):
        cross_validate(few, understanding)

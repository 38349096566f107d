import pytest

from bot.nlu.crisis import shipped_phrases
from bot.nlu.ranking import Thresholds
from bot.nlu.understanding import Understanding


@pytest.fixture(scope="module")
def understanding(selector):
    return Understanding(selector, shipped_phrases(), Thresholds(answer=0.5, clarify=0.25))


@pytest.mark.parametrize(
    ("text", "intent"),
    [("i want to kill myself", "crisis_self_harm"), ("he has a gun", "crisis_danger")],
)
@pytest.mark.parametrize("audience", ["employee", "candidate"])
def test_crisis_phrases_are_certain(understanding, text, intent, audience):
    decision = understanding.decide(text, audience)
    assert (decision.decision, decision.kind, decision.intent) == ("answer", "crisis", intent)
    assert decision.confidence == 1.0


@pytest.mark.parametrize("text", ["this shift is killing me", "active shooter training"])
def test_an_idiom_keeps_the_model_from_an_alarm(understanding, selector, text):
    assert selector.rank(text).best.label.kind == "crisis", "else this test shows nothing"
    assert understanding.decide(text).kind != "crisis"


def test_an_idiom_does_not_hide_a_crisis(understanding):
    decision = understanding.decide("this shift is killing me and i want to die")
    assert decision.intent == "crisis_self_harm"


def test_known_topics(understanding):
    assert "pay/payday" in understanding.known_topics
    assert "employment/contact_hr" in understanding.known_topics
    assert len(understanding.known_topics) == 6


def test_calibrated_thresholds_win_over_those_of_training(selector, tmp_path):
    file = tmp_path / "decision.yml"
    assert Understanding.of(selector, file).thresholds == selector.thresholds
    file.write_text("answer_threshold: 0.9\nclarify_threshold: 0.4\n")
    assert Understanding.of(selector, file).thresholds == Thresholds(0.9, 0.4)


@pytest.mark.parametrize("audience", ["employee", "candidate"])
def test_another_language_is_handed_over_before_the_model_guesses(understanding, audience):
    decision = understanding.decide("cuando nos pagan", audience)
    assert (decision.decision, decision.kind) == ("handover", "dialogue")
    assert (decision.intent, decision.reason) == ("other_language", "language")


def test_danger_in_another_language_comes_first(understanding):
    assert understanding.decide("quiero morirme").intent == "crisis_self_harm"
    assert understanding.decide("ayuda, un hombre tiene una pistola").intent == "crisis_danger"


def test_signs_are_read_without_the_model(understanding):
    decision = understanding.decide("👍")
    assert (decision.decision, decision.kind, decision.intent) == ("answer", "dialogue", "affirm")

import pytest

from bot.nlu.conversation_words import shipped_words
from bot.nlu.crisis import shipped_phrases
from bot.nlu.ranking import Thresholds
from bot.nlu.understanding import Understanding


@pytest.fixture(scope="module")
def understanding(selector):
    levels = Thresholds(answer=0.5, clarify=0.25)
    return Understanding(selector, shipped_phrases(), levels, shipped_words())


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


@pytest.mark.parametrize(
    ("before", "text", "topic"),
    [
        (("is dental part of the plan",), "and how much does it cost me?", "benefits/dental"),
        (("can i wear a nose ring",), "what about tattoos?", "policies/dress_code"),
        (
            ("what colour scrubs do we wear", "thanks"),
            "and is that for cnas",
            "policies/dress_code",
        ),
    ],
)
def test_a_follow_up_is_read_with_the_question_before(understanding, before, text, topic):
    assert understanding.decide(text, context=before).topic == topic


def test_what_is_clear_alone_needs_nothing_before(understanding):
    before = ("is dental part of the plan",)
    assert understanding.decide("payday", context=before).topic == "pay/payday"
    assert understanding.decide("hello", context=before).intent == "greet"
    assert understanding.decide("he has a gun", context=before).intent == "crisis_danger"


def test_two_questions_get_two_answers(understanding):
    decision = understanding.decide("When is payday? Can I wear a nose ring on the unit?")
    assert decision.decision == "answer"
    assert decision.topics == ("pay/payday", "policies/dress_code")
    assert decision.intent == "several_questions"


def test_two_questions_about_one_thing_get_one_answer(understanding):
    decision = understanding.decide("Is dental covered? Does the dental plan cover a crown?")
    assert decision.topics == ("benefits/dental",)
    assert decision.intent == "benefits"


def test_a_candidate_gets_no_internal_answer_to_the_second_question(understanding):
    asked = "How do I apply for a nursing job? When is payday?"
    assert "pay/payday" not in understanding.decide(asked, "candidate").topics


def test_what_is_not_asked_about_is_not_answered(understanding):
    decision = understanding.decide("I'm not asking about dental, when do we get paid")
    assert decision.topic == "pay/payday"
    named = [candidate.label.topic for candidate in decision.candidates]
    assert "benefits/dental" not in named


def test_what_names_nothing_is_invited(understanding):
    decision = understanding.decide("I'm not asking about dental")
    assert (decision.decision, decision.intent) == ("answer", "open_question")

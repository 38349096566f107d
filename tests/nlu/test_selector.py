import pytest

from bot.nlu.ranking import Thresholds
from bot.nlu.selector import TopicSelector, TrainingError

LEVELS = Thresholds(answer=0.5, clarify=0.25)

# Written apart from the phrasings in conftest.py.
UNSEEN = [
    ("will the insurance pay for a filling at the dentist", "benefits/dental"),
    ("what date do paychecks come out", "pay/payday"),
    ("is a nose piercing allowed at work", "policies/dress_code"),
    ("someone at work keeps touching me and i told him no", "relations/harassment"),
    ("steps to apply for a job", "careers/how_to_apply"),
    ("i'd like to speak with a human being", "employment/contact_hr"),
]


@pytest.mark.parametrize(("text", "topic"), UNSEEN)
def test_other_words_for_a_topic_are_understood(selector, text, topic):
    decision = selector.decide(text, thresholds=LEVELS)
    assert (decision.decision, decision.topic) == ("answer", topic)
    assert decision.topics == (topic,)


@pytest.mark.parametrize("typed", ["dentel covarage", "is dentl part of the medicel plan"])
def test_typing_mistakes_do_not_matter(selector, typed):
    assert selector.decide(typed, thresholds=LEVELS).topic == "benefits/dental"


@pytest.mark.parametrize("text", ["is it going to rain", "tell me something funny"])
def test_what_is_nobodys_topic_is_handed_over(selector, text):
    assert selector.decide(text, thresholds=LEVELS).decision == "handover"


@pytest.mark.parametrize("text", ["i hear shouting, he says he will kill us", "he has a knife"])
def test_danger_is_recognised_without_the_phrases_too(selector, text):
    decision = selector.decide(text, thresholds=LEVELS)
    assert (decision.kind, decision.intent) == ("crisis", "crisis_danger")


def test_kinds(selector):
    kinds = [selector.decide(text, thresholds=LEVELS).kind for text in ("payday?", "harassment")]
    assert kinds == ["faq", "sensitive"]
    assert selector.decide("hello", thresholds=LEVELS).kind == "dialogue"


def test_candidates_never_get_an_internal_topic(selector, examples):
    internal = {label.topic for label in selector.labels if label.audience == "employee"}
    anything_goes = Thresholds(answer=0.0, clarify=0.0)
    for text, _ in examples:
        for levels in (LEVELS, anything_goes):
            decision = selector.decide(text, "candidate", levels)
            named = {one.label.topic for one in decision.candidates}
            assert not internal & {decision.topic, *decision.topics, *named}, text


def test_a_candidate_is_told_that_something_is_internal(selector):
    decision = selector.decide("when is payday", "candidate", LEVELS)
    assert (decision.decision, decision.reason) == ("handover", "internal")


def test_a_candidate_gets_public_topics(selector):
    assert selector.decide("how can i apply", "candidate", LEVELS).topic == "careers/how_to_apply"


def test_one_word_naming_a_topic_gets_choices_below_the_threshold(selector):
    sceptical = Thresholds(answer=1.0, clarify=1.0)
    decision = selector.decide("nails", thresholds=sceptical)
    assert decision.decision == "clarify"
    assert decision.candidates[0].label.name == "policies/dress_code"
    assert selector.decide("xylophone", thresholds=sceptical).decision == "handover"


@pytest.mark.parametrize("text", ["", "   ", "?!", "🙂", "a" * 5000, "42", "\x00", "ünïcödé ßß"])
def test_odd_messages_are_decided_too(selector, text):
    decision = selector.decide(text)
    assert decision.decision in ("answer", "clarify", "handover")
    assert 0.0 <= decision.confidence <= 1.0


def test_confidences_fall_with_the_ranking(selector):
    candidates = selector.rank("what color scrubs").candidates
    confidences = [candidate.confidence for candidate in candidates]
    assert confidences == sorted(confidences, reverse=True)
    assert len(candidates) == len(selector.labels)


def test_saved_and_loaded_it_decides_the_same(selector, encoder, tmp_path):
    selector.save(tmp_path)
    loaded = TopicSelector.load(tmp_path, encoder)
    assert loaded.labels == selector.labels
    assert loaded.thresholds == selector.thresholds
    for text, _ in UNSEEN:
        for audience in ("employee", "candidate"):
            assert loaded.decide(text, audience) == selector.decide(text, audience)


def test_training_again_gives_the_same_selector(selector, examples, labels, encoder):
    again = TopicSelector.fit(examples, labels, encoder)
    assert (again.scorer.weights == selector.scorer.weights).all()
    assert again.thresholds == selector.thresholds


def test_thresholds_come_from_training(selector):
    assert 0.0 < selector.thresholds.clarify <= selector.thresholds.answer <= 1.0


def test_a_label_without_phrasings_is_left_out(examples, labels, encoder):
    two = [(text, name) for text, name in examples if name in ("pay/payday", "greet")]
    trained = TopicSelector.fit(two, labels, encoder)
    assert {label.name for label in trained.labels} == {"pay/payday", "greet"}
    assert trained.decide("payday", thresholds=LEVELS).candidates[0].label.name == "pay/payday"


def test_one_phrasing_a_topic_is_enough_to_train(labels, encoder):
    few = [("payday", "pay/payday"), ("hello", "greet"), ("dental", "benefits/dental")]
    best = TopicSelector.fit(few, labels, encoder).rank("is it payday").best
    assert best.label.name == "pay/payday"


def test_unknown_labels_and_too_few_are_told(labels, encoder):
    with pytest.raises(TrainingError, match="pay/w2"):
        TopicSelector.fit([("w2", "pay/w2"), ("hi", "greet")], labels, encoder)
    with pytest.raises(TrainingError, match="at least two topics"):
        TopicSelector.fit([("hi", "greet"), ("hello", "greet")], labels, encoder)

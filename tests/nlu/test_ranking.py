import pytest

from bot.nlu.decision import Candidate, Label
from bot.nlu.ranking import Ranking, Thresholds, decide

LEVELS = Thresholds(answer=0.6, clarify=0.3)


def candidate(name, confidence, audience="employee"):
    return Candidate(Label.named(name, audience=audience), confidence, confidence * 10)


def ranking(*candidates, audience="employee", named=()):
    visible = tuple(one for one in candidates if one.label.is_open_to(audience))
    return Ranking(audience, candidates[0], visible, tuple(named))


def offered(decision):
    return [one.label.name for one in decision.candidates]


def test_sure_enough_is_answered():
    decision = decide(ranking(candidate("pay/payday", 0.6)), LEVELS)
    assert (decision.decision, decision.topic) == ("answer", "pay/payday")


def test_half_sure_offers_at_most_three_choices_and_no_small_talk():
    decision = decide(
        ranking(
            candidate("pay/payday", 0.5),
            candidate("greet", 0.2, "both"),
            candidate("pay/overtime", 0.15),
            candidate("pay/on_call", 0.1),
            candidate("pay/w2", 0.05),
        ),
        LEVELS,
    )
    assert decision.decision == "clarify"
    assert decision.topic is None
    assert offered(decision) == ["pay/payday", "pay/overtime", "pay/on_call"]


def test_unlikely_choices_are_left_out():
    decision = decide(ranking(candidate("pay/payday", 0.5), candidate("pay/w2", 0.001)), LEVELS)
    assert offered(decision) == ["pay/payday"]


def test_unsure_is_handed_over_with_the_guess_beside_it():
    decision = decide(ranking(candidate("pay/payday", 0.2)), LEVELS)
    assert (decision.decision, decision.topic, decision.reason) == ("handover", None, None)
    assert offered(decision) == ["pay/payday"]


def test_a_handover_is_sensitive_only_when_the_guess_is_a_hint():
    likely = decide(ranking(candidate("relations/harassment", 0.25)), LEVELS)
    unlikely = decide(ranking(candidate("relations/harassment", 0.05)), LEVELS)
    assert (likely.kind, unlikely.kind) == ("sensitive", "faq")


def test_small_talk_below_the_threshold_is_no_reason_to_clarify():
    decision = decide(
        ranking(candidate("greet", 0.5, "both"), candidate("pay/payday", 0.1)), LEVELS
    )
    assert decision.decision == "handover"


def test_out_of_scope_is_handed_over_however_sure():
    decision = decide(
        ranking(candidate("out_of_scope", 0.95, "both"), candidate("pay/payday", 0.1)), LEVELS
    )
    assert (decision.decision, decision.label) == ("handover", None)


@pytest.mark.parametrize("name", ["crisis_danger", "crisis_self_harm"])
def test_a_crisis_is_answered_on_a_hint_alone(name):
    decision = decide(ranking(candidate(name, 0.41, "both")), LEVELS)
    assert (decision.decision, decision.kind, decision.intent) == ("answer", "crisis", name)


def test_one_word_that_names_a_topic_gets_a_choice_though_it_says_little():
    dental = candidate("benefits/dental", 0.05)
    decision = decide(
        ranking(candidate("out_of_scope", 0.5, "both"), dental, named=[dental]), LEVELS
    )
    assert decision.decision == "clarify"
    assert offered(decision) == ["benefits/dental"]


class TestCandidates:
    def test_an_internal_best_is_never_answered_offered_or_named(self):
        internal = candidate("pay/payday", 0.9)
        public = candidate("careers/offer", 0.1, "candidate")
        decision = decide(ranking(internal, public, audience="candidate", named=[internal]), LEVELS)
        assert (decision.decision, decision.reason) == ("handover", "internal")
        assert decision.intent == "internal_only"
        assert decision.topic is None
        assert decision.topics == ()
        assert "pay/payday" not in offered(decision)

    def test_a_public_topic_that_is_good_by_itself_is_offered_instead(self):
        internal = candidate("pay/payday", 0.9)
        public = candidate("careers/salary_range", 0.7, "candidate")
        decision = decide(ranking(internal, public, audience="candidate"), LEVELS)
        assert decision.decision == "clarify"
        assert offered(decision) == ["careers/salary_range"]

    def test_an_unlikely_internal_guess_is_an_ordinary_handover(self):
        decision = decide(ranking(candidate("pay/payday", 0.1), audience="candidate"), LEVELS)
        assert (decision.decision, decision.reason, decision.candidates) == ("handover", None, ())

    def test_a_word_naming_an_internal_topic_is_internal(self):
        internal = candidate("benefits/dental", 0.1)
        decision = decide(ranking(internal, audience="candidate", named=[internal]), LEVELS)
        assert (decision.decision, decision.reason) == ("handover", "internal")


def test_two_readings_are_offered_and_neither_answered():
    joined = ranking(candidate("benefits/dental", 0.9), candidate("benefits/vision", 0.2))
    alone = ranking(candidate("pay/payday", 0.8), candidate("benefits/dental", 0.1))
    decision = decide(joined.or_else(alone), LEVELS)
    assert decision.decision == "clarify"
    assert offered(decision) == ["benefits/dental", "pay/payday", "benefits/vision"]


def test_a_second_reading_shows_a_candidate_nothing_internal():
    joined = ranking(candidate("careers/how_to_apply", 0.9, "both"), audience="candidate")
    alone = ranking(candidate("pay/payday", 0.8), audience="candidate")
    decision = decide(joined.or_else(alone), LEVELS)
    assert offered(decision) == ["careers/how_to_apply"]


def test_a_meaning_can_be_left_out():
    both = ranking(candidate("benefits/dental", 0.9), candidate("pay/payday", 0.7))
    rest = both.without("benefits/dental")
    assert rest.best.label.name == "pay/payday"
    assert decide(rest, LEVELS).topic == "pay/payday"
    assert both.without("benefits/vision") == both

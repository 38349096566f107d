import pytest

from bot.nlu.decision import Candidate, Decision, Label
from bot.nlu.evaluation.judging import Judgement, Outcome, evaluate, outcome_of
from bot.nlu.evaluation.questions import Question, Scope
from tests.nlu.evaluation.conftest import (
    DANGER,
    DENTAL,
    HANDOVER,
    PAYDAY,
    SELF_HARM,
    VISION,
    Lookup,
    answer,
    clarify,
    ranking,
)

BOTH = Decision("answer", "faq", 0.8, DENTAL, DENTAL.topic, (DENTAL.topic, VISION.topic))


@pytest.mark.parametrize(
    ("expected", "decision", "outcome"),
    [
        ("benefits/dental", answer(DENTAL), Outcome.RIGHT),
        ("benefits/dental", answer(VISION), Outcome.WRONG),
        ("benefits/vision", BOTH, Outcome.RIGHT),
        ("pay/payday", BOTH, Outcome.WRONG),
        ("benefits/dental", clarify(VISION, DENTAL), Outcome.CLARIFY_WITH),
        ("benefits/dental", clarify(VISION), Outcome.CLARIFY_WITHOUT),
        ("benefits/dental", HANDOVER, Outcome.HANDOVER),
        ("employment/contact_hr", answer(Label.named("talk_to_person")), Outcome.RIGHT),
        ("benefits/dental", answer(Label.named("greet")), Outcome.WRONG),
        ("greet", answer(Label.named("greet")), Outcome.RIGHT),
        (None, HANDOVER, Outcome.HANDOVER),
        (None, answer(DENTAL), Outcome.WRONG),
        (None, answer(Label.named("greet")), Outcome.WRONG),
        (None, clarify(DENTAL), Outcome.CLARIFY_WITHOUT),
        ("crisis_self_harm", answer(SELF_HARM), Outcome.RIGHT),
        ("crisis_self_harm", answer(DANGER), Outcome.WRONG),
        ("crisis_self_harm", HANDOVER, Outcome.HANDOVER),
    ],
)
def test_outcomes(expected, decision, outcome):
    assert outcome_of(decision, expected) is outcome


def test_a_topic_that_the_model_does_not_know_is_out_of_scope():
    judged = evaluate([Question("a", "pay/w2")], Lookup(), {"benefits/dental"})
    assert judged[0].scope is Scope.OUT
    assert judged[0].expected is None


def test_audience_and_context_reach_ranking_and_decision():
    lookup = Lookup()
    evaluate([Question("and braces?", "oos_far", "candidate", ("dental", "how much"))], lookup)
    assert lookup.asked == [("and braces?", "candidate", ("dental", "how much"))] * 2


def judged(question, ranked, decision=HANDOVER):
    expected = question.expected(None)
    return Judgement(question, expected, question.scope(None), ranked, decision)


def test_the_right_topic_may_rank_first_though_nothing_is_answered():
    one = judged(Question("a", "benefits/dental"), ranking((DENTAL, 0.3), (VISION, 0.2)))
    assert one.is_best_right
    assert one.confidence == 0.3


def test_labels_that_mean_the_same_take_one_place():
    contact, person = Label.named("employment/contact_hr"), Label.named("talk_to_person")
    ranked = ranking((person, 0.4), (contact, 0.3), (VISION, 0.2), (PAYDAY, 0.1), (DENTAL, 0.05))
    assert judged(Question("a", "pay/payday"), ranked).is_among_first(3)
    assert not judged(Question("a", "benefits/dental"), ranked).is_among_first(3)
    assert judged(Question("a", "employment/contact_hr"), ranked).is_among_first(1)


def test_of_two_crises_the_one_that_ranks_first_counts():
    ranked = ranking((SELF_HARM, 0.6), (DANGER, 0.3))
    assert judged(Question("a", "crisis_self_harm"), ranked).is_best_right
    assert not judged(Question("a", "crisis_danger"), ranked).is_best_right


def test_what_is_nobodys_topic_could_not_be_answered():
    others = Label.named("out_of_scope")
    assert not judged(Question("a", "oos_far"), ranking((others, 0.9), (DENTAL, 0.1))).could_answer


def test_only_help_is_an_alarm():
    question, ranked = Question("a", "oos_far"), ranking((DENTAL, 0.5))
    assert judged(question, ranked, answer(DANGER)).is_alarm
    offer = Decision("clarify", "crisis", 0.3, candidates=(Candidate(DANGER, 0.3, 3.0),))
    assert not judged(question, ranked, offer).is_alarm
    assert not judged(question, ranked, answer(DENTAL)).is_alarm

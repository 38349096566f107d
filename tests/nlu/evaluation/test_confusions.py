import pytest

from bot.nlu.evaluation.confusions import confusions, nearest_phrasing
from bot.nlu.evaluation.judging import evaluate
from bot.nlu.evaluation.questions import Question
from tests.nlu.evaluation.conftest import DANGER, DENTAL, PAYDAY, VISION, Lookup, answer, ranking

PHRASINGS = {
    "benefits/vision": ["how much are glasses", "is an eye exam free", "vision plan"],
    "benefits/dental": ["does the plan pay for braces"],
    "crisis_danger": ["somebody has a gun"],
}


def test_the_nearest_phrasing_is_found(encoder):
    phrasing, similarity = nearest_phrasing(
        "what do new eyeglasses cost", PHRASINGS["benefits/vision"], encoder
    )
    assert phrasing == "how much are glasses"
    assert 0.5 < similarity < 1.0


def test_without_phrasings_there_is_none(encoder):
    assert nearest_phrasing("payday", [], encoder) == ("", 0.0)


@pytest.fixture
def found(encoder):
    lookup = Lookup(
        decisions={
            "are braces covered": answer(VISION, 0.6),
            "is a free eye exam at the dentist's": answer(VISION, 0.8),
            "when is payday": answer(DENTAL, 0.9),
            "payday": answer(PAYDAY),
        },
    )
    questions = [
        Question("are braces covered", "benefits/dental"),
        Question("is a free eye exam at the dentist's", "benefits/dental"),
        Question("when is payday", "pay/payday", context=("hello",)),
        Question("payday", "pay/payday"),
        Question("something else", "oos_far"),
    ]
    return confusions(evaluate(questions, lookup), PHRASINGS, encoder)


def test_wrong_answers_are_counted_by_pair_worst_first(found):
    counted = [(one.asked, one.answered, len(one.questions)) for one in found]
    assert counted == [
        ("benefits/dental", "benefits/vision", 2),
        ("pay/payday", "benefits/dental", 1),
    ]


def test_the_surest_question_of_a_pair_comes_first_with_its_cause(found):
    surest = found[0].questions[0]
    assert surest.text == "is a free eye exam at the dentist's"
    assert surest.phrasing == "is an eye exam free"


def test_a_confusion_as_json(found):
    told = found[1].as_dict()
    assert (told["topic_id"], told["answered"], told["count"]) == (
        "pay/payday",
        "benefits/dental",
        1,
    )
    assert told["questions"][0]["context"] == ["hello"]
    assert told["questions"][0]["phrasing"] == "does the plan pay for braces"


def test_an_alarm_by_a_crisis_phrase_has_no_phrasing_as_its_cause(encoder):
    by_phrase, by_model = "my boss will kill me, i lost the form", "a gun is on the table"
    lookup = Lookup(
        decisions={by_phrase: answer(DANGER, 1.0), by_model: answer(DANGER, 0.7)},
        rankings={by_model: ranking((DANGER, 0.7))},
    )
    questions = [Question(by_phrase, "oos_far"), Question(by_model, "oos_far")]
    (confusion,) = confusions(evaluate(questions, lookup), PHRASINGS, encoder)
    causes = {one.text: one.phrasing for one in confusion.questions}
    assert causes == {by_phrase: "", by_model: "somebody has a gun"}

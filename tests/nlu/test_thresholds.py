from datetime import date

import pytest

from bot.errors import DataFileError
from bot.nlu.decision import Candidate, Label
from bot.nlu.ranking import Ranking, Thresholds
from bot.nlu.thresholds import choose_thresholds, read_thresholds, write_thresholds


def judged(topic, confidence, expected):
    best = Candidate(Label.named(topic), confidence, 0.0)
    return Ranking("employee", best, (best,)), expected


QUESTIONS = [
    judged("pay/payday", 0.9, "pay/payday"),
    judged("pay/payday", 0.8, "pay/payday"),
    judged("pay/payday", 0.7, None),
    judged("pay/payday", 0.6, "pay/payday"),
    judged("pay/payday", 0.5, "pay/w2"),
]


@pytest.mark.parametrize(
    ("budget", "out_of_scope_budget", "answer"),
    [
        (0.0, 0.0, 0.71),
        (0.0, 1.0, 0.51),
        (0.25, 1.0, 0.01),
        (1.0, 0.0, 0.71),
    ],
)
def test_both_budgets_set_the_answer_threshold(budget, out_of_scope_budget, answer):
    chosen = choose_thresholds(QUESTIONS, budget=budget, out_of_scope_budget=out_of_scope_budget)
    assert chosen.answer == pytest.approx(answer)


def test_choices_are_offered_as_long_as_they_are_useful():
    questions = [
        judged("pay/payday", 0.9, None),
        judged("pay/payday", 0.8, "pay/payday"),
        *(judged("pay/payday", 0.4, None) for _ in range(5)),
    ]
    chosen = choose_thresholds(questions, budget=0.0, out_of_scope_budget=0.0)
    assert chosen.clarify == pytest.approx(0.41)


def test_what_is_written_is_read_again(tmp_path):
    file = tmp_path / "decision.yml"
    chosen = Thresholds(answer=0.55, clarify=0.26, sensitive=0.3)
    write_thresholds(chosen, on=date(2026, 11, 23), figures={"questions": 197}, file=file)
    assert read_thresholds(file) == chosen
    text = file.read_text()
    assert "hrbot evaluate --calibrate" in text
    assert "2026-11-23" in text
    assert "questions: 197" in text
    assert list(tmp_path.iterdir()) == [file]


def test_no_file_means_no_calibrated_thresholds(tmp_path):
    assert read_thresholds(tmp_path / "decision.yml") is None


@pytest.mark.parametrize(
    "content",
    [
        "",
        "answer_threshold: 0.5\n",
        "answer_threshold: high\nclarify_threshold: 0.1\n",
        "answer_threshold: 0.2\nclarify_threshold: 0.5\n",
        "answer_threshold: 1.5\nclarify_threshold: 0.5\n",
        "answer_threshold: 0.5\nclarify_threshold: 0.1\nsensitive_threshold: 0.6\n",
        "[",
    ],
)
def test_a_wrong_file_is_named(tmp_path, content):
    file = tmp_path / "decision.yml"
    file.write_text(content)
    with pytest.raises(DataFileError, match=r"decision\.yml"):
        read_thresholds(file)


def test_sensitive_topics_are_answered_from_where_they_are_right_often_enough():
    questions = [
        judged("pay/payday", 0.6, "pay/w2"),
        *[judged("relations/harassment", 0.5, "relations/harassment")] * 49,
        judged("relations/harassment", 0.35, None),
        judged("relations/harassment", 0.3, "relations/discipline"),
    ]
    chosen = choose_thresholds(questions, budget=0.0, out_of_scope_budget=1.0)
    assert (chosen.answer, chosen.sensitive) == pytest.approx((0.61, 0.31))
    assert chosen.to_answer(Label.named("relations/harassment")) == chosen.sensitive
    assert chosen.to_answer(Label.named("pay/payday")) == chosen.answer


def test_few_sensitive_questions_choose_no_threshold_of_their_own():
    questions = [judged("relations/harassment", 0.4, "relations/harassment")] * 3
    assert choose_thresholds(questions, budget=0.0, out_of_scope_budget=0.0).sensitive is None


def test_the_sensitive_threshold_is_never_above_that_of_all():
    questions = [
        *[judged("relations/harassment", 0.4, "relations/harassment")] * 10,
        *[judged("relations/harassment", 0.5, "relations/discipline")] * 11,
    ]
    chosen = choose_thresholds(questions, budget=1.0, out_of_scope_budget=1.0)
    assert chosen.sensitive == chosen.answer

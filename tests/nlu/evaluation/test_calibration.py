from datetime import date

import pytest
from ruamel.yaml import YAML

from bot.nlu.decision import Label
from bot.nlu.evaluation.calibration import (
    calibrate,
    calibration_error,
    reliability,
    risk_coverage,
)
from bot.nlu.evaluation.judging import evaluate
from bot.nlu.evaluation.questions import Question
from bot.nlu.thresholds import read_thresholds
from tests.nlu.evaluation.conftest import DANGER, DENTAL, VISION, Lookup, ranking

KNOWN = {"benefits/dental", "benefits/vision"}


@pytest.fixture
def judgements():
    rankings = {
        "sure and right": ranking((DENTAL, 0.9)),
        "rather sure and wrong": ranking((VISION, 0.7)),
        "unsure and right": ranking((DENTAL, 0.3)),
        "unsure and wrong": ranking((VISION, 0.32)),
        "out of scope": ranking((DENTAL, 0.5)),
        "nobody's topic": ranking((Label.named("out_of_scope"), 0.9), (DENTAL, 0.1)),
        "a crisis": ranking((DANGER, 0.95)),
    }
    topics = {"out of scope": "oos_far", "nobody's topic": "oos_near", "a crisis": "crisis_danger"}
    questions = [Question(text, topics.get(text, "benefits/dental")) for text in rankings]
    return evaluate(questions, Lookup(rankings=rankings), KNOWN)


def test_bins_hold_how_sure_and_how_right_the_model_was(judgements):
    bins = reliability(judgements)
    assert [(round(b.confidence, 2), b.right.count, b.right.of) for b in bins] == [
        (0.31, 1, 2),
        (0.5, 0, 1),
        (0.7, 0, 1),
        (0.9, 1, 1),
    ]
    # (2 x |0.31 - 0.5| + 0.5 + 0.7 + 0.1) / 5
    assert calibration_error(bins) == pytest.approx(0.336)


def test_full_confidence_has_a_bin():
    lookup = Lookup(rankings={"a": ranking((DENTAL, 1.0))})
    (only,) = reliability(evaluate([Question("a", "benefits/dental")], lookup))
    assert only.confidence == 1.0


def test_without_questions_there_is_no_error():
    assert calibration_error(reliability([])) == 0.0


def test_each_threshold_has_its_cost(judgements):
    by_threshold = {point.threshold: point for point in risk_coverage(judgements)}
    assert len(by_threshold) == 51
    lowest, middle, high = (by_threshold[level] for level in (0.0, 0.5, 0.8))
    assert (lowest.coverage, lowest.wrong, lowest.risk, lowest.out_of_scope) == (1.0, 0.5, 0.5, 0.5)
    assert (middle.coverage, middle.wrong, middle.risk, middle.out_of_scope) == (
        0.5,
        0.25,
        0.5,
        0.5,
    )
    assert (high.coverage, high.wrong, high.risk, high.out_of_scope) == (0.25, 0.0, 0.0, 0.0)


def test_no_threshold_keeps_the_model_from_an_alarm():
    lookup = Lookup(rankings={"a": ranking((DANGER, 0.5)), "b": ranking((DANGER, 0.2))})
    points = risk_coverage(evaluate([Question(text, "oos_far") for text in "ab"], lookup))
    assert (points[0].out_of_scope, points[25].out_of_scope, points[-1].out_of_scope) == (
        1.0,
        0.5,
        0.5,
    )


def calibrated(rankings, questions, tmp_path, budget):
    file, lookup = tmp_path / "decision.yml", Lookup(rankings=rankings)
    chosen = calibrate(
        questions, lookup.rank, KNOWN, on=date(2026, 11, 23), budget=budget, file=file
    )
    return chosen, YAML(typ="safe").load(file), lookup


def test_both_budgets_are_kept_and_written_down(tmp_path):
    rankings = {
        "right": ranking((DENTAL, 0.95)),
        "wrong": ranking((VISION, 0.5)),
        "outside": ranking((DENTAL, 0.9)),
    }
    questions = [
        Question("right", "benefits/dental"),
        Question("wrong", "benefits/dental"),
        *[Question("outside", "oos_far")] * 2,
    ]
    chosen, told, _ = calibrated(rankings, questions, tmp_path, budget=0.0)
    assert 0.9 < chosen.answer <= 0.95
    assert read_thresholds(tmp_path / "decision.yml") == chosen
    assert told["calibrated"] == "2026-11-23"
    figures = told["figures"]
    assert figures["budget_wrong_answers"] == 0.0
    assert figures["budget_out_of_scope_answered"] == 0.05
    assert (figures["questions_in_scope"], figures["questions_out_of_scope"]) == (2, 2)
    assert (figures["right"], figures["wrong"]) == (0.5, 0.0)
    assert figures["out_of_scope_answered"] == 0.0


def test_a_budget_of_half_the_questions_in_scope_lets_half_be_wrong(tmp_path):
    rankings = {"right": ranking((DENTAL, 0.8)), "wrong": ranking((VISION, 0.5))}
    questions = [Question(text, "benefits/dental") for text in rankings]
    chosen, told, _ = calibrated(rankings, questions, tmp_path, budget=0.5)
    assert chosen.answer <= 0.5
    assert told["figures"]["wrong"] == 0.5


def test_neither_follow_ups_nor_crises_choose_the_thresholds(tmp_path):
    questions = [
        Question("how much", "benefits/dental", context=("dental",)),
        Question("he has a gun", "crisis_danger"),
        Question("dental", "benefits/dental"),
    ]
    _, told, lookup = calibrated({}, questions, tmp_path, budget=0.02)
    assert lookup.asked == [("dental", "employee", ())]
    assert told["figures"]["questions_in_scope"] == 1

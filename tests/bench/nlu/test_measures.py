from __future__ import annotations

import pytest

from tests.bench.nlu.datasets import Dataset
from tests.bench.nlu.measures import figures, in_scope_scores, right_share

DATASET = Dataset(
    "made up",
    train=(("a", "x"), ("b", "y")),
    test=(("q1", "x"), ("q2", "x"), ("q3", "y"), ("q4", "y")),
    validation=(("v", "x"),) * 20,
    out_of_scope=("o1", "o2"),
    meanings={"also x": "x"},
    rejected=frozenset({"others"}),
)
ASKED = {
    "predictions": {
        "test": [("x", 0.9), ("also x", 0.8), ("x", 0.7), ("y", 0.1)],
        "typos": [("x", 0.9), ("y", 0.8), ("x", 0.7), ("y", 0.6)],
        "validation": [("x", 0.2 + n / 100) for n in range(20)],
        "out_of_scope": [("others", 0.99), ("x", 0.85)],
    },
    "milliseconds": [4.0, 1.0, 2.0, 3.0],
    "processor_milliseconds": [2.0, 0.5, 1.0, 1.5],
    "first_answer_seconds": 3.5,
    "first_answer_processor_seconds": 2.5,
    "memory_megabytes": 110.0,
    "load_average": 0.4,
}


def test_labels_that_mean_the_same_are_right() -> None:
    assert right_share(DATASET, DATASET.test, ASKED["predictions"]["test"]) == 0.75


def test_a_label_that_is_no_answer_is_less_in_scope_than_any_other() -> None:
    told = in_scope_scores(DATASET, [("others", 0.9), ("x", 0.0), ("", 0.0), ("others", 0.2)])
    assert told.tolist() == [-0.9, 0.0, 0.0, -0.2]


def test_all_figures_of_a_run() -> None:
    told = figures(DATASET, ASKED)
    assert (told["accuracy"], told["accuracy_with_typos"], told["typo_loss"]) == (0.75, 0.5, 0.25)
    assert (told["p50_ms"], told["p95_ms"]) == (2.5, 4.0)
    # "others" is below all four, 0.85 below one of them: (4 + 1) of 8 pairs in the right order.
    assert told["auroc"] == pytest.approx(0.625)
    # The threshold is about 0.21: one of two out of scope and one of four in scope are below.
    assert told["out_of_scope_recall"] == 0.5
    assert told["false_rejection"] == 0.25
    assert (told["memory_megabytes"], told["first_answer_seconds"]) == (110.0, 3.5)
    assert (told["p50_processor_ms"], told["first_answer_processor_seconds"]) == (1.25, 2.5)


def test_without_questions_out_of_scope_nothing_is_said_of_them() -> None:
    inside = Dataset("made up", train=DATASET.train, test=DATASET.test)
    assert "auroc" not in figures(inside, ASKED)

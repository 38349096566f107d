"""Figures of one run, computed from what a system understood, in the same way for each."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from tests.bench.nlu.datasets import Dataset, Example

FALSE_REJECTION = 0.05

Prediction = Sequence[Any]
"""A label and the confidence in it."""


def figures(dataset: Dataset, asked: dict[str, Any]) -> dict[str, float]:
    """Return what docs/benchmarks.md shows of one run; shares from 0 to 1.

    Args:
        dataset: What was asked.
        asked: What `tests.bench.nlu.child` wrote.
    """
    predictions, times = asked["predictions"], sorted(asked["milliseconds"])
    accuracy = right_share(dataset, dataset.test, predictions["test"])
    with_typos = right_share(dataset, dataset.test, predictions["typos"])
    told = {
        "accuracy": accuracy,
        "accuracy_with_typos": with_typos,
        "typo_loss": accuracy - with_typos,
        "p50_ms": statistics.median(times),
        "p95_ms": times[min(int(len(times) * 0.95), len(times) - 1)],
        "p50_processor_ms": statistics.median(asked["processor_milliseconds"]),
        "first_answer_seconds": asked["first_answer_seconds"],
        "first_answer_processor_seconds": asked["first_answer_processor_seconds"],
        "memory_megabytes": asked["memory_megabytes"],
        "load_average": asked["load_average"],
    }
    if dataset.out_of_scope and dataset.validation:
        told.update(_out_of_scope(dataset, predictions))
    return told


def right_share(
    dataset: Dataset, examples: Sequence[Example], predictions: Sequence[Prediction]
) -> float:
    """Return the share of questions whose best label means what was asked."""
    right = [
        dataset.meanings.get(predicted, predicted) == label
        for (_, label), (predicted, _) in zip(examples, predictions, strict=True)
    ]
    return sum(right) / len(right)


def in_scope_scores(dataset: Dataset, predictions: Sequence[Prediction]) -> np.ndarray:
    """Return how sure a system is that a question is in scope.

    That is its confidence, or below all confidences if the best label is no answer.
    """
    return np.array(
        [
            -confidence if label in dataset.rejected or not label else confidence
            for label, confidence in predictions
        ]
    )


def _out_of_scope(
    dataset: Dataset, predictions: dict[str, Sequence[Prediction]]
) -> dict[str, float]:
    inside, outside, validation = (
        in_scope_scores(dataset, predictions[group])
        for group in ("test", "out_of_scope", "validation")
    )
    # The threshold is chosen without any question that it is measured on.
    threshold = np.quantile(validation, FALSE_REJECTION)
    truth = np.r_[np.ones(len(inside)), np.zeros(len(outside))]
    return {
        "auroc": float(roc_auc_score(truth, np.r_[inside, outside])),
        "out_of_scope_recall": float(np.mean(outside < threshold)),
        "false_rejection": float(np.mean(inside < threshold)),
    }

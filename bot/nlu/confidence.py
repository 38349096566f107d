"""Turns scores into the confidence that a label is right, learnt without any test questions.

The curve is fitted on training phrasings that the scorer hasn't seen: phrasings left out in turn
(their topic is known), and all phrasings of topics left out in turn (nothing can be right).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from bot.nlu.decision import OUT_OF_SCOPE, Label
from bot.nlu.scorer import LabelScorer

FOLDS = 4


@dataclass(frozen=True)
class ConfidenceCurve:
    """Logistic curve over a label's score and its lead over the best label of another meaning.

    The lead alone says little about out-of-scope questions; beside the score it separates
    neighbouring topics (99 instead of 95 right answers at 8 wrong ones of 197 validation
    questions).
    """

    per_score: float
    per_lead: float
    offset: float

    def confidence(self, scores: np.ndarray, leads: np.ndarray) -> np.ndarray:
        """Return the confidence, between 0 and 1, for each score and lead."""
        exponent = self.per_score * scores + self.per_lead * leads + self.offset
        return 1.0 / (1.0 + np.exp(-exponent))

    @classmethod
    def fit(cls, scores: np.ndarray, leads: np.ndarray, right: np.ndarray) -> ConfidenceCurve:
        """Fit to the best label of each unseen phrasing; `right` says whether it was right."""
        if right.all() or not right.any():  # nothing to tell apart, as in tiny data
            return cls(1.0, 0.0, -float(np.median(scores)))
        model = LogisticRegression().fit(np.column_stack([scores, leads]), right)
        (per_score, per_lead), offset = model.coef_[0], model.intercept_[0]
        return cls(float(per_score), float(per_lead), float(offset))


@dataclass(frozen=True)
class UnseenScores:
    """Scores of one phrasing by a scorer that hasn't seen it.

    `expected` is the label's number, or None where its whole topic was left out. Labels that were
    left out score minus infinity.
    """

    scores: np.ndarray
    expected: int | None
    text_number: int


def leads_of(scores: np.ndarray, meanings: Sequence[str]) -> np.ndarray:
    """Return how far each label's score is above the best one of another meaning."""
    best: dict[str, float] = {}
    for score, meaning in zip(scores, meanings, strict=True):
        best[meaning] = max(score, best.get(meaning, -np.inf))
    ordered = sorted(best.values(), reverse=True)
    top, second = ordered[0], ordered[1] if len(ordered) > 1 else ordered[0]
    rivals = np.array([second if best[meaning] == top else top for meaning in meanings])
    return np.asarray(scores) - rivals


def unseen_scores(
    features: np.ndarray,
    vectors: np.ndarray,
    numbers: np.ndarray,
    labels: Sequence[Label],
    seed: int,
) -> Iterator[UnseenScores]:
    """Score each phrasing without itself, and each topic's phrasings without their topic.

    The folding of the features isn't learnt anew for each turn: it doesn't see labels.
    """
    size = len(labels)
    folds = min(FOLDS, int(np.bincount(numbers, minlength=size).min()))
    if folds >= 2:
        splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
        for seen, unseen in splitter.split(features, numbers):
            for i, row in _scored(features, vectors, numbers, seen, unseen, size):
                yield UnseenScores(row, int(numbers[i]), i)
    topics = np.array([n for n, label in enumerate(labels) if label.topic == label.name], dtype=int)
    np.random.default_rng(seed).shuffle(topics)
    for group in np.array_split(topics, FOLDS):
        left_out = np.isin(numbers, group)
        seen, unseen = np.flatnonzero(~left_out), np.flatnonzero(left_out)
        if len(unseen) and len(np.unique(numbers[seen])) > 1:
            for i, row in _scored(features, vectors, numbers, seen, unseen, size):
                yield UnseenScores(row, None, i)


def is_right(label_number: int, expected: int | None, labels: Sequence[Label]) -> bool:
    """Tell whether a label serves; for a topic left out, only out of scope does."""
    label = labels[label_number]
    if expected is None:
        return label.kind == OUT_OF_SCOPE
    return label.meaning == labels[expected].meaning


def _scored(
    features: np.ndarray,
    vectors: np.ndarray,
    numbers: np.ndarray,
    seen: np.ndarray,
    unseen: np.ndarray,
    size: int,
) -> Iterator[tuple[int, np.ndarray]]:
    present, renumbered = np.unique(numbers[seen], return_inverse=True)
    scorer = LabelScorer.fit(features[seen], vectors[seen], renumbered)
    scores = np.full((len(unseen), size), -np.inf)
    scores[:, present] = scorer.scores(features[unseen], vectors[unseen])
    yield from zip(unseen.tolist(), scores, strict=True)

"""Scores every label for a text: logistic regression, likeness to phrasings and to answers.

It knows vectors and label numbers only; names, audiences and decisions are the selector's.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

INVERSE_REGULARISATION = 10.0
ITERATIONS = 30
"""Stopping early costs nothing: 90.4 % of 332 validation questions right, as after 300."""
LIKENESS_WEIGHT = 10.0
ANSWER_WEIGHT = 5.0
"""By cross-validation over 8,492 phrasings: 71.1 % right without answers, 72.2 with them."""
NEAREST_PHRASINGS, NEAREST_SENTENCES = 3, 2


@dataclass(frozen=True)
class Scores:
    """What speaks for each label (columns), for each text (rows).

    Attributes:
        logits: What logistic regression says.
        likeness: Mean cosine similarity to the label's nearest phrasings.
        total: The score that labels are ranked by.
    """

    logits: np.ndarray
    likeness: np.ndarray
    total: np.ndarray

    def only(self, columns: np.ndarray) -> Scores:
        """Return the scores of some labels."""
        return Scores(self.logits[:, columns], self.likeness[:, columns], self.total[:, columns])


@dataclass(frozen=True)
class GroupedVectors:
    """Sentence vectors of all labels in one array, sorted by label.

    They lie column by column: comparing a message with all of them so takes a fourth of the time.

    Attributes:
        vectors: One row a sentence.
        starts: Where each label's rows begin, and the end of the last.
    """

    vectors: np.ndarray
    starts: np.ndarray

    def __post_init__(self) -> None:
        """Lay the vectors out; those that were loaded lie so already."""
        object.__setattr__(self, "vectors", np.asfortranarray(self.vectors))

    @classmethod
    def of(cls, vectors: np.ndarray, numbers: np.ndarray, size: int) -> GroupedVectors:
        """Sort vectors by their label numbers (0 to size-1)."""
        order = np.argsort(numbers, kind="stable")
        return cls(vectors[order], np.searchsorted(numbers[order], np.arange(size + 1)))

    def only(self, labels: np.ndarray) -> GroupedVectors:
        """Return the vectors of some labels, which are numbered anew in that order."""
        parts = [np.arange(self.starts[n], self.starts[n + 1]) for n in labels]
        rows = np.concatenate(parts).astype(int)
        starts = np.cumsum([0, *(len(part) for part in parts)])
        return GroupedVectors(self.vectors[rows], starts)

    def likeness(self, vectors: np.ndarray, nearest: int) -> np.ndarray:
        """Return the mean similarity to each label's nearest rows; NaN where it has none."""
        counts = np.diff(self.starts)
        filled = counts > 0
        found = np.full((len(vectors), len(counts)), np.nan, np.float32)
        similarity = vectors @ self.vectors.T
        best = []
        for _ in range(nearest):
            best.append(np.maximum.reduceat(similarity, self.starts[:-1][filled], axis=1))
            # Out of the way for the next round.
            similarity[similarity == np.repeat(best[-1], counts[filled], axis=1)] = -np.inf
        together = np.stack(best)
        exists = np.isfinite(together)
        found[:, filled] = np.where(exists, together, 0.0).sum(axis=0) / exists.sum(axis=0)
        return found


@dataclass(frozen=True)
class LabelScorer:
    """Logit + 10 x likeness to the label's phrasings + 5 x likeness to its answer's sentences.

    Attributes:
        weights: One row per label, over the whole features.
        offsets: One value per label.
        phrasings: Sentence vectors of the training phrasings.
        answers: Sentence vectors of the answers; labels without one count as the average.
    """

    weights: np.ndarray
    offsets: np.ndarray
    phrasings: GroupedVectors
    answers: GroupedVectors

    def __post_init__(self) -> None:
        """Lay the weights out column by column too."""
        object.__setattr__(self, "weights", np.asfortranarray(self.weights))

    @classmethod
    def fit(
        cls,
        features: np.ndarray,
        vectors: np.ndarray,
        numbers: np.ndarray,
        answers: GroupedVectors,
    ) -> LabelScorer:
        """Learn from features, sentence vectors and label numbers (0 to n-1, each present)."""
        model = LogisticRegression(C=INVERSE_REGULARISATION, max_iter=ITERATIONS)
        # It reckons in float64, and would convert float32 anew in each of its rounds.
        features = features.astype(np.float64)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(features, numbers)
        weights, offsets = model.coef_, model.intercept_
        if len(weights) == 1:  # scikit-learn keeps one row for two labels
            weights, offsets = np.vstack([-weights, weights]), np.append(-offsets, offsets)
        phrasings = GroupedVectors.of(vectors, numbers, len(weights))
        return cls(weights.astype(np.float32), offsets.astype(np.float32), phrasings, answers)

    def scores(self, features: np.ndarray, vectors: np.ndarray) -> Scores:
        """Return one row per text and one column per label."""
        logits = features @ self.weights.T + self.offsets
        likeness = self.phrasings.likeness(vectors, NEAREST_PHRASINGS)
        answering = _answering(self.answers, vectors)
        total = logits + LIKENESS_WEIGHT * likeness + ANSWER_WEIGHT * answering
        return Scores(logits, likeness, total)


def _answering(answers: GroupedVectors, vectors: np.ndarray) -> np.ndarray | float:
    if not len(answers.vectors):
        return 0.0
    likeness = answers.likeness(vectors, NEAREST_SENTENCES)
    average = np.nanmean(likeness, axis=1, keepdims=True)
    return np.where(np.isnan(likeness), average, likeness)

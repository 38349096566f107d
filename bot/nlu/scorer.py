"""Scores every label for a vector: what logistic regression says, plus likeness to phrasings.

It knows vectors and label numbers only; names, audiences and decisions are the selector's.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from sklearn.linear_model import LogisticRegression

INVERSE_REGULARISATION = 10.0
LIKENESS_WEIGHT = 5.0
NEAREST = 3
ITERATIONS = 300


@dataclass(frozen=True)
class LabelScorer:
    """Logit of a label + 5 x mean cosine similarity to the label's own three nearest phrasings.

    Attributes:
        weights: One row per label, over the whole features.
        offsets: One value per label.
        phrasings: Sentence vectors of the training phrasings, sorted by label.
        starts: Where each label's phrasings begin, and the end of the last.
    """

    weights: np.ndarray
    offsets: np.ndarray
    phrasings: np.ndarray
    starts: np.ndarray

    @classmethod
    def fit(cls, features: np.ndarray, vectors: np.ndarray, numbers: np.ndarray) -> LabelScorer:
        """Learn from features, sentence vectors and label numbers (0 to n-1, each present)."""
        model = LogisticRegression(C=INVERSE_REGULARISATION, max_iter=ITERATIONS)
        model.fit(features, numbers)
        weights, offsets = model.coef_, model.intercept_
        if len(weights) == 1:  # scikit-learn keeps one row for two labels
            weights, offsets = np.vstack([-weights, weights]), np.append(-offsets, offsets)
        order = np.argsort(numbers, kind="stable")
        starts = np.searchsorted(numbers[order], np.arange(len(weights) + 1))
        return cls(weights.astype(np.float32), offsets.astype(np.float32), vectors[order], starts)

    def scores(self, features: np.ndarray, vectors: np.ndarray) -> np.ndarray:
        """Return one row per text and one column per label."""
        return features @ self.weights.T + self.offsets + LIKENESS_WEIGHT * self._likeness(vectors)

    def _likeness(self, vectors: np.ndarray) -> np.ndarray:
        similarity = np.pad(vectors @ self.phrasings.T, ((0, 0), (0, 1)), constant_values=-np.inf)
        own = similarity[:, self._phrasings_by_label]
        kept = min(NEAREST, own.shape[2])
        nearest = np.partition(own, -kept, axis=2)[:, :, -kept:]
        exists = np.isfinite(nearest)
        return np.where(exists, nearest, 0.0).sum(axis=2) / exists.sum(axis=2)

    @cached_property
    def _phrasings_by_label(self) -> np.ndarray:
        """One row per label; rows of fewer phrasings end in the number after the last one."""
        counts = np.diff(self.starts)
        places = np.arange(counts.max())
        rows = self.starts[:-1, None] + places
        return np.where(places < counts[:, None], rows, len(self.phrasings))

"""Turns scores into the confidence that a label is right, learnt without any test questions.

The curve is fitted on training phrasings that the scorer hasn't seen: phrasings left out in turn
(their topic is known), and all phrasings of topics left out in turn (nothing can be right).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import minimize
from sklearn.model_selection import StratifiedKFold

from bot.nlu.decision import OUT_OF_SCOPE, Label
from bot.nlu.scorer import GroupedVectors, LabelScorer, Scores

FOLDS = 2
SCORED_AT_MOST = 1500
"""So many unseen phrasings a fold are enough for five weights, and cost a second."""
LEFT_OUT_WEIGHT = 1.0
"""Each phrasing counts once with its topic and once without: 0.5 and 2 hardly differ."""
PENALTY = 1.0
"""Keeps weights small where little data could make them large."""


@dataclass(frozen=True)
class Rivals:
    """Which labels compete: what each means, and which one collects what is nobody's topic.

    Attributes:
        meanings: A number for each label; labels that mean the same have the same.
        out_of_scope: The column of the label for what is nobody's topic, if there is one.
    """

    meanings: np.ndarray
    out_of_scope: int | None

    @classmethod
    def among(cls, labels: Sequence[Label]) -> Rivals:
        """Describe labels, in the order of the scores' columns."""
        unclaimed = [n for n, label in enumerate(labels) if label.kind == OUT_OF_SCOPE]
        _, meanings = np.unique([label.meaning for label in labels], return_inverse=True)
        return cls(meanings, unclaimed[0] if unclaimed else None)

    @cached_property
    def _by_meaning(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the columns sorted by meaning, and where each meaning begins among them."""
        order = np.argsort(self.meanings, kind="stable")
        return order, np.searchsorted(self.meanings[order], np.arange(self.meanings.max() + 1))

    def leads(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return how far values are above the best, and the second best, of other meanings."""
        order, starts = self._by_meaning
        best = np.maximum.reduceat(values[:, order].astype(float), starts, axis=1)
        count = min(3, best.shape[1])
        top = -np.sort(-best, axis=1)[:, :count]
        first, second, third = (top[:, [min(n, count - 1)]] for n in range(3))
        own = best[:, self.meanings]
        rival = np.where(own >= first, second, first)
        next_rival = np.where(own >= second, third, second)
        return values - rival, values - next_rival


def signals(scores: Scores, rivals: Rivals) -> np.ndarray:
    """Return what tells whether each label is right for each text (texts, labels, 5).

    The score; its leads over the best two labels of other meanings; the lead in likeness to the
    phrasings; the lead over the label for what is nobody's topic. The more, the surer.

    Likeness itself, likeness to the nearest phrasing, the label's share and the evenness of all
    shares were tried and got no weight.
    """
    lead, lead_over_next = rivals.leads(scores.total)
    likeness_lead, _ = rivals.leads(scores.likeness)
    unclaimed = 0.0
    if rivals.out_of_scope is not None:
        unclaimed = scores.logits[:, [rivals.out_of_scope]]
    lead_over_unclaimed = scores.logits - unclaimed
    together = [scores.total, lead, lead_over_next, likeness_lead, lead_over_unclaimed]
    return np.stack(together, axis=2)


@dataclass(frozen=True)
class ConfidenceCurve:
    """Logistic curve over a label's signals; no signal may speak against a label.

    Free weights learn from the phrasings at hand that some signals do, and are then sure of what
    is like nothing at all: on CLINC150 they recognise 59 % of what is out of scope, these 81 (at
    5 % false rejection), on our own validation questions 71 and 86.
    """

    weights: tuple[float, ...]
    offset: float

    def confidence(self, signals: np.ndarray) -> np.ndarray:
        """Return the confidence, between 0 and 1, for each row of signals."""
        exponent = signals @ np.array(self.weights) + self.offset
        return 1.0 / (1.0 + np.exp(-np.clip(exponent, -30.0, 30.0)))

    @classmethod
    def fit(
        cls, signals: np.ndarray, right: np.ndarray, sample_weight: np.ndarray
    ) -> ConfidenceCurve:
        """Fit to the best label of each unseen phrasing; `right` says whether it was right."""
        if right.all() or not right.any():  # nothing to tell apart, as in tiny data
            only_score = (1.0, *(0.0 for _ in range(signals.shape[1] - 1)))
            return cls(only_score, -float(np.median(signals[:, 0])))
        centre, scale = signals.mean(axis=0), signals.std(axis=0) + 1e-9
        weights, offset = _fitted((signals - centre) / scale, right, sample_weight)
        weights /= scale
        return cls(tuple(weights.tolist()), float(offset - weights @ centre))


@dataclass(frozen=True)
class UnseenScores:
    """Scores of phrasings by a scorer that hasn't seen them.

    Attributes:
        scores: One row a phrasing; a column for each label in `present`.
        present: The numbers of the labels that weren't left out.
        expected: Each phrasing's label number, or -1 where its whole topic was left out.
    """

    scores: Scores
    present: np.ndarray
    expected: np.ndarray

    def rivals(self, labels: Sequence[Label]) -> Rivals:
        """Return how the labels that are present compete."""
        return Rivals.among([labels[n] for n in self.present])


def unseen_scores(
    features: np.ndarray,
    vectors: np.ndarray,
    numbers: np.ndarray,
    labels: Sequence[Label],
    answers: GroupedVectors,
    seed: int,
) -> Iterator[UnseenScores]:
    """Score each phrasing without itself, and each topic's phrasings without their topic.

    The folding of the features isn't learnt anew for each turn: it doesn't see labels.
    """

    def scored(seen: np.ndarray, unseen: np.ndarray, *, in_scope: bool) -> UnseenScores:
        unseen = dice.permutation(unseen)[:SCORED_AT_MOST]
        expected = numbers[unseen] if in_scope else np.full(len(unseen), -1)
        present, renumbered = np.unique(numbers[seen], return_inverse=True)
        known = answers.only(present)
        scorer = LabelScorer.fit(features[seen], vectors[seen], renumbered, known)
        scores = scorer.scores(features[unseen], vectors[unseen])
        return UnseenScores(scores, present, expected)

    dice = np.random.default_rng(seed)
    counts = np.bincount(numbers, minlength=len(labels))
    # A topic with one phrasing, as HR may add it, is always seen.
    is_divided = counts[numbers] >= FOLDS
    divided, always_seen = np.flatnonzero(is_divided), np.flatnonzero(~is_divided)
    if len(divided):
        splitter = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
        for seen, unseen in splitter.split(divided, numbers[divided]):
            yield scored(np.append(divided[seen], always_seen), divided[unseen], in_scope=True)
    topics = np.array([n for n, label in enumerate(labels) if label.topic == label.name], dtype=int)
    dice.shuffle(topics)
    for group in np.array_split(topics, FOLDS):
        left_out = np.isin(numbers, group)
        seen, unseen = np.flatnonzero(~left_out), np.flatnonzero(left_out)
        if len(unseen) and len(np.unique(numbers[seen])) > 1:
            yield scored(seen, unseen, in_scope=False)


def fitted_curve(unseen: Sequence[UnseenScores], labels: Sequence[Label]) -> ConfidenceCurve:
    """Fit the curve to unseen phrasings; what is taken for nobody's topic isn't answered anyway."""
    rows, right, weight = [], [], []
    for batch in unseen:
        best = batch.scores.total.argmax(axis=1)
        of_best = signals(batch.scores, batch.rivals(labels))[np.arange(len(best)), best]
        for row, number, expected in zip(of_best, batch.present[best], batch.expected, strict=True):
            if labels[number].kind != OUT_OF_SCOPE:
                rows.append(row)
                right.append(expected >= 0 and labels[number].meaning == labels[expected].meaning)
                weight.append(1.0 if expected >= 0 else LEFT_OUT_WEIGHT)
    return ConfidenceCurve.fit(np.array(rows), np.array(right, dtype=bool), np.array(weight))


def _fitted(
    values: np.ndarray, right: np.ndarray, sample_weight: np.ndarray
) -> tuple[np.ndarray, float]:
    """Fit logistic regression with weights of at least 0; scikit-learn has no such bound."""

    def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        weights = parameters[:-1]
        exponent = values @ weights + parameters[-1]
        each = np.logaddexp(0.0, np.where(right, -exponent, exponent))
        slope = sample_weight * (1.0 / (1.0 + np.exp(-exponent)) - right)
        gradient = np.append(values.T @ slope + PENALTY * weights, slope.sum())
        return float(sample_weight @ each + PENALTY / 2 * weights @ weights), gradient

    size = values.shape[1]
    bounds = [(0.0, None)] * size + [(None, None)]
    found = minimize(loss, np.zeros(size + 1), jac=True, bounds=bounds, method="L-BFGS-B")
    return found.x[:-1], float(found.x[-1])

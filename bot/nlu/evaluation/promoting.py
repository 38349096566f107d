"""Measures what promoted questions would bring and cost: how their thresholds were chosen.

Each topic in turn is taken out of what the model has learnt, and a few of its phrasings are put
back as if HR had promoted them. Then its other phrasings are asked, which should be taken, and
those of all other topics, which shouldn't; each as if it weren't known itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.nlu.promoted import LEAST_SIMILARITY, fits
from bot.nlu.selector import TopicSelector

FITS = tuple(round(0.4 + 0.05 * step, 2) for step in range(11))


@dataclass(frozen=True)
class Taken:
    """What is taken from one fit on.

    Attributes:
        fit: From which fit on a promoted question is taken.
        right: Questions of the promoted topics that are taken, of `own`.
        wrong: Questions of other topics that are taken, of `others`.
    """

    fit: float
    right: int
    own: int
    wrong: int
    others: int

    @property
    def precision(self) -> float:
        """Return which share of what is taken is right, 0 to 1."""
        return self.right / max(self.right + self.wrong, 1)


def measure(
    selector: TopicSelector,
    promoted: int,
    fits_tried: Sequence[float] = FITS,
    *,
    least: float = LEAST_SIMILARITY,
    seed: int = 0,
) -> list[Taken]:
    """Return what is taken at each fit.

    Args:
        selector: A trained one, with its phrasings.
        promoted: How many phrasings of each topic are put back.
        fits_tried: Which fits to try.
        least: The least likeness.
        seed: For which phrasings those are.
    """
    vectors = selector.scorer.phrasings.vectors
    meanings = np.array([label.meaning for _, label in selector.learnt()])
    near = vectors @ vectors.T
    np.fill_diagonal(near, -1.0)
    dice = np.random.default_rng(seed)
    own_fits, other_fits = [], []
    for topic in [label.topic for label in selector.labels if label.topic == label.name]:
        own, others = np.flatnonzero(meanings == topic), np.flatnonzero(meanings != topic)
        if len(own) <= promoted:
            continue
        kept = dice.choice(own, promoted, replace=False)
        asked = np.setdiff1d(own, kept)
        own_fits.append(_fits(near, asked, kept, others, least))
        other_fits.append(_fits(near, others, kept, others, least))
    right, wrong = np.concatenate(own_fits), np.concatenate(other_fits)
    return [
        Taken(fit, int((right >= fit).sum()), len(right), int((wrong >= fit).sum()), len(wrong))
        for fit in fits_tried
    ]


def _fits(
    near: np.ndarray, asked: np.ndarray, promoted: np.ndarray, others: np.ndarray, least: float
) -> np.ndarray:
    to_promoted = near[np.ix_(asked, promoted)].max(axis=1)
    return fits(to_promoted, near[np.ix_(asked, others)].max(axis=1), least)

"""Groups questions that nobody answered by what they are about: their sentence vectors decide.

Agglomerative clustering with average linkage: a group is never wider than the threshold, and how
many groups there are follows from the questions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.cluster import AgglomerativeClustering

from bot.nlu.understanding import Understanding

WIDEST = 0.6
"""The mean cosine distance up to which two groups become one; see docs/listening.md."""


@dataclass(frozen=True)
class QuestionGroup:
    """The places of questions that belong together, the most typical one first."""

    members: tuple[int, ...]


def grouped(understanding: Understanding, questions: Sequence[str]) -> list[QuestionGroup]:
    """Return the groups of at least two questions, the largest first."""
    if len(questions) < 2:
        return []
    return grouped_vectors(np.stack([understanding.selector.vector(q) for q in questions]))


def grouped_vectors(vectors: np.ndarray) -> list[QuestionGroup]:
    """Group vectors of length 1, of shape (questions, dimensions); there are two or more."""
    clustering = AgglomerativeClustering(
        n_clusters=None, distance_threshold=WIDEST, affinity="cosine", linkage="average"
    )
    labels = clustering.fit_predict(vectors)
    groups = []
    for label in np.unique(labels):
        places = np.flatnonzero(labels == label)
        if len(places) > 1:
            likeness = vectors[places] @ vectors[places].sum(axis=0)
            groups.append(
                QuestionGroup(tuple(places[np.argsort(-likeness, kind="stable")].tolist()))
            )
    return sorted(groups, key=lambda group: (-len(group.members), group.members))

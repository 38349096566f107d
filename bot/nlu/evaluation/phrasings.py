"""Warns of phrasings nearer to another topic than to their own, and of topics too much alike.

Each phrasing is compared with all others by sentence vectors alone: seconds, no training.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from bot.nlu.decision import Label
from bot.nlu.selector import Encoder

NEAREST = 3
"""A topic is as near as its so many nearest phrasings are on average."""
LEAST_GAP = 0.05
"""Differences in cosine similarity below this say nothing."""
FOLDS = 5
LEAST_MUTUAL_SHARE = 0.1
"""Topics can't be told apart when each loses so much of its phrasings to the other."""
LEAST_MUTUAL_COUNT = 2
_ROWS_AT_ONCE = 512


@dataclass(frozen=True)
class Astray:
    """A phrasing of one topic that is nearer to another; `phrasing` is the nearest one there."""

    text: str
    topic: str
    nearer_to: str
    gap: float
    phrasing: str

    @property
    def severity(self) -> float:
        """Return how much nearer it is, in cosine similarity."""
        return self.gap

    def __str__(self) -> str:
        return (
            f"{self.topic}: “{self.text}” is nearer to {self.nearer_to} "
            f"(by {self.gap:.2f}; there: “{self.phrasing}”)."
        )


@dataclass(frozen=True)
class Alike:
    """Two topics that take phrasings from each other, with how many of how many."""

    first: str
    second: str
    lost: tuple[int, int]
    of: tuple[int, int]

    @property
    def severity(self) -> float:
        """Return the smaller of both topics' lost shares, 0 to 1."""
        return min(lost / of for lost, of in zip(self.lost, self.of, strict=True))

    def __str__(self) -> str:
        (lost, other), (of, other_of) = self.lost, self.of
        return (
            f"{self.first} and {self.second} can hardly be told apart: {lost} of {of} phrasings "
            f"are taken for the other's, and {other} of {other_of} the other way round."
        )


def check_phrasings(
    phrasings: Mapping[str, Sequence[str]], encoder: Encoder
) -> list[Alike | Astray]:
    """Return topics that are too much alike, then phrasings that go astray, worst first.

    Only topics are warned of; other intents, such as small talk, count as what they may be
    mistaken for.

    Args:
        phrasings: By label name.
        encoder: Makes the sentence vectors.
    """
    pairs = [(text, name) for name, texts in phrasings.items() for text in texts]
    if len(phrasings) < 2:
        return []
    vectors = encoder.encode_all([text for text, _ in pairs])[:, 0]
    names = np.array([name for _, name in pairs])
    alike = sorted(_alike(vectors, names), key=lambda one: -one.severity)
    astray = sorted(_astray(vectors, pairs), key=lambda one: -one.severity)
    return [*alike, *astray]


def _alike(vectors: np.ndarray, names: np.ndarray) -> Iterator[Alike]:
    sizes = Counter(names.tolist())
    if min(sizes.values()) < FOLDS:
        return
    splitter = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    found = cross_val_predict(RidgeClassifier(), vectors, names, cv=splitter)
    taken = Counter(zip(names.tolist(), found.tolist(), strict=True))
    for first, second in sorted(taken):
        lost = taken[first, second], taken[second, first]
        one = Alike(first, second, lost, (sizes[first], sizes[second]))
        enough = min(lost) >= LEAST_MUTUAL_COUNT and one.severity >= LEAST_MUTUAL_SHARE
        if first < second and _is_topic(first) and _is_topic(second) and enough:
            yield one


def _astray(vectors: np.ndarray, pairs: Sequence[tuple[str, str]]) -> Iterator[Astray]:
    groups: dict[str, list[int]] = {}
    for i, (_, name) in enumerate(pairs):
        groups.setdefault(name, []).append(i)
    names = list(groups)
    meanings = np.array([Label.named(name).meaning for name in names])
    own = np.array([names.index(name) for _, name in pairs])
    for start in range(0, len(pairs), _ROWS_AT_ONCE):
        rows = np.arange(start, min(start + _ROWS_AT_ONCE, len(pairs)))
        similarity = vectors[rows] @ vectors.T
        similarity[np.arange(len(rows)), rows] = -np.inf  # nobody is their own neighbour
        likeness = np.column_stack([_likeness(similarity[:, groups[name]]) for name in names])
        for row, i in enumerate(rows):
            text, name = pairs[i]
            same = meanings == meanings[own[i]]
            rival = int(np.argmax(np.where(same, -np.inf, likeness[row])))
            gap = float(likeness[row, rival] - likeness[row, same].max())
            if _is_topic(name) and np.isfinite(gap) and gap >= LEAST_GAP:
                nearest = groups[names[rival]][
                    int(np.argmax(similarity[row, groups[names[rival]]]))
                ]
                yield Astray(text, name, names[rival], gap, pairs[nearest][0])


def _likeness(similarity: np.ndarray) -> np.ndarray:
    """Return the mean of each row's highest values, as many as there are up to `NEAREST`."""
    kept = min(NEAREST, similarity.shape[1])
    highest = np.partition(similarity, -kept, axis=1)[:, -kept:]
    exists = np.isfinite(highest)
    counts = exists.sum(axis=1)
    sums = np.where(exists, highest, 0.0).sum(axis=1)
    return np.where(counts > 0, sums / np.maximum(counts, 1), -np.inf)


def _is_topic(name: str) -> bool:
    return "/" in name

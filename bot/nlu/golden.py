"""Checks a question before HR promotes it: it is found, and takes no other topic's questions.

The golden questions are the phrasings that the model has learnt and those promoted already.
Each counts as if it were asked by somebody without being known: only its neighbours are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bot.faq.promoted import PromotedQuestions
from bot.nlu.decision import ANSWER, Decision, Label
from bot.nlu.live import LiveUnderstanding
from bot.nlu.promoted import ANSWER_FIT, LEAST_SIMILARITY, fits
from bot.nlu.understanding import Understanding
from bot.privacy.audience import READERS, may_see

NAMED_AT_MOST = 3


@dataclass(frozen=True)
class Stolen:
    """A golden question that the draft would take from its own topic."""

    question: str
    label: Label
    similarity: float


@dataclass(frozen=True)
class Missed:
    """A question of the draft that would be answered otherwise, and what is decided instead."""

    question: str
    decision: Decision


@dataclass(frozen=True)
class GoldenReport:
    """What speaks against a draft; nothing does if both are empty."""

    missed: tuple[Missed, ...]
    stolen: tuple[Stolen, ...]


@dataclass(frozen=True)
class Near:
    """A topic that is asked about in a similar way: its nearest question and how near it is."""

    label: Label
    question: str
    similarity: float


def check(live: LiveUnderstanding, draft: PromotedQuestions) -> GoldenReport:
    """Ask the draft's own questions and everybody else's, as if it were live."""
    with_draft = live.with_more(draft)
    readers = [reader for reader in READERS if may_see(reader, draft.audience)]
    decisions = [
        (text, with_draft.decide(text, reader)) for text in draft.phrasings for reader in readers
    ]
    missed = [
        Missed(text, decision)
        for text, decision in decisions
        if decision.decision != ANSWER or decision.topic != draft.topic
    ]
    return GoldenReport(tuple(missed), tuple(_stolen(live.current, draft)[:NAMED_AT_MOST]))


def nearest_topics(understanding: Understanding, text: str, at_most: int) -> list[Near]:
    """Return the topics whose questions are nearest to a text, nearest first."""
    vector = understanding.selector.vector(text)
    known = _golden(understanding)
    similarities = known.vectors @ vector
    best: dict[str, Near] = {}
    for number in np.argsort(-similarities):
        question, label = known.questions[number]
        if label.topic == label.name:
            best.setdefault(label.name, Near(label, question, float(similarities[number])))
        if len(best) == at_most:
            break
    return list(best.values())


def answers(understanding: Understanding, topic: str, text: str, audience: str) -> bool:
    """Tell whether a question of this audience would be answered with a topic's answer now."""
    decision = understanding.decide(text, audience)
    return decision.decision == ANSWER and topic in (decision.topic, *decision.topics)


@dataclass(frozen=True)
class _Golden:
    questions: list[tuple[str, Label]]
    vectors: np.ndarray


def _golden(understanding: Understanding) -> _Golden:
    """Return all questions with their vectors; of what was taken back, none."""
    learnt, vectors = (
        understanding.selector.learnt(),
        understanding.selector.scorer.phrasings.vectors,
    )
    entries = [e for e in understanding.promoted.entries if not e.is_withdrawn]
    kept = [n for n, (_, label) in enumerate(learnt) if label.topic not in understanding.withdrawn]
    return _Golden(
        [learnt[n] for n in kept] + [(entry.text, entry.label) for entry in entries],
        np.concatenate([vectors[kept], *(entry.vector[None, :] for entry in entries)]),
    )


def _stolen(understanding: Understanding, draft: PromotedQuestions) -> list[Stolen]:
    known = _golden(understanding)
    own = np.array([label.topic == draft.topic for _, label in known.questions])
    others = np.flatnonzero(~own)
    drafted = np.stack([understanding.selector.vector(text) for text in draft.phrasings])
    nearness = (known.vectors[others] @ drafted.T).max(axis=1)
    # Few come near enough; only those are compared with all their neighbours.
    near = others[nearness >= LEAST_SIMILARITY]
    neighbours = known.vectors[near] @ known.vectors[others].T
    neighbours[near[:, None] == others[None, :]] = -1.0
    similarity = nearness[nearness >= LEAST_SIMILARITY]
    taken = fits(similarity, neighbours.max(axis=1, initial=-1.0)) >= ANSWER_FIT
    found = [
        Stolen(*known.questions[number], float(value))
        for number, value in zip(near[taken], similarity[taken], strict=True)
    ]
    return sorted(found, key=lambda one: -one.similarity)

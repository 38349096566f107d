"""Finds which topics are answered in place of others, and the phrasing that led there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.nlu.evaluation.judging import Judgement, Outcome
from bot.nlu.selector import Encoder


@dataclass(frozen=True)
class Confused:
    """A question that was answered wrongly.

    `phrasing` is the training phrasing of what was answered that is nearest to the question, with
    their cosine similarity; it is empty where a phrase alarmed and not the model.
    """

    text: str
    context: tuple[str, ...]
    confidence: float
    phrasing: str
    similarity: float


@dataclass(frozen=True)
class Confusion:
    """What was answered in place of what was asked, with all such questions, surest first."""

    asked: str
    answered: str
    questions: tuple[Confused, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        questions = [
            {
                "text": one.text,
                "context": list(one.context),
                "confidence": round(one.confidence, 4),
                "phrasing": one.phrasing,
                "similarity": round(one.similarity, 4),
            }
            for one in self.questions
        ]
        return {
            "topic_id": self.asked,
            "answered": self.answered,
            "count": len(questions),
            "questions": questions,
        }


def confusions(
    judgements: Iterable[Judgement], phrasings: Mapping[str, Sequence[str]], encoder: Encoder
) -> list[Confusion]:
    """Return the wrong answers by pair of topics, most frequent first, then surest first.

    Args:
        judgements: What became of the questions.
        phrasings: Training phrasings by label name.
        encoder: The one of the selector that was measured.
    """
    pairs: dict[tuple[str, str], list[Confused]] = {}
    for one in judgements:
        if one.outcome is Outcome.WRONG:
            phrasing, similarity = nearest_phrasing(
                one.question.text, phrasings.get(_label_by_model(one), ()), encoder
            )
            question = one.question
            pairs.setdefault((question.topic_id, one.answered), []).append(
                Confused(
                    question.text,
                    question.context,
                    one.decision.confidence,
                    phrasing,
                    similarity,
                )
            )
    found = [
        Confusion(asked, answered, tuple(sorted(questions, key=lambda one: -one.confidence)))
        for (asked, answered), questions in pairs.items()
    ]
    return sorted(found, key=lambda one: (-len(one.questions), -one.questions[0].confidence))


def nearest_phrasing(text: str, phrasings: Sequence[str], encoder: Encoder) -> tuple[str, float]:
    """Return the phrasing that is most like a text, with their cosine similarity.

    Without phrasings it is an empty text with a similarity of 0.
    """
    if not phrasings:
        return "", 0.0
    similarities = encoder.encode_all(phrasings)[:, 0] @ encoder.encode_layers(text)[0]
    best = int(np.argmax(similarities))
    return phrasings[best], float(similarities[best])


def _label_by_model(judgement: Judgement) -> str:
    label = judgement.decision.label
    if label is None or (judgement.is_alarm and label != judgement.ranking.best.label):
        return ""
    return label.name

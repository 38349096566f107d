"""Judges what was decided on questions whose topics are known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from bot.nlu.decision import ANSWER, CLARIFY, CRISIS, OUT_OF_SCOPE, Decision, Label
from bot.nlu.evaluation.questions import Question, Scope
from bot.nlu.ranking import Ranking


class Understands(Protocol):
    """What is measured: how the product ranks a message and what it decides."""

    def decide(self, text: str, audience: str, context: Sequence[str] = ()) -> Decision:
        """Return what to do with a message; `context` is what was said before, oldest first."""

    def rank(self, text: str, audience: str, context: Sequence[str] = ()) -> Ranking:
        """Return how well all labels fit a message."""


class Outcome(Enum):
    """What became of a question; the value is how reports call it.

    For a question out of scope every answer is wrong, and to hand over is right.
    """

    RIGHT = "right answer"
    WRONG = "wrong answer"
    CLARIFY_WITH = "clarify with the right one"
    CLARIFY_WITHOUT = "clarify without the right one"
    HANDOVER = "handover"


@dataclass(frozen=True)
class Judgement:
    """A question, what the product ranked and decided, and what that is worth.

    `expected` is the topic that should be answered, or None where handing over is right.
    """

    question: Question
    expected: str | None
    scope: Scope
    ranking: Ranking
    decision: Decision

    @property
    def outcome(self) -> Outcome:
        """Return what became of the question."""
        return outcome_of(self.decision, self.expected)

    @property
    def answered(self) -> str:
        """Return the topic or intent that was answered, or an empty text."""
        label = self.decision.label
        return self.decision.topic or (label.name if label else "")

    @property
    def is_alarm(self) -> bool:
        """Tell whether help for a crisis was given."""
        return self.decision.decision == ANSWER and self.decision.kind == CRISIS

    @property
    def confidence(self) -> float:
        """Return the confidence in the label that ranks first, 0 to 1."""
        return self.ranking.best.confidence

    @property
    def could_answer(self) -> bool:
        """Tell whether the label that ranks first is one with an answer."""
        return self.ranking.best.label.kind != OUT_OF_SCOPE

    @property
    def is_best_right(self) -> bool:
        """Tell whether the label that ranks first, sure or not, is the right one."""
        return self.is_among_first(1)

    def is_among_first(self, places: int) -> bool:
        """Tell whether the right topic is among the first so many meanings."""
        meanings: dict[str, Label] = {}
        for candidate in (self.ranking.best, *self.ranking.candidates):
            meanings.setdefault(candidate.label.meaning, candidate.label)
        first = list(meanings.values())[:places]
        return any(_means(label, self.expected) for label in first)


def evaluate(
    questions: Iterable[Question],
    understanding: Understands,
    known_topics: Set[str] | None = None,
) -> list[Judgement]:
    """Rank and decide every question, in its context, and judge.

    Args:
        questions: What people ask.
        understanding: What is measured.
        known_topics: What the model knows; questions about other topics should be handed over.
            None: every topic is known.
    """
    return [
        Judgement(
            question,
            question.expected(known_topics),
            question.scope(known_topics),
            understanding.rank(question.text, question.audience, question.context),
            understanding.decide(question.text, question.audience, question.context),
        )
        for question in questions
    ]


def outcome_of(decision: Decision, expected: str | None) -> Outcome:
    """Return what a decision is worth where this topic was expected, or a handover (None)."""
    if decision.decision == ANSWER:
        name = decision.label.name if decision.label else ""
        right = expected in (decision.topic or name, *decision.topics)
        return Outcome.RIGHT if expected and right else Outcome.WRONG
    if decision.decision == CLARIFY:
        holds = any(_means(candidate.label, expected) for candidate in decision.candidates)
        return Outcome.CLARIFY_WITH if holds else Outcome.CLARIFY_WITHOUT
    return Outcome.HANDOVER


def _means(label: Label, expected: str | None) -> bool:
    return expected is not None and expected in (label.topic, label.name)

"""Compares a newly trained model with the one before, question by question.

The golden questions are phrasings that the model before has learnt and that still mean the same.
A few that come out differently are chance; more that got worse than better are not.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from rich.table import Table

from bot.nlu.decision import Decision
from bot.nlu.evaluation.judging import Outcome, outcome_of
from bot.nlu.evaluation.questions import Question

GOLDEN_A_TOPIC = 5
"""So many phrasings of a topic are asked: about six hundred in all, in a few seconds."""
SURE = 2.0
"""Standard deviations: chance makes a model look this much worse once in forty times."""
LEAST_WORSE = 3
LEAST_OF_TOPIC = 4


class Decides(Protocol):
    """What is compared."""

    def decide(self, text: str, audience: str = "employee") -> Decision:
        """Return what to do with a message."""


@dataclass(frozen=True)
class Compared:
    """How one golden question came out before, and how it comes out now."""

    question: Question
    before: Outcome
    now: Outcome


@dataclass(frozen=True)
class Comparison:
    """All golden questions."""

    compared: tuple[Compared, ...]

    @property
    def worse(self) -> list[Compared]:
        """The questions that were answered rightly, or not answered wrongly, and no longer are."""
        return [one for one in self.compared if _worth(one.now) < _worth(one.before)]

    @property
    def better(self) -> list[Compared]:
        """The questions that come out better."""
        return [one for one in self.compared if _worth(one.now) > _worth(one.before)]

    @property
    def lost_topics(self) -> list[str]:
        """The topics of which fewer than half of what was found is found now."""
        found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for one in self.compared:
            found[one.question.topic_id][0] += one.before is Outcome.RIGHT
            found[one.question.topic_id][1] += one.now is Outcome.RIGHT
        return sorted(
            topic
            for topic, (before, now) in found.items()
            if before >= LEAST_OF_TOPIC and 2 * now < before
        )

    @property
    def is_worse(self) -> bool:
        """Tell whether the new model should not replace the one before."""
        worse, better = len(self.worse), len(self.better)
        more = worse - better
        return bool(self.lost_topics) or (
            more >= LEAST_WORSE and more > SURE * math.sqrt(worse + better)
        )

    def table(self) -> Table:
        """Return the figures by category, for people to read."""
        table = Table(
            "Category", "Questions", "Right before", "Right now", "Wrong before", "Wrong now"
        )
        groups: dict[str, list[Compared]] = defaultdict(list)
        for one in self.compared:
            groups[one.question.category].append(one)
        for name, group in [*sorted(groups.items()), ("all", list(self.compared))]:
            counts = [
                sum(outcome is wanted for outcome in outcomes)
                for wanted in (Outcome.RIGHT, Outcome.WRONG)
                for outcomes in ([one.before for one in group], [one.now for one in group])
            ]
            table.add_row(name, *map(str, (len(group), *counts)))
        return table


def compare(questions: Sequence[Question], before: Decides, now: Decides) -> Comparison:
    """Ask both models every question."""
    return Comparison(
        tuple(
            Compared(
                question,
                outcome_of(before.decide(question.text, question.audience), question.topic_id),
                outcome_of(now.decide(question.text, question.audience), question.topic_id),
            )
            for question in questions
        )
    )


def golden_questions(
    learnt: Iterable[tuple[str, str]], meant_now: dict[str, str], at_most: int = GOLDEN_A_TOPIC
) -> list[Question]:
    """Choose golden questions, always the same ones while they stand there.

    Args:
        learnt: Phrasings of the model before with their topics.
        meant_now: Which topic each phrasing has now.
        at_most: How many of a topic.
    """
    by_topic: dict[str, list[str]] = defaultdict(list)
    for text, topic in learnt:
        if meant_now.get(text) == topic and "/" in topic:
            by_topic[topic].append(text)
    return [
        Question(text, topic)
        for topic, texts in sorted(by_topic.items())
        for text in sorted(set(texts), key=_drawn)[:at_most]
    ]


def _drawn(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _worth(outcome: Outcome) -> int:
    if outcome is Outcome.RIGHT:
        return 2
    return 0 if outcome is Outcome.WRONG else 1

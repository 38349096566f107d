"""Decisions and rankings written down by hand, and an understanding that looks them up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.nlu.decision import Candidate, Decision, Label
from bot.nlu.ranking import Ranking

DENTAL, VISION = Label.named("benefits/dental"), Label.named("benefits/vision")
PAYDAY = Label.named("pay/payday")
DANGER, SELF_HARM = Label.named("crisis_danger"), Label.named("crisis_self_harm")
HANDOVER = Decision("handover", "faq", 0.1)


def answer(label: Label, confidence: float = 0.9) -> Decision:
    return Decision.answering(label, confidence, (Candidate(label, confidence, 9.0),))


def clarify(*labels: Label) -> Decision:
    return Decision("clarify", "faq", 0.4, candidates=tuple(Candidate(x, 0.4, 4.0) for x in labels))


def ranking(*ranked: tuple[Label, float]) -> Ranking:
    candidates = tuple(Candidate(label, sure, 10 * sure) for label, sure in ranked)
    return Ranking("employee", candidates[0], candidates)


@dataclass
class Lookup:
    """Knows its decisions and rankings by text, and remembers what it was asked."""

    decisions: Mapping[str, Decision] = field(default_factory=dict)
    rankings: Mapping[str, Ranking] = field(default_factory=dict)
    asked: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)

    def decide(self, text: str, audience: str, context: Sequence[str] = ()) -> Decision:
        self.asked.append((text, audience, tuple(context)))
        return self.decisions.get(text, HANDOVER)

    def rank(self, text: str, audience: str, context: Sequence[str] = ()) -> Ranking:
        self.asked.append((text, audience, tuple(context)))
        return self.rankings.get(text, ranking((DENTAL, 0.5)))

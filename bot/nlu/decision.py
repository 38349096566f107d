"""The vocabulary of understanding: labels, candidates, decisions, and what a label's name tells.

No model and no Rasa here: channel, command line and evaluation import this module.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

ANSWER, CLARIFY, HANDOVER = "answer", "clarify", "handover"
FAQ, PROGRAM, DIALOGUE, SENSITIVE, CRISIS = "faq", "program", "dialogue", "sensitive", "crisis"
OUT_OF_SCOPE = "oos"
"""Kind of the labels that collect what is nobody's topic: they are never answered."""
EMPLOYEE, CANDIDATE, BOTH = "employee", "candidate", "both"

INTERNAL = "internal"
"""`Decision.reason` when only an answer for employees would have fitted a candidate's question."""
LANGUAGE = "language"
"""`Decision.reason` when the message is in a language that the assistant doesn't speak."""
PROMOTED = "promoted"
"""`Decision.reason` when HR's answer to the same question of somebody else is given."""

SENSITIVE_CATEGORIES = frozenset({"relations"})
CRISIS_INTENTS = {"self_harm": "crisis_self_harm", "danger": "crisis_danger"}
PROGRAM_INTENTS = frozenset(
    {
        "find_program",
        "program_details",
        "program_deadline",
        "list_deadlines",
        "am_i_eligible",
        "eligible_programs",
    }
)
OUT_OF_SCOPE_INTENTS = frozenset({"out_of_scope"})
INTENT_TOPICS = {
    "talk_to_person": "employment/contact_hr",
    "open_question": "employment/contact_hr",
}
MOST_OFFERS = 3
CLARIFY_INTENT, HANDOVER_INTENT, INTERNAL_INTENT = "clarify", "handover", "internal_only"
LANGUAGE_INTENT = "other_language"
SEVERAL_INTENT = "several_questions"
_INTENT_OF_REASON = {INTERNAL: INTERNAL_INTENT, LANGUAGE: LANGUAGE_INTENT}


def kind_of(label_name: str) -> str:
    """Return the kind that a label's name implies: a topic has a slash, other intents don't."""
    category, slash, _ = label_name.partition("/")
    if slash:
        return SENSITIVE if category in SENSITIVE_CATEGORIES else FAQ
    if label_name in CRISIS_INTENTS.values():
        return CRISIS
    if label_name in OUT_OF_SCOPE_INTENTS:
        return OUT_OF_SCOPE
    return PROGRAM if label_name in PROGRAM_INTENTS else DIALOGUE


def topic_of(label_name: str) -> str | None:
    """Return the topic id behind a label, or None for an intent that has none."""
    return label_name if "/" in label_name else INTENT_TOPICS.get(label_name)


@dataclass(frozen=True)
class Label:
    """Something a message can mean: a topic (`benefits/dental`) or another intent (`greet`).

    `audience` is `employee` (internal), `candidate` or `both` (public: everybody may see it).
    """

    name: str
    kind: str
    audience: str = BOTH
    topic: str | None = None
    title: str = ""

    @classmethod
    def named(cls, name: str, *, audience: str = BOTH, title: str = "") -> Label:
        """Build a label whose kind and topic follow from its name."""
        return cls(name, kind_of(name), audience, topic_of(name), title)

    def is_open_to(self, audience: str) -> bool:
        """Tell whether people of this audience may be given this label's answer."""
        return audience == EMPLOYEE or self.audience != EMPLOYEE

    @property
    def fits_on_a_button(self) -> bool:
        """Tell whether offering this label as a choice makes sense to a person."""
        return self.topic == self.name or self.kind == PROGRAM

    @property
    def meaning(self) -> str:
        """What labels that mean the same have in common: their topic, or any crisis."""
        return CRISIS if self.kind == CRISIS else self.topic or self.name


@dataclass(frozen=True)
class Candidate:
    """A label with how well it fits a message: confidence from 0 to 1, and the raw score."""

    label: Label
    confidence: float
    score: float


@dataclass(frozen=True)
class Decision:
    """What to do with a message: `answer` it, `clarify` with up to three choices, or `handover`.

    `label`, `topic` and `topics` are set only on `answer`; the guesses of the other two decisions
    are in `candidates`, best first. `reason` is None, `internal`, `language` or `promoted`.
    """

    decision: str
    kind: str
    confidence: float
    label: Label | None = None
    topic: str | None = None
    topics: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = field(default_factory=tuple)
    reason: str | None = None

    @classmethod
    def answering(
        cls, label: Label, confidence: float, candidates: tuple[Candidate, ...] = ()
    ) -> Decision:
        """Build the decision to answer with one label."""
        topics = (label.topic,) if label.topic else ()
        return cls(ANSWER, label.kind, confidence, label, label.topic, topics, candidates)

    @classmethod
    def answering_all(cls, decisions: Sequence[Decision]) -> Decision | None:
        """Join decisions to answer, each with another topic; None unless there are two."""
        by_topic = {one.topic: one for one in decisions}
        if len(by_topic) < 2:
            return None
        asked = list(by_topic.values())
        kind = SENSITIVE if any(one.kind == SENSITIVE for one in asked) else FAQ
        least = min(one.confidence for one in asked)
        topics = tuple(topic for topic in by_topic if topic)
        return cls(ANSWER, kind, least, asked[0].label, topics[0], topics)

    @property
    def intent(self) -> str:
        """The Rasa intent that a rule serves: the category of a topic, or the intent's name."""
        if len(self.topics) > 1:
            return SEVERAL_INTENT
        if self.label is not None:
            return self.label.name.partition("/")[0]
        if self.decision == CLARIFY:
            return CLARIFY_INTENT
        return _INTENT_OF_REASON.get(self.reason or "", HANDOVER_INTENT)

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values, the shape that travels in Rasa's parse data."""
        return {
            "decision": self.decision,
            "kind": self.kind,
            "label": self.label.name if self.label else None,
            "topic": self.topic,
            "topics": list(self.topics),
            "confidence": round(self.confidence, 4),
            "candidates": [
                {
                    "label": candidate.label.name,
                    "kind": candidate.label.kind,
                    "topic": candidate.label.topic,
                    "title": candidate.label.title,
                    "confidence": round(candidate.confidence, 4),
                }
                for candidate in self.candidates
            ],
            "reason": self.reason,
        }

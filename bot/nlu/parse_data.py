"""The one shape of a parsed message for Rasa: from a decision, or for a button that was chosen.

Plain dictionaries as Rasa's policies and retrieval actions read them; Rasa isn't imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from bot.nlu.decision import BOTH, Candidate, Decision, Label

RANKED = 10
"""So many stand in a ranking, as in Rasa's own: each message is kept with its parse data."""


def parse_data_for(
    label_name: str, *, text: str = "", title: str = "", audience: str = BOTH
) -> dict[str, Any]:
    """Return parse data as if a message had been understood as this label beyond doubt.

    Args:
        label_name: A topic id (`benefits/dental`) or the name of another intent (`greet`).
        text: What the person is shown to have said, usually the button's label.
        title: The topic's title, if known.
        audience: The label's audience, if known.
    """
    label = Label.named(label_name, audience=audience, title=title)
    return {"text": text, **parse_data_from(Decision.answering(label, 1.0))}


def parse_data_from(
    decision: Decision,
    *,
    ranking: Sequence[Candidate] = (),
    responses: Sequence[dict[str, Any]] = (),
    retrieval_intents: Iterable[str] = (),
) -> dict[str, Any]:
    """Return `intent`, `intent_ranking`, `entities`, `response_selector` and `decision`.

    Args:
        decision: What was decided.
        ranking: Labels with their confidence, best first; those of one category are joined.
        responses: The variants of the chosen topic's answer, as the training data holds them.
        retrieval_intents: The categories that the model knows.
    """
    intent = {"name": decision.intent, "confidence": decision.confidence}
    return {
        "intent": intent,
        "intent_ranking": [intent, *_ranked_intents(ranking, leave_out=decision.intent)],
        "entities": [],
        "response_selector": _response_selector(decision, ranking, responses, retrieval_intents),
        "decision": decision.as_dict(),
    }


def _ranked_intents(ranking: Sequence[Candidate], *, leave_out: str) -> list[dict[str, Any]]:
    best: dict[str, float] = {}
    for candidate in ranking:
        best.setdefault(candidate.label.name.partition("/")[0], candidate.confidence)
    ranked = [
        {"name": name, "confidence": value} for name, value in best.items() if name != leave_out
    ]
    return ranked[: RANKED - 1]


def _response_selector(
    decision: Decision,
    ranking: Sequence[Candidate],
    responses: Sequence[dict[str, Any]],
    retrieval_intents: Iterable[str],
) -> dict[str, Any]:
    label = decision.label
    if label is None or "/" not in label.name:
        return {"all_retrieval_intents": sorted(set(retrieval_intents))}
    topics = (candidate for candidate in ranking if "/" in candidate.label.name)
    prediction = {
        "response": {
            "responses": list(responses),
            "confidence": decision.confidence,
            "intent_response_key": label.name,
            "utter_action": f"utter_{label.name}",
        },
        "ranking": [
            {"intent_response_key": topic.label.name, "confidence": topic.confidence}
            for topic in islice(topics, RANKED)
        ]
        or [{"intent_response_key": label.name, "confidence": decision.confidence}],
    }
    return {
        "all_retrieval_intents": sorted({*retrieval_intents, decision.intent}),
        decision.intent: prediction,
        "default": prediction,
    }

"""What the assistant tells the gateway about questions that HR wants to promote.

The gateway has no model: whatever needs one, such as likeness, is asked here.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Extra, conint, conlist, constr

from bot.faq.promoted import LONGEST_PHRASING, MOST_PHRASINGS, PromotedQuestions
from bot.nlu import golden
from bot.nlu.decision import ANSWER
from bot.nlu.live import LiveUnderstanding

TOPIC = r"^[a-z_]+/[a-z0-9_]{1,60}$"
MOST_ALIKE = 200


class _Request(BaseModel):
    class Config:
        extra = Extra.forbid


class NearRequest(_Request):
    """The body of POST /webhooks/gateway/near: a question whose likes are sought."""

    text: constr(min_length=1, max_length=4000)  # type: ignore[valid-type]
    at_most: conint(ge=1, le=10) = 3  # type: ignore[valid-type]


class CheckRequest(_Request):
    """The body of POST /webhooks/gateway/check: questions that are to be promoted."""

    topic: constr(regex=TOPIC)  # type: ignore[valid-type]
    title: constr(max_length=60)  # type: ignore[valid-type]
    audience: constr(regex="^(employee|candidate|both)$")  # type: ignore[valid-type]
    phrasings: conlist(  # type: ignore[valid-type]
        constr(min_length=1, max_length=LONGEST_PHRASING), min_items=1, max_items=MOST_PHRASINGS
    )


class OpenQuestion(_Request):
    """A question that is still open, by the number of its case."""

    case: int
    text: constr(max_length=4000)  # type: ignore[valid-type]
    audience: constr(regex="^(employee|candidate)$")  # type: ignore[valid-type]


class AlikeRequest(_Request):
    """The body of POST /webhooks/gateway/alike: which open questions does a topic answer now?"""

    topic: constr(regex=TOPIC)  # type: ignore[valid-type]
    questions: conlist(OpenQuestion, max_items=MOST_ALIKE)  # type: ignore[valid-type]


def near(live: LiveUnderstanding, body: NearRequest) -> dict[str, Any]:
    """Return the topics whose questions are nearest to a text."""
    live.refresh(at_once=True)
    found = golden.nearest_topics(live.current, body.text, body.at_most)
    return {
        "near": [
            {
                "topic": one.label.name,
                "title": one.label.title,
                "question": one.question,
                "similarity": round(one.similarity, 3),
            }
            for one in found
        ]
    }


def check(live: LiveUnderstanding, body: CheckRequest) -> dict[str, Any]:
    """Return what speaks against promoting questions: which aren't found, which would be taken."""
    live.refresh(at_once=True)
    draft = PromotedQuestions(0, body.topic, body.title, body.audience, tuple(body.phrasings))
    report = golden.check(live, draft)
    return {
        "missed": [
            {
                "question": one.question,
                "kind": one.decision.kind,
                "title": _title(one) if one.decision.decision == ANSWER else None,
            }
            for one in report.missed
        ],
        "stolen": [
            {
                "question": one.question,
                "topic": one.label.name,
                "title": one.label.title or one.label.name,
                "similarity": round(one.similarity, 3),
            }
            for one in report.stolen
        ],
    }


def alike(live: LiveUnderstanding, body: AlikeRequest) -> dict[str, Any]:
    """Return the cases whose open questions would be answered with this topic now."""
    live.refresh(at_once=True)
    return {
        "cases": [
            one.case
            for one in body.questions
            if golden.answers(live.current, body.topic, one.text, one.audience)
        ]
    }


def _title(missed: golden.Missed) -> str:
    label = missed.decision.label
    return (label.title or label.name) if label else ""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bot.db.models import Case


def guess(topic: str, confidence: float, kind: str = "faq") -> dict[str, Any]:
    return {"label": topic, "kind": kind, "topic": topic, "title": "", "confidence": confidence}


DRESS = guess("policies/dress_code", 0.4)


@pytest.mark.parametrize(
    ("decision", "queue"),
    [
        ({"candidates": [DRESS]}, "default"),
        ({"candidates": [DRESS, guess("relations/harassment", 0.3, "sensitive")]}, "relations"),
        ({"candidates": [DRESS, guess("relations/harassment", 0.1, "sensitive")]}, "default"),
        ({"candidates": [DRESS, guess("benefits/eap_mental_health", 0.3)]}, "relations"),
        ({"candidates": [DRESS, {**guess("crisis", 0.3, "crisis"), "topic": None}]}, "relations"),
        ({"candidates": [DRESS], "kind": "sensitive"}, "relations"),
        ({"candidates": [guess("benefits/dental", 0.4)]}, "benefits"),
    ],
)
def test_what_may_well_be_sensitive_goes_to_the_few(server, talk, decision, queue):
    talk.say("he makes remarks about what I wear", "handover", **decision)
    talk.call("action_handover")
    talk.say("yes", "affirm")
    talk.call("action_affirm")

    with server.database.read() as session:
        case = session.scalar(select(Case).where(Case.conversation_id == talk.conversation))
    assert (case.queue, case.sensitive) == (queue, queue == "relations")

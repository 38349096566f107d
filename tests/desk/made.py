"""Cases in every state, made up without a database."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import product
from typing import Any

from bot.db.models import Case, CaseEntry, CaseEvent
from bot.desk.work import REASONS
from bot.gateway.wording import load_wording
from bot.settings import ROOT

ASKED = datetime(2026, 11, 23, 3, 0, tzinfo=timezone.utc)
SAY = load_wording(ROOT / "data").say
LONG = "Is a crown paid? " * 230
STATES: dict[str, dict[str, Any]] = {
    "open": {"status": "open"},
    "moved": {"status": "open", "moves": 2},
    "claimed": {"status": "claimed", "assignee_id": "p:sam"},
    "waiting": {"status": "claimed", "assignee_id": "p:sam", "waiting_since": ASKED},
    "snoozed": {"status": "open", "snoozed_until": ASKED + timedelta(days=3)},
    "answered": {"status": "answered", "assignee_id": "p:sam", "answer": "Half of it."},
    "helpful": {"status": "resolved", "answer": "Half.", "feedback": "helpful"},
    "rated": {"status": "resolved", "answer": "Half.", "feedback": "helpful", "csat": 4},
    "withdrawn": {"status": "resolved", "feedback": "withdrawn"},
    **{f"closed_{r}": {"status": "resolved", "reason": r} for r in REASONS},
    "closed": {"status": "resolved", "assignee_id": "p:sam"},
}
EVENTS = (
    *(["opened", "claimed", "answered", "asked_back", "noted", "added", "edited", "took_out"]),
    *(["withdrawn", "helpful", "reopened", "woke"]),
)
DETAILS: dict[str, dict[str, Any]] = {
    "assigned": {"to": "p:dana"},
    "moved": {"of": "benefits", "to": "default"},
    "resolved": {"reason": "duplicate", "answered": False},
    "snoozed": {"until": "2026-11-26T08:00:00+00:00"},
    "rated": {"score": 5},
}


def case(state: str = "open", **more: Any) -> Case:
    values = {"id": 1, "question": "Is a crown paid?", "answer": None, "moves": 0, **more}
    values = {"revision": 3, "anonymous": False, "queue": "benefits", **values}
    return Case(created_at=ASKED, **{**values, **STATES[state], **more})


def every_case(topics: list[str]) -> list[Case]:
    """Return a case in each state for each topic, named and anonymous, short and long."""
    kinds = product(topics, STATES, (False, True), ("Why?", LONG))
    return [
        case(state, topic=topic, anonymous=anonymous, question=question)
        for topic, state, anonymous, question in kinds
    ]


def entry(kind: str, text: str = "It is for my son.") -> CaseEntry:
    return CaseEntry(id=7, case_id=1, kind=kind, text=text, person_id="p:sam", at=ASKED)


def every_event() -> list[CaseEvent]:
    found = [(action, {}) for action in EVENTS] + list(DETAILS.items())
    return [
        CaseEvent(action=action, detail=detail, at=ASKED, actor=actor, person_id=person)
        for action, detail in found
        for actor, person in (("hr", "p:sam"), ("hr", None), ("asker", None), ("system", None))
    ]


def mention(person_id: str | None) -> str | None:
    return f"<@{person_id}>" if person_id else None


def shown(blocks: list[dict[str, Any]]) -> str:
    return "\n".join(
        part.get("text", "") if isinstance(part.get("text"), str) else part["text"]["text"]
        for block in blocks
        for part in [block, *block.get("fields", []), *block.get("elements", [])]
        if "text" in part
    )


def actions(blocks: list[dict[str, Any]]) -> list[str]:
    return [e["action_id"] for b in blocks if b["type"] == "actions" for e in b["elements"]]

"""What the assistant tells the gateway about questions that belong together."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Extra, conlist, constr

from bot.nlu import themes
from bot.nlu.live import LiveUnderstanding

MOST_QUESTIONS = 2000


class GroupRequest(BaseModel):
    """The body of POST /webhooks/gateway/group: redacted questions, in any order."""

    questions: conlist(  # type: ignore[valid-type]
        constr(max_length=4000),  # type: ignore[valid-type]
        max_items=MOST_QUESTIONS,
    )

    class Config:  # noqa: D106
        extra = Extra.forbid


def group(live: LiveUnderstanding, body: GroupRequest) -> dict[str, Any]:
    """Return the groups as places in the list of questions, the most typical one first."""
    found = themes.grouped(live.current, body.questions)
    return {"groups": [list(one.members) for one in found]}

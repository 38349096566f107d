"""How HR is asked whether answers and programs are still right, each with two buttons."""

from __future__ import annotations

import copy
from collections.abc import Sequence

from bot.desk.editing_views import EDIT
from bot.desk.freshness import Item
from bot.desk.mrkdwn import escape
from bot.desk.views import Block, Say, actions, button, context, sections
from bot.programs.terms import day_text

STILL_RIGHT = "review_right"


def review_view(items: Sequence[Item], more: int, say: Say) -> tuple[str, list[Block]]:
    """Return fallback text and blocks of the message about what is to be checked.

    Args:
        more: how many will follow on another day.
    """
    intro = say("review_intro")
    blocks = sections(f"*{intro}*")
    for number, item in enumerate(items):
        buttons = [
            button(
                say("button_still_right"),
                f"{STILL_RIGHT}:{number}",
                item.value(),
                about=item.title,
                style="primary",
            ),
            button(
                say("button_edit_content"),
                f"{EDIT}:{number}",
                item.subject.value(),
                about=item.title,
            ),
        ]
        blocks += [*sections(_line(item, say)), actions(f"review-{number}", buttons)]
    if more:
        blocks.append(context(escape(say("review_more", count=str(more)))))
    titles = "; ".join(item.title for item in items)
    return f"{intro} {titles}", blocks


def with_done(blocks: Sequence[Block], action_id: str, text: str) -> list[Block]:
    """Return a message's blocks with one of its questions answered by a line of text."""
    shown: list[Block] = []
    for block in copy.deepcopy(list(blocks)):
        elements = block.get("elements", ())
        if any(element.get("action_id") == action_id for element in elements):
            # What was asked stands right above.
            shown[-1:] = [context(text)]
        else:
            shown.append(block)
    return shown


def _line(item: Item, say: Say) -> str:
    return say(
        "review_due",
        title=escape(item.title),
        kind=say(f"kind_{item.subject.kind}"),
        date=day_text(item.reviewed) if item.reviewed else say("review_never"),
        due=day_text(item.due),
    )

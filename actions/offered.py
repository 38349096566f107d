"""What may be offered with a button, and choices that are named by their place or typed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from actions.base import Events, action_named
from actions.resources import resources
from actions.turn import Turn
from bot.programs.mentions import place_alone

# Ways out below the choices, which have no place among them.
_WAYS_OUT = {"handover", "talk_to_person"}


def may_be_offered(label: str, turn: Turn) -> bool:
    """Say whether this reader may see that there is something by this label.

    What was guessed of a question may have been guessed for an employee, before others read along.
    """
    return "/" not in label or resources().book.is_visible(label, turn.audience)


def title_for(guess: Mapping[str, Any], turn: Turn) -> str:
    """Return what the button of a guess says to this reader."""
    label, book = guess["label"], resources().book
    if book.is_visible(label, turn.audience):
        return book.title_of(label, turn.audience)
    return guess.get("title") or label


def choose_offered(dispatcher: CollectingDispatcher, turn: Turn) -> Events | None:
    """Answer as if the button in that place had been pressed; None if none is named."""
    if turn.message.is_choice or not turn.was_offered_choices:
        return None
    buttons = [one for said in turn.last_said for one in said.buttons]
    meanings = [(one["title"], json.loads(one["payload"])) for one in buttons]
    offered = [(title, m) for title, m in meanings if m.get("intent") not in {None, *_WAYS_OUT}]
    place = place_alone(turn.message.text, len(offered))
    typed = [(title, m) for title, m in meanings if _words(title) == _words(turn.message.text)]
    if place is None and not typed:
        return None
    title, meaning = typed[0] if typed else offered[place]
    label = meaning["intent"]
    if "/" in label:
        dispatcher.utter_message(response=f"utter_{label}")
        return []
    message = replace(turn.message, text=title, intent=label, is_choice=True)
    chosen = replace(turn, message=message, entities=meaning.get("entities") or {})
    return action_named(f"action_{label}").act(dispatcher, chosen)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())

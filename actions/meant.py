"""Which program a turn is about: the button's, the sentence's, the list's, or the last one."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from actions.base import Events, button
from actions.turn import Turn
from bot.db.models import Program
from bot.programs.mentions import points_back, points_to_several, position_named
from bot.programs.replies import Reply
from bot.programs.search import program_by_id, program_named, program_of_topic
from bot.programs.words import stems

# Replies that don't settle the question: a person may.
_UNSETTLED = {"utter_no_program", "utter_nearest_programs", "utter_not_eligible"}
# What asks back or shows a choice, so that nobody can say yet whether it helped.
_ASKS_BACK = {"utter_which_of_these", "utter_some_programs"}
_ASKS_A_FACT = "utter_fact_"
# How far back an answer about a program's topic still is what "it" means.
_REMEMBERED_TURNS = 3


def program_meant(session: Session, turn: Turn) -> Program | None:
    """Return the program of the button, of the sentence, of the list, or talked about last."""
    chosen = turn.entities.get("program")
    if chosen:
        return program_by_id(session, chosen, turn.audience)
    text = turn.subject.text
    named = program_named(session, text, turn.audience)
    if named is not None:
        return named
    shown = programs_shown(turn)
    position = position_named(text, len(shown))
    if position is not None:
        return program_by_id(session, shown[position], turn.audience)
    if points_to_several(text):
        return None
    if points_back(text) or not stems(text):
        return program_in_focus(session, turn)
    return None


def programs_shown(turn: Turn) -> list[str]:
    """Return the ids of the list that was shown last, as it stood there."""
    return turn.slots.get("programs_shown") or []


def programs_listed_last(turn: Turn) -> list[str]:
    """Return the ids of that list if nothing about one program came after it."""
    return [] if turn.slots.get("program") else programs_shown(turn)


def say(dispatcher: CollectingDispatcher, turn: Turn, reply: Reply) -> Events:
    """Say a reply about programs, and remember what it was about."""
    buttons = [{"title": b.title, "payload": b.payload} for b in reply.buttons]
    if reply.response in _UNSETTLED:
        buttons.append(button("Ask a person", "handover", turn=turn.subject.turn_id))
    dispatcher.utter_message(
        response=reply.response,
        programs=reply.text,
        buttons=buttons,
        json_message=beside_buttons(reply),
        metadata={
            "audience": reply.audience,
            "is_answer": _is_answer(reply),
            "programs": list(reply.programs),
        },
        **reply.values,
    )
    rest = [
        SlotSet("programs_rest", list(reply.rest)),
        SlotSet("rest_from", reply.rest_from and reply.rest_from.isoformat()),
    ]
    if not reply.programs:
        return rest
    only = reply.programs[0] if len(reply.programs) == 1 else None
    shown = [SlotSet("programs_shown", list(reply.programs))] if only is None else []
    return [SlotSet("program", only), *shown, *rest]


def beside_buttons(reply: Reply) -> dict[str, Any]:
    """Return what a reply asks for besides its buttons: a day to pick, as the channel reads it."""
    return {"date": asdict(reply.date)} if reply.date else {}


def _is_answer(reply: Reply) -> bool:
    asks = reply.response in _ASKS_BACK or reply.response.startswith(_ASKS_A_FACT)
    return not asks and reply.response not in _UNSETTLED


def program_in_focus(session: Session, turn: Turn) -> Program | None:
    """Return the program that was talked about last, itself or in an answer about its topic."""
    for message in turn.earlier[:_REMEMBERED_TURNS]:
        if message.kind == "program":
            break
        program = message.topic and program_of_topic(session, message.topic, turn.audience)
        if program:
            return program
    last = turn.slots.get("program")
    return program_by_id(session, last, turn.audience) if last else None

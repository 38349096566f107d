"""Finds programs and tells about them; what to say comes from bot.programs.replies."""

from __future__ import annotations

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from actions.base import Events, TurnAction, button
from actions.resources import resources
from actions.turn import Turn
from bot.db.models import Program
from bot.programs.mentions import points_back, position_named
from bot.programs.replies import (
    NOTHING_FOUND,
    Reply,
    deadline_reply,
    deadlines_reply,
    details_reply,
    reply_to_search,
)
from bot.programs.search import find_programs, program_by_id, program_named, program_of_topic
from bot.programs.words import stems

# Replies that don't settle the question: a person may.
_UNSETTLED = {"utter_no_program", "utter_nearest_programs"}


class FindProgram(TurnAction):
    """Searches the catalogue."""

    def name(self) -> str:
        """Return the name that domain.yml knows it by."""
        return "action_find_program"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        """List what fits the message, or the earlier one that a button names."""
        with resources().database.read() as session:
            reply = reply_to_search(session, turn.subject.text, turn.audience)
        return _say(dispatcher, turn, reply)


class ProgramDetails(TurnAction):
    """Tells about one program."""

    def name(self) -> str:
        """Return the name that domain.yml knows it by."""
        return "action_program_details"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        """Tell about the program meant; if none is clear, search or ask."""
        given = resources()
        with given.database.read() as session:
            program = _program_meant(session, turn)
            if program is not None:
                reply = details_reply(program, given.today())
            elif turn.entities.get("program"):
                reply = NOTHING_FOUND
            elif stems(turn.subject.text):
                reply = reply_to_search(session, turn.subject.text, turn.audience)
            else:
                dispatcher.utter_message(response="utter_which_program")
                return []
        return _say(dispatcher, turn, reply)


class ProgramDeadline(TurnAction):
    """Tells until when one can apply for a program."""

    def name(self) -> str:
        """Return the name that domain.yml knows it by."""
        return "action_program_deadline"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        """Tell the deadline of the program meant; if none is clear, all that come next."""
        given = resources()
        with given.database.read() as session:
            program = _program_meant(session, turn) or _only_fit(session, turn)
            if program is not None:
                reply = deadline_reply(program, given.today())
            else:
                reply = deadlines_reply(session, turn.audience, given.today())
        return _say(dispatcher, turn, reply)


class ListDeadlines(TurnAction):
    """Lists the deadlines that come next."""

    def name(self) -> str:
        """Return the name that domain.yml knows it by."""
        return "action_list_deadlines"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        """List them, over all programs that the person may see."""
        given = resources()
        with given.database.read() as session:
            reply = deadlines_reply(session, turn.audience, given.today())
        return _say(dispatcher, turn, reply)


def _program_meant(session: Session, turn: Turn) -> Program | None:
    """Return the program of the button, of the sentence, of the list, or talked about last."""
    chosen = turn.entities.get("program")
    if chosen:
        return program_by_id(session, chosen, turn.audience)
    text = turn.subject.text
    named = program_named(session, text, turn.audience)
    if named is not None:
        return named
    shown = turn.slots.get("programs_shown") or []
    position = position_named(text, len(shown))
    if position is not None:
        return program_by_id(session, shown[position], turn.audience)
    if points_back(text) or not stems(text):
        return _program_in_focus(session, turn)
    return None


def _program_in_focus(session: Session, turn: Turn) -> Program | None:
    topic = turn.previous.topic if turn.previous else None
    program = program_of_topic(session, topic, turn.audience) if topic else None
    if program is not None:
        return program
    last = turn.slots.get("program")
    return program_by_id(session, last, turn.audience) if last else None


def _only_fit(session: Session, turn: Turn) -> Program | None:
    text = turn.subject.text
    fitting = find_programs(session, text, turn.audience, limit=2) if stems(text) else []
    return fitting[0] if len(fitting) == 1 else None


def _say(dispatcher: CollectingDispatcher, turn: Turn, reply: Reply) -> Events:
    buttons = [{"title": b.title, "payload": b.payload} for b in reply.buttons]
    if reply.response in _UNSETTLED:
        buttons.append(button("Ask a person", "handover", turn=turn.subject.turn_id))
    dispatcher.utter_message(
        response=reply.response,
        programs=reply.text,
        buttons=buttons,
        metadata={"audience": reply.audience},
    )
    if not reply.programs:
        return []
    only = reply.programs[0] if len(reply.programs) == 1 else None
    shown = [SlotSet("programs_shown", list(reply.programs))] if only is None else []
    return [SlotSet("program", only), *shown]

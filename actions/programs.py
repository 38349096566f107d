"""Finds programs and tells about them; what to say comes from bot.programs.replies."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from actions.base import Events, TurnAction, action_named, button
from actions.meant import program_meant, programs_listed_last, programs_shown, say
from actions.offered import choose_offered
from actions.resources import resources
from actions.turn import Turn
from bot.db.models import Program
from bot.privacy.audience import CANDIDATE, EMPLOYEE
from bot.programs.mentions import asks_for_deadlines, place_alone
from bot.programs.replies import (
    NOTHING_FOUND,
    Button,
    Reply,
    deadline_reply,
    deadlines_reply,
    details_reply,
    list_reply,
    more_deadlines_reply,
    page_reply,
    reply_about_topic,
    reply_to_search,
)
from bot.programs.search import find_programs, programs_by_ids
from bot.programs.words import stems


class FindProgram(TurnAction):
    """Searches the catalogue."""

    def name(self) -> str:
        """Return the name that domain.yml knows it by."""
        return "action_find_program"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        """List what fits the message, or the earlier one or the topic that a button names."""
        chosen = choose_offered(dispatcher, turn)
        if chosen is not None:
            return chosen
        said = turn.message
        if not said.is_choice and place_alone(said.text, len(programs_shown(turn))) is not None:
            # "And the third?" goes on with the list and searches for nothing.
            return action_named("action_program_details").act(dispatcher, turn)
        given = resources()
        text, topic = turn.subject.text, turn.entities.get("topic")
        with given.database.read() as session:
            if topic:
                reply = reply_about_topic(session, topic, turn.audience)
            elif asks_for_deadlines(text) and not stems(text):
                reply = deadlines_reply(session, turn.audience, given.today(), text)
            else:
                reply = reply_to_search(session, text, turn.audience)
        return say(dispatcher, turn, reply)


class MorePrograms(TurnAction):
    """Goes on with the list that was shown."""

    def name(self) -> str:
        """Return the name that domain.yml knows it by."""
        return "action_more_programs"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        """List the next five; after a single program tell about it; else say that was all."""
        given = resources()
        rest = turn.slots.get("programs_rest") or []
        with given.database.read() as session:
            if rest:
                return say(dispatcher, turn, _next_page(session, turn, rest))
            program = program_meant(session, turn)
            if program is not None:
                return say(dispatcher, turn, _details(program, turn))
        listed = programs_listed_last(turn)
        said = "utter_no_more_programs" if listed else "utter_which_program"
        dispatcher.utter_message(response=said)
        return []


class ProgramDetails(TurnAction):
    """Tells about one program."""

    def name(self) -> str:
        """Return the name that domain.yml knows it by."""
        return "action_program_details"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        """Tell about the program meant; if none is clear, search or ask."""
        chosen = choose_offered(dispatcher, turn)
        if chosen is not None:
            return chosen
        with resources().database.read() as session:
            program = program_meant(session, turn)
            if program is not None:
                reply = _details(program, turn)
            elif turn.entities.get("program"):
                reply = NOTHING_FOUND
            elif stems(turn.subject.text):
                reply = reply_to_search(session, turn.subject.text, turn.audience)
            elif listed := programs_listed_last(turn):
                programs = programs_by_ids(session, listed, turn.audience)
                reply = list_reply(programs, "utter_which_of_these")
            else:
                dispatcher.utter_message(response="utter_which_program")
                return []
        return say(dispatcher, turn, reply)


class ProgramDeadline(TurnAction):
    """Tells until when one can apply for a program."""

    def name(self) -> str:
        """Return the name that domain.yml knows it by."""
        return "action_program_deadline"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        """Tell the deadline of the program meant; else of those listed, or all that come next."""
        given = resources()
        today, text = given.today(), turn.subject.text
        with given.database.read() as session:
            program = program_meant(session, turn) or _only_fit(session, turn)
            if program is not None:
                reply = deadline_reply(program, today)
            else:
                listed = programs_listed_last(turn) or None
                reply = deadlines_reply(session, turn.audience, today, text, only=listed)
        return say(dispatcher, turn, reply)


class ListDeadlines(TurnAction):
    """Lists the deadlines that come next."""

    def name(self) -> str:
        """Return the name that domain.yml knows it by."""
        return "action_list_deadlines"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        """List them, over all programs that the person may see, in the time that is named."""
        given = resources()
        with given.database.read() as session:
            text = "" if turn.message.is_choice else turn.message.text
            reply = deadlines_reply(session, turn.audience, given.today(), text)
        return say(dispatcher, turn, reply)


def _next_page(session: Session, turn: Turn, rest: list[str]) -> Reply:
    first = turn.slots.get("rest_from")
    if first is None:
        return page_reply(session, rest, turn.audience, "utter_more_programs")
    today = resources().today()
    return more_deadlines_reply(session, rest, turn.audience, date.fromisoformat(first), today)


def _details(program: Program, turn: Turn) -> Reply:
    reply = details_reply(program, resources().today())
    if turn.audience == EMPLOYEE and program.audience != CANDIDATE:
        asked = button("Am I eligible?", "am_i_eligible", program=program.id)
        return replace(reply, buttons=(*reply.buttons, Button(**asked)))
    return reply


def _only_fit(session: Session, turn: Turn) -> Program | None:
    text = turn.subject.text
    fitting = find_programs(session, text, turn.audience, limit=2) if stems(text) else []
    return fitting[0] if len(fitting) == 1 else None

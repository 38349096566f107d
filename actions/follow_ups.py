"""Messages that mean something only after what was just said: "and the third?", "skip", "2020".

The actions for what wasn't understood ask here before they give up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rasa_sdk.executor import CollectingDispatcher

from actions.base import Events, action_named
from actions.eligibility import (
    about_one,
    corrects_verdict,
    go_on_without,
    program_asked_by_words,
    take_statement,
)
from actions.job import answers_job_question, asked_about_job, keep_waiting
from actions.meant import program_in_focus, programs_shown
from actions.offered import choose_offered
from actions.resources import resources
from actions.turn import Turn
from bot.programs.mentions import place_alone, points_back
from bot.programs.stated import stems_besides_job
from bot.programs.words import stems

_NOT_UNDERSTOOD = {"clarify", "handover"}
_ABOUT_A_PROGRAM = {"program_details", "program_deadline", "am_i_eligible"}
# What people want to know of a program whatever it is.
_OF_A_PROGRAM = frozenset(stems("long cost costs pay worth run runs where held location length"))
_ANOTHER = re.compile(r"\b(?:others?|another|different|instead|else)\b")
_UNSAID = re.compile(
    r"\b(?:skip|pass|(?:rather|prefer) not|not sure|unsure|no (?:idea|clue)|idk|dunno|"
    r"(?:don'?t|do not|can'?t) (?:know|remember|recall)|none of your business|private)\b"
)
_WHY = re.compile(r"\bwhy\b|\bwhat for\b")
# What may stand beside these words without making the message another question.
_BESIDE = frozenset(stems("sorry ask asking matter say tell remember exactly"))


def follow_up(dispatcher: CollectingDispatcher, turn: Turn) -> Events | None:
    """Answer what is clear from what was just said; None if this isn't."""
    if turn.message.is_choice:
        return None
    for answer in _answers(dispatcher, turn):
        if answer is not None:
            return answer
    return None


def _answers(dispatcher: CollectingDispatcher, turn: Turn) -> Iterator[Events | None]:
    yield choose_offered(dispatcher, turn)
    yield _about_my_job(dispatcher, turn)
    yield _asks_by_name(dispatcher, turn)
    yield _place_in_list(dispatcher, turn)
    yield _about_it(dispatcher, turn)


def _about_my_job(dispatcher: CollectingDispatcher, turn: Turn) -> Events | None:
    """Take an answer to the question about the job, a reason not to answer, or a correction."""
    if asked_about_job(turn) is None:
        return take_statement(dispatcher, turn) if corrects_verdict(turn) else None
    if answers_job_question(turn):
        return take_statement(dispatcher, turn)
    said = turn.message.text.casefold().replace("’", "'")
    if _UNSAID.search(said) and _nothing_besides(_UNSAID, said):
        return go_on_without(dispatcher, turn)
    if _WHY.search(said) and _nothing_besides(_WHY, said):
        dispatcher.utter_message(response="utter_why_about_my_job")
        return keep_waiting(turn)
    return None


def _asks_by_name(dispatcher: CollectingDispatcher, turn: Turn) -> Events | None:
    with resources().database.read() as session:
        program = program_asked_by_words(session, turn)
        return None if program is None else about_one(dispatcher, turn, session, program)


def _place_in_list(dispatcher: CollectingDispatcher, turn: Turn) -> Events | None:
    """Tell about a program of the list that was shown: "and the third?", "number 4"."""
    if place_alone(turn.message.text, len(programs_shown(turn))) is None:
        return None
    return action_named("action_program_details").act(dispatcher, turn)


def _about_it(dispatcher: CollectingDispatcher, turn: Turn) -> Events | None:
    """Take what is unclear as a question about the program that was just talked about."""
    text, before = turn.message.text, turn.previous
    if turn.message.intent not in _NOT_UNDERSTOOD:
        return None
    is_in_talk = before is not None and (before.kind == "program" or before.topic is not None)
    guess = _guess_about_program(turn) if is_in_talk else None
    if guess is None or _ANOTHER.search(text.casefold()):
        return None
    with resources().database.read() as session:
        if program_in_focus(session, turn) is None:
            return None
    return action_named(f"action_{guess}").act(dispatcher, turn)


def _guess_about_program(turn: Turn) -> str | None:
    """Return which question about a program this is, if it points back to one."""
    text, guesses = turn.message.text, turn.message.candidates
    says_only_that = set(stems_besides_job(text)) <= _OF_A_PROGRAM
    if not says_only_that or not (points_back(text) or not stems(text)):
        return None
    likeliest = guesses[0]["label"] if turn.message.intent == "clarify" and guesses else None
    return likeliest if likeliest in _ABOUT_A_PROGRAM else "program_details"


def _nothing_besides(pattern: re.Pattern[str], text: str) -> bool:
    """Tell whether a message says nothing of weight besides such words."""
    return set(stems(pattern.sub(" ", text.casefold()))) <= _BESIDE

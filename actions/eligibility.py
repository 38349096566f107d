"""Tells people what they may take part in: asks for a fact or two where nothing is known of them.

What they say about their job is kept for the conversation only, in the slot `stated_job`.
"""

from __future__ import annotations

from dataclasses import dataclass

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from actions.base import Events, TurnAction, button
from actions.meant import (
    beside_buttons,
    program_in_focus,
    program_meant,
    programs_listed_last,
    programs_shown,
    say,
)
from actions.resources import resources
from actions.turn import Turn
from bot.db.models import Program
from bot.nlu.eligibility_words import shipped_words
from bot.privacy.audience import CANDIDATE
from bot.programs.eligibility import JobFacts
from bot.programs.eligibility_replies import (
    eligibility_reply,
    eligible_reply,
    fact_to_ask,
    open_programs,
    posting_reply,
    question_reply,
)
from bot.programs.employees import job_of
from bot.programs.mentions import points_to_several
from bot.programs.replies import NOTHING_FOUND, Reply, list_reply
from bot.programs.search import find_programs, program_asked_for, program_by_id
from bot.programs.stated import job_from_choice, job_in, stems_besides_job
from bot.programs.words import stems

QUESTIONS_AT_MOST = 2
ANSWER_WORDS_AT_MOST = 6


@dataclass(frozen=True)
class _Asked:
    """The question about the job that waits for an answer."""

    program: str | None
    only: list[str] | None
    count: int


class AmIEligible(TurnAction):
    """Says whether the person may take part in one program, why, and from when."""

    def name(self) -> str:
        """Return the name that domain.yml knows it by."""
        return "action_am_i_eligible"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        """Answer about the program meant; if several could be, ask which; if none, offer all."""
        if turn.message.topic is not None:
            return _about_topic(dispatcher, turn, turn.message.topic)
        text = turn.subject.text
        with resources().database.read() as session:
            program = program_meant(session, turn)
            if program is not None:
                return _about_one(dispatcher, turn, session, program)
            listed = programs_listed_last(turn)
            if listed and (points_to_several(text) or not stems(text)):
                return _about_many(dispatcher, turn, session, listed)
            if not stems_besides_job(text):
                program = program_in_focus(session, turn)
                if program is not None:
                    return _about_one(dispatcher, turn, session, program)
                every = button("What can I get?", "eligible_programs")
                dispatcher.utter_message(response="utter_which_program", buttons=[every])
                return []
            found = find_programs(session, text, turn.audience)
            if not found:
                return say(dispatcher, turn, NOTHING_FOUND)
            if len(found) == 1:
                return _about_one(dispatcher, turn, session, found[0])
            return say(dispatcher, turn, list_reply(found, "utter_which_of_these"))


class EligiblePrograms(TurnAction):
    """Lists what the person may take part in: of the programs just listed, or of all."""

    def name(self) -> str:
        """Return the name that domain.yml knows it by."""
        return "action_eligible_programs"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        """Answer from what is known, or ask for a fact first."""
        with resources().database.read() as session:
            return _about_many(dispatcher, turn, session, _those_meant(turn))


class JobStated(TurnAction):
    """Takes a typed answer to a question about the job, and goes on."""

    def name(self) -> str:
        """Return the name that domain.yml knows it by."""
        return "action_job_stated"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        """Go on with what was asked; without a question, keep it in mind."""
        return _take_statement(dispatcher, turn)


def understood_after_all(dispatcher: CollectingDispatcher, turn: Turn) -> Events | None:
    """Answer a message that wasn't understood, if its words alone tell what it is.

    That is an answer to the question about the job, or whether a program is open to the person.
    """
    if _answers_job_question(turn):
        return _take_statement(dispatcher, turn)
    with resources().database.read() as session:
        program = _program_asked_for(session, turn)
        return None if program is None else _about_one(dispatcher, turn, session, program)


def _take_statement(dispatcher: CollectingDispatcher, turn: Turn) -> Events:
    asked = _asked(turn)
    with resources().database.read() as session:
        if asked is None:
            every = button("What can I get?", "eligible_programs")
            dispatcher.utter_message(response="utter_job_noted", buttons=[every])
            return _remember(_stated(turn))
        program = program_by_id(session, asked.program, turn.audience) if asked.program else None
        if program is not None:
            return _about_one(dispatcher, turn, session, program)
        return _about_many(dispatcher, turn, session, asked.only)


def _about_topic(dispatcher: CollectingDispatcher, turn: Turn, topic: str) -> Events:
    """Answer for the topic's program if it is asked for, else with the topic's own answer."""
    with resources().database.read() as session:
        program = _program_asked_for(session, turn)
        if program is not None:
            return _about_one(dispatcher, turn, session, program)
    dispatcher.utter_message(response=f"utter_{topic}")
    return []


def _program_asked_for(session: Session, turn: Turn) -> Program | None:
    asked = turn.message
    asking = None if asked.is_choice else shipped_words().asking(asked.text)
    if asking is None or turn.audience == CANDIDATE:
        return None
    # Words about one's own job say that it is about oneself.
    about_me = job_in(asked.text, resources().today()) != JobFacts()
    surely = asking.surely or about_me
    return program_asked_for(
        session, asked.text, asked.topic, turn.audience, surely=surely, rest=asking.rest
    )


def _answers_job_question(turn: Turn) -> bool:
    """Tell whether this answers the question about the job in a way that wasn't understood.

    A few words at most: a longer message may be another question that names a place of work.
    """
    few = len(turn.message.text.split()) <= ANSWER_WORDS_AT_MOST and "?" not in turn.message.text
    if turn.message.is_choice or not few or _asked(turn) is None:
        return False
    return job_in(turn.message.text, resources().today(), answering=True) != JobFacts()


def _about_one(
    dispatcher: CollectingDispatcher, turn: Turn, session: Session, program: Program
) -> Events:
    today = resources().today()
    if turn.is_shared:
        return say(dispatcher, turn, posting_reply(program, today))
    stated = _stated(turn)
    job = stated.or_else(job_of(session, turn.person))
    fact = fact_to_ask([program], job, today) if _may_ask(turn, program) else None
    if fact is not None:
        return [
            *say(dispatcher, turn, question_reply(fact, program, [program])),
            *_remember(stated),
            _wait(turn, program.id, None),
        ]
    reply = eligibility_reply(program, job, turn.audience, today)
    return [*say(dispatcher, turn, reply), *_remember(stated)]


def _about_many(
    dispatcher: CollectingDispatcher, turn: Turn, session: Session, only: list[str] | None
) -> Events:
    today = resources().today()
    if turn.is_shared:
        dispatcher.utter_message(response="utter_eligibility_of_many_in_private")
        return []
    stated = _stated(turn)
    job = stated.or_else(job_of(session, turn.person))
    programs = open_programs(session, turn.audience, only)
    fact = fact_to_ask(programs, job, today) if _may_ask(turn, None) else None
    if fact is not None:
        _utter(dispatcher, question_reply(fact, None, programs, were_listed=bool(only)))
        return [*_remember(stated), _wait(turn, None, only)]
    reply = eligible_reply(session, job, turn.audience, today, only)
    return [*say(dispatcher, turn, reply), *_remember(stated)]


def _those_meant(turn: Turn) -> list[str] | None:
    asked = _asked(turn) if turn.entities.get("fact") else None
    if asked is not None:
        return asked.only
    return (programs_shown(turn) or None) if points_to_several(turn.subject.text) else None


def _may_ask(turn: Turn, program: Program | None) -> bool:
    """Tell whether another question is bearable; an outsider isn't asked at all."""
    if turn.audience == CANDIDATE or (program is not None and program.audience == CANDIDATE):
        return False
    asked = _asked(turn)
    return asked is None or asked.count < QUESTIONS_AT_MOST


def _stated(turn: Turn) -> JobFacts:
    """Return what the person says of their job now, and has said before."""
    fact, value = turn.entities.get("fact"), turn.entities.get("value")
    today = resources().today()
    if fact and value:
        now = job_from_choice(fact, value, today)
    elif turn.subject.is_choice:
        now = JobFacts()
    else:
        answering = turn.message.intent == "job_stated" or _answers_job_question(turn)
        now = job_in(turn.subject.text, today, answering=answering)
    return now.or_else(JobFacts.from_json(turn.slots.get("stated_job")))


def _asked(turn: Turn) -> _Asked | None:
    """Return the question that this turn answers: by its button, or typed right after it."""
    kept = turn.slots.get("job_question")
    if not kept:
        return None
    is_next = turn.previous is not None and turn.previous.turn_id == kept["turn"]
    answers = turn.entities.get("fact") if turn.message.is_choice else is_next
    return _Asked(kept["program"], kept["only"], kept["count"]) if answers else None


def _wait(turn: Turn, program: str | None, only: list[str] | None) -> SlotSet:
    asked = _asked(turn)
    count = 1 + (asked.count if asked else 0)
    question = {
        "program": program,
        "only": only,
        "count": count,
        "turn": turn.message.turn_id,
    }
    return SlotSet("job_question", question)


def _remember(stated: JobFacts) -> Events:
    return [SlotSet("stated_job", stated.as_json())]


def _utter(dispatcher: CollectingDispatcher, reply: Reply) -> None:
    """Ask without touching the list that was shown: the answer may be about it."""
    buttons = [{"title": b.title, "payload": b.payload} for b in reply.buttons]
    dispatcher.utter_message(
        response=reply.response,
        buttons=buttons,
        json_message=beside_buttons(reply),
        metadata={"audience": reply.audience},
        **reply.values,
    )

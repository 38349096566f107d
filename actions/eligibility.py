"""Tells people what they may take part in: asks for a fact or two where nothing is known of them.

What they say about their job is the business of `actions.job`.
"""

from __future__ import annotations

from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from actions.base import Events, TurnAction, button
from actions.job import (
    Asked,
    asked_about_job,
    may_ask,
    remember,
    stated_job,
    wait_for_answer,
)
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
from bot.programs.stated import job_in, stems_besides_job
from bot.programs.words import stems

VERDICTS = {
    "utter_eligible",
    "utter_not_eligible",
    "utter_not_yet_eligible",
    "utter_perhaps_eligible",
}
LISTS_FOR_A_JOB = {"utter_eligible_programs", "utter_eligible_of_these"}


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
                return about_one(dispatcher, turn, session, program)
            listed = programs_listed_last(turn)
            if listed and (points_to_several(text) or not stems(text)):
                return _about_many(dispatcher, turn, session, listed)
            if not stems_besides_job(text):
                program = program_in_focus(session, turn)
                if program is not None:
                    return about_one(dispatcher, turn, session, program)
                every = button("What can I get?", "eligible_programs")
                dispatcher.utter_message(response="utter_which_program", buttons=[every])
                return []
            found = find_programs(session, text, turn.audience)
            if not found:
                return say(dispatcher, turn, NOTHING_FOUND)
            if len(found) == 1:
                return about_one(dispatcher, turn, session, found[0])
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
        return take_statement(dispatcher, turn)


def take_statement(dispatcher: CollectingDispatcher, turn: Turn) -> Events:
    """Go on with the question that a statement about the job answers, or the verdict it changes.

    Else keep it in mind.
    """
    asked = asked_about_job(turn)
    with resources().database.read() as session:
        if asked is None:
            return _look_again(dispatcher, turn, session)
        return _go_on(dispatcher, turn, session, asked)


def go_on_without(dispatcher: CollectingDispatcher, turn: Turn) -> Events:
    """Answer as well as can be where the person can't or won't say what was asked."""
    asked = asked_about_job(turn)
    with resources().database.read() as session:
        return _go_on(dispatcher, turn, session, asked, ask=False)


def _go_on(
    dispatcher: CollectingDispatcher,
    turn: Turn,
    session: Session,
    asked: Asked,
    *,
    ask: bool = True,
) -> Events:
    program = program_by_id(session, asked.program, turn.audience) if asked.program else None
    if program is not None:
        return about_one(dispatcher, turn, session, program, ask=ask)
    return _about_many(dispatcher, turn, session, asked.only, ask=ask)


def corrects_verdict(turn: Turn) -> bool:
    """Tell whether this says something of the job right after a verdict, and asks nothing."""
    is_after_one = any(said.response in VERDICTS | LISTS_FOR_A_JOB for said in turn.last_said)
    if not is_after_one or "?" in turn.message.text:
        return False
    return job_in(turn.message.text, resources().today()) != JobFacts()


def _look_again(dispatcher: CollectingDispatcher, turn: Turn, session: Session) -> Events:
    """Give the verdict of just before once more, with what was said now."""
    responses = {said.response for said in turn.last_said}
    program = program_by_id(session, turn.slots.get("program") or "", turn.audience)
    if responses & VERDICTS and program is not None:
        return about_one(dispatcher, turn, session, program, ask=False)
    if responses & LISTS_FOR_A_JOB:
        these = programs_shown(turn) if "utter_eligible_of_these" in responses else None
        return _about_many(dispatcher, turn, session, these, ask=False)
    every = button("What can I get?", "eligible_programs")
    dispatcher.utter_message(response="utter_job_noted", buttons=[every])
    return remember(stated_job(turn))


def _about_topic(dispatcher: CollectingDispatcher, turn: Turn, topic: str) -> Events:
    """Answer for the topic's program if it is asked for, else with the topic's own answer."""
    with resources().database.read() as session:
        program = program_asked_by_words(session, turn)
        if program is not None:
            return about_one(dispatcher, turn, session, program)
    dispatcher.utter_message(response=f"utter_{topic}")
    return []


def program_asked_by_words(session: Session, turn: Turn) -> Program | None:
    """Return the program by whose name an employee asks whether it is open to them, if any."""
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


def about_one(
    dispatcher: CollectingDispatcher,
    turn: Turn,
    session: Session,
    program: Program,
    *,
    ask: bool = True,
) -> Events:
    """Give the verdict on one program, or ask for a fact first if that may be done."""
    today = resources().today()
    if turn.is_shared:
        return say(dispatcher, turn, posting_reply(program, today))
    stated = stated_job(turn)
    job = stated.or_else(job_of(session, turn.person))
    fact = fact_to_ask([program], job, today) if ask and may_ask(turn, program) else None
    if fact is not None:
        return [
            *say(dispatcher, turn, question_reply(fact, program, [program])),
            *remember(stated),
            *wait_for_answer(turn, program.id, None),
        ]
    reply = eligibility_reply(program, job, turn.audience, today)
    return [*say(dispatcher, turn, reply), *remember(stated)]


def _about_many(
    dispatcher: CollectingDispatcher,
    turn: Turn,
    session: Session,
    only: list[str] | None,
    *,
    ask: bool = True,
) -> Events:
    today = resources().today()
    if turn.is_shared:
        dispatcher.utter_message(response="utter_eligibility_of_many_in_private")
        return []
    stated = stated_job(turn)
    job = stated.or_else(job_of(session, turn.person))
    programs = open_programs(session, turn.audience, only)
    fact = fact_to_ask(programs, job, today) if ask and may_ask(turn, None) else None
    if fact is not None:
        _utter(dispatcher, question_reply(fact, None, programs, were_listed=bool(only)))
        return [*remember(stated), *wait_for_answer(turn, None, only)]
    reply = eligible_reply(session, job, turn.audience, today, only)
    return [*say(dispatcher, turn, reply), *remember(stated)]


def _those_meant(turn: Turn) -> list[str] | None:
    asked = asked_about_job(turn) if turn.entities.get("fact") else None
    if asked is not None:
        return asked.only
    return (programs_shown(turn) or None) if points_to_several(turn.subject.text) else None


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

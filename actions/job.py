"""What the person says of their job in a conversation, and the question about it that waits.

Both are kept for the conversation only, in the slots `stated_job` and `job_question`.
"""

from __future__ import annotations

from dataclasses import dataclass

from rasa_sdk.events import SlotSet

from actions.base import Events
from actions.resources import resources
from actions.turn import Turn
from bot.db.models import Program
from bot.privacy.audience import CANDIDATE
from bot.programs.eligibility import JobFacts
from bot.programs.stated import job_from_choice, job_in

QUESTIONS_AT_MOST = 2
ANSWER_WORDS_AT_MOST = 6


@dataclass(frozen=True)
class Asked:
    """The question about the job that waits for an answer: for one program, or several."""

    program: str | None
    only: list[str] | None
    count: int


def asked_about_job(turn: Turn) -> Asked | None:
    """Return the question that this turn answers: by its button, or typed right after it."""
    kept = turn.slots.get("job_question")
    if not kept:
        return None
    is_next = turn.previous is not None and turn.previous.turn_id == kept["turn"]
    answers = turn.entities.get("fact") if turn.message.is_choice else is_next
    return Asked(kept["program"], kept["only"], kept["count"]) if answers else None


def answers_job_question(turn: Turn) -> bool:
    """Tell whether this answers the question about the job, whatever it was understood as.

    A few words at most: a longer message may be another question that names a place of work.
    """
    few = len(turn.message.text.split()) <= ANSWER_WORDS_AT_MOST and "?" not in turn.message.text
    if turn.message.is_choice or not few or asked_about_job(turn) is None:
        return False
    return job_in(turn.message.text, resources().today(), answering=True) != JobFacts()


def may_ask(turn: Turn, program: Program | None) -> bool:
    """Tell whether another question is bearable; an outsider isn't asked at all."""
    if turn.audience == CANDIDATE or (program is not None and program.audience == CANDIDATE):
        return False
    asked = asked_about_job(turn)
    return asked is None or asked.count < QUESTIONS_AT_MOST


def stated_job(turn: Turn) -> JobFacts:
    """Return what the person says of their job now, and has said before."""
    fact, value = turn.entities.get("fact"), turn.entities.get("value")
    today = resources().today()
    if fact and value:
        now = job_from_choice(fact, value, today)
    elif turn.subject.is_choice:
        now = JobFacts()
    else:
        answering = turn.message.intent == "job_stated" or answers_job_question(turn)
        now = job_in(turn.subject.text, today, answering=answering)
    return now.or_else(JobFacts.from_json(turn.slots.get("stated_job")))


def wait_for_answer(turn: Turn, program: str | None, only: list[str] | None) -> Events:
    """Return what remembers that this turn asks about the job."""
    asked = asked_about_job(turn)
    question = {
        "program": program,
        "only": only,
        "count": 1 + (asked.count if asked else 0),
        "turn": turn.message.turn_id,
    }
    return [SlotSet("job_question", question)]


def keep_waiting(turn: Turn) -> Events:
    """Return what lets the question be answered after this turn, too."""
    question = {**turn.slots["job_question"], "turn": turn.message.turn_id}
    return [SlotSet("job_question", question)]


def remember(stated: JobFacts) -> Events:
    """Return what keeps this in mind for the conversation."""
    return [SlotSet("stated_job", stated.as_json())]

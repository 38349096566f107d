"""Tells people what became of the questions they sent to HR."""

from __future__ import annotations

import textwrap
from datetime import datetime

from rasa_sdk.executor import CollectingDispatcher

from actions.base import Events, TurnAction
from actions.handover import case_buttons
from actions.resources import resources
from actions.turn import Turn
from bot.db.models import Case
from bot.desk.cases import ANSWERED, CLAIMED, OPEN, cases_of_person

SHOWN_AT_MOST = 10
QUESTION_LENGTH = 80
_IN_WORDS = {
    OPEN: "waiting for someone in HR",
    CLAIMED: "someone in HR is on it",
    ANSWERED: "answered",
}
WITH_BUTTONS = 2


class MyCases(TurnAction):
    """Lists the person's questions that are open or answered."""

    def name(self) -> str:
        """Return the name that domain.yml knows it by."""
        return "action_my_cases"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        """List them, in private only: a thread may have other readers."""
        if turn.is_shared:
            dispatcher.utter_message(response="utter_cases_in_private")
            return []
        with resources().database.read() as session:
            cases = cases_of_person(session, turn.conversation)
        deadlines = {case.id: _due(case, resources().now()) for case in cases}
        shown = [case for case in cases if case.status in _IN_WORDS][:SHOWN_AT_MOST]
        if shown:
            lines = [_line(case) + deadlines[case.id] for case in shown]
            waiting = [case for case in shown if case.status in (OPEN, CLAIMED)][:WITH_BUTTONS]
            buttons = [
                {**made, "title": f"{made['title']} ({case.reference})"}
                for case in waiting
                for made in case_buttons(case)
            ]
            dispatcher.utter_message(
                response="utter_cases", cases="\n".join(lines), buttons=buttons
            )
        else:
            dispatcher.utter_message(response="utter_no_cases")
        return []


def _line(case: Case) -> str:
    question = textwrap.shorten(case.question, QUESTION_LENGTH, placeholder=" …")
    state = _IN_WORDS[case.status]
    if case.waiting_since is not None:
        state = "HR has asked you something and waits for your reply"
    asked = f"{case.created_at:%B} {case.created_at.day}"
    return f"- **{case.reference}**, asked on {asked}, {state}: “{question}”"


def _due(case: Case, now: datetime) -> str:
    """Return by when HR wants to reply, if it hasn't and the day is still to come."""
    due = case.first_reply_due_at
    if due is None or case.first_replied_at is not None or due < now:
        return ""
    return f" HR wants to reply by {due:%A, %B} {due.day}."

"""Tells people what became of the questions they sent to HR."""

from __future__ import annotations

import textwrap

from rasa_sdk.executor import CollectingDispatcher

from actions.base import Events, TurnAction
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
        lines = [_line(case) for case in cases if case.status in _IN_WORDS][:SHOWN_AT_MOST]
        if lines:
            dispatcher.utter_message(response="utter_cases", cases="\n".join(lines))
        else:
            dispatcher.utter_message(response="utter_no_cases")
        return []


def _line(case: Case) -> str:
    question = textwrap.shorten(case.question, QUESTION_LENGTH, placeholder=" …")
    return f"- **{case.reference}**, {_IN_WORDS[case.status]}: “{question}”"

"""Answers a message that asks several questions, each with its own approved answer."""

from __future__ import annotations

from rasa_sdk.executor import CollectingDispatcher

from actions.base import Events, TurnAction
from actions.turn import Turn


class AnswerSeveral(TurnAction):
    """Says the answers in the order in which they were asked for."""

    def name(self) -> str:
        """Return the name that domain.yml knows it by."""
        return "action_answer_several"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        """Utter each topic's response; the answer book decides who may hear it."""
        dispatcher.utter_message(response="utter_several_answers")
        for topic in turn.message.topics:
            dispatcher.utter_message(response=f"utter_{topic}")
        return []

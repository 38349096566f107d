"""When the understanding isn't sure, or only employees may hear the answer: offers choices."""

from __future__ import annotations

from rasa_sdk.executor import CollectingDispatcher

from actions.base import Events, TurnAction, button
from actions.follow_ups import follow_up
from actions.handover import offer
from actions.offered import may_be_offered, title_for
from actions.turn import Turn


class Clarify(TurnAction):
    """Asks which of up to three things is meant."""

    def name(self) -> str:
        """Return the name that domain.yml knows it by."""
        return "action_clarify"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        """Show a button for each candidate, and a way out to a person."""
        told = follow_up(dispatcher, turn)
        if told is not None:
            return told
        asked = turn.message
        guesses = [guess for guess in asked.candidates if may_be_offered(guess["label"], turn)]
        if not guesses:
            return offer(dispatcher, turn, asked, "utter_handover")
        buttons = [
            button(title_for(guess, turn), guess["label"], turn=asked.turn_id)
            for guess in guesses[:3]
        ]
        buttons.append(button("None of these", "handover", turn=asked.turn_id))
        dispatcher.utter_message(response="utter_clarify", buttons=buttons)
        return []


class InternalOnly(TurnAction):
    """Tells a candidate that this is for employees, and offers a person."""

    def name(self) -> str:
        """Return the name that domain.yml knows it by."""
        return "action_internal_only"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        """Say what is public, with a button that passes the question on."""
        ask = button("Ask a person", "handover", turn=turn.message.turn_id)
        dispatcher.utter_message(response="utter_internal_only", buttons=[ask])
        return []

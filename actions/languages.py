"""Answers people who write in a language that the assistant doesn't speak."""

from __future__ import annotations

from rasa_sdk.executor import CollectingDispatcher

from actions.base import Events, TurnAction, button
from actions.handover import PERSON
from actions.turn import Turn
from bot.nlu.language import shipped_languages

_PERSON_IN = {"es": "Hablar con una persona"}


class OtherLanguage(TurnAction):
    """Says, in their language if it can, that it speaks English only, and offers a person."""

    def name(self) -> str:
        """Return the name that domain.yml knows it by."""
        return "action_other_language"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        """Say so; a message that asks something goes to a person as it stands."""
        asked = turn.message
        language = shipped_languages().recognise(asked.text)
        response, sorry, title = "utter_other_language", "", PERSON
        if language is not None:
            response, sorry = language.version_of(response), language.sorry
            title = _PERSON_IN.get(language.code, PERSON)
        ask = (
            button(title, "handover", turn=asked.turn_id)
            if asked.is_question
            else button(title, "talk_to_person")
        )
        dispatcher.utter_message(response=response, sorry=sorry, buttons=[ask])
        return []

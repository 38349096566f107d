"""The frame of every action: reads the turn, then works in a thread, off the event loop."""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from typing import Any

import structlog
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import Turn, read_turn
from bot.privacy.audience import BOTH

log = structlog.get_logger(__name__)

Events = list[dict[str, Any]]
HANDING_OVER = {
    "action_handover",
    "action_talk_to_person",
    "action_preview_question",
    "action_affirm",
    "action_deny",
    "action_rephrase",
    "action_complaint",
}
"""The actions that offer a person or open a case; nobody outside gets either."""


class TurnAction(Action, ABC):
    """An action that sees a `Turn` instead of Rasa's tracker."""

    async def run(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],  # noqa: ARG002
    ) -> Events:
        """Run the action for Rasa."""
        turn = read_turn(tracker)
        if turn.is_outside and self.name() in HANDING_OVER:
            # The gateway has the words for what a person outside can do instead.
            refused = {"audience": BOTH, "refused": "handover"}
            dispatcher.utter_message(response="utter_not_sent", metadata=refused)
            return []
        events = await asyncio.to_thread(self.act, dispatcher, turn)
        log.info("action.done", action=self.name())
        return events

    @abstractmethod
    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        """Say something through the dispatcher, and return Rasa events."""


def action_named(name: str) -> TurnAction:
    """Return the action that domain.yml knows by this name.

    Raises:
        LookupError: if there is none.
    """
    for kind in TurnAction.__subclasses__():
        action = kind()
        if action.name() == name:
            return action
    raise LookupError(f"There is no action {name}.")


def button(title: str, intent: str, **entities: str) -> dict[str, str]:
    """Return a button that means an intent or topic, with what it is about."""
    meaning = {"intent": intent, "entities": entities} if entities else {"intent": intent}
    return {"title": title, "payload": json.dumps(meaning)}


def gateway_button(title: str, **meaning: Any) -> dict[str, str]:
    """Return a button that the gateway understands by itself."""
    return {"title": title, "payload": json.dumps(meaning)}

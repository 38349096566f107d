"""The frame of every action: reads the turn, then works in a thread, off the event loop."""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import Turn, read_turn

Events = list[dict[str, Any]]


class TurnAction(Action, ABC):
    """An action that sees a `Turn` instead of Rasa's tracker."""

    async def run(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],  # noqa: ARG002
    ) -> Events:
        """Run the action for Rasa."""
        return await asyncio.to_thread(self.act, dispatcher, read_turn(tracker))

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

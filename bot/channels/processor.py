"""Rasa's message processor, without the checks that cost more than a turn.

Rasa checks the schema that it checks an action's answer with, at every call: 16 of 25 ms.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import jsonschema
from rasa.core.actions.action import Action, RemoteAction, action_for_name_or_text
from rasa.core.actions.forms import FormAction
from rasa.core.channels.channel import OutputChannel
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker


class CheckedRemoteAction(RemoteAction):
    """An action of the action server whose answer is checked by a schema that was read once."""

    def _validate_action_result(self, result: dict[str, Any]) -> bool:
        _validator().validate(result)
        return True


class CheckedFormAction(FormAction):
    """A form that calls the action server in the same way."""

    async def validate_slots(
        self,
        slot_candidates: dict[str, Any],
        tracker: DialogueStateTracker,
        domain: Domain,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
    ) -> list[Event]:
        """Return what the form's own action says of the extracted slots, if it has one."""
        name = f"validate_{self.name()}"
        if name not in domain.action_names_or_texts:
            return []
        extracted = [SlotSet(slot, value) for slot, value in slot_candidates.items()]
        filled = self._temporary_tracker(tracker, extracted, domain)
        action = CheckedRemoteAction(name, self.action_endpoint)
        return await action.run(output_channel, nlg, filled, domain)

    async def _ask_for_slot(
        self,
        domain: Domain,
        nlg: NaturalLanguageGenerator,
        output_channel: OutputChannel,
        slot_name: str,
        tracker: DialogueStateTracker,
    ) -> list[Event]:
        name = self._name_of_utterance(domain, slot_name)
        if not name:
            return []
        asking = _checked(action_for_name_or_text(name, domain, self.action_endpoint))
        return await asking.run(output_channel, nlg, tracker, domain)


class TurnProcessor(MessageProcessor):
    """Handles messages like Rasa's own, on a tracker store that isn't wrapped.

    Rasa's wrapper would go on with an empty conversation where the database doesn't answer; a
    turn that fails is asked again instead.
    """

    @classmethod
    def replacing(cls, processor: MessageProcessor, store: TrackerStore) -> TurnProcessor:
        """Return a processor with another's model, on `store`."""
        own = cls.__new__(cls)
        vars(own).update(vars(processor))
        own.tracker_store = store
        store.domain = own.domain
        return own

    async def _run_action(self, action: Action, *args: Any, **kwargs: Any) -> bool:
        return await super()._run_action(_checked(action), *args, **kwargs)


def _checked(action: Action) -> Action:
    kind = {RemoteAction: CheckedRemoteAction, FormAction: CheckedFormAction}.get(type(action))
    return kind(action.name(), action.action_endpoint) if kind else action


@lru_cache(maxsize=1)
def _validator() -> jsonschema.protocols.Validator:
    schema = RemoteAction.action_response_format_spec()
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)

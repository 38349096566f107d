"""A classifier that knows the bench's questions by heart, to see what understanding costs."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.parse_data import parse_data_for
from tests.bench.beside.questions import LABELS


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class ByHeart(GraphComponent):
    """Looks a question up in a dictionary."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ByHeart:
        """Return the component; it has nothing to load."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Say what each message means."""
        for message in messages:
            text = message.get(TEXT) or ""
            for name, value in parse_data_for(LABELS.get(text, "greet"), text=text).items():
                if name != TEXT:
                    message.set(name, value, add_to_output=True)
        return messages

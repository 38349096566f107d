"""The selector as a component of Rasa's pipeline; what it decides is in bot/nlu/selector.py.

Rasa reads the annotations and parameter names here, so they are its own.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, METADATA, METADATA_INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.db.session import Database
from bot.nlu import live, weights
from bot.nlu.answer_sentences import answer_sentences
from bot.nlu.decision import BOTH, EMPLOYEE, Label, kind_of, topic_of
from bot.nlu.live import LiveUnderstanding, topic_label
from bot.nlu.parse_data import parse_data_from
from bot.nlu.selector import TopicSelector
from bot.nlu.understanding import (
    ANSWERS_FILE,
    Answers,
    Understanding,
    load_encoder,
    read_answers,
)
from bot.settings import load_settings

MOST_CONTEXT = 4
PROJECT = Path(__file__).resolve().parents[2]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class FaqSelector(GraphComponent):
    """Sets `intent`, `intent_ranking`, `response_selector` and `decision` of a message."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the settings; paths are relative to the project's folder."""
        return {
            "weights_folder": "var/weights",
            "decision_file": "data/decision.yml",
            "seed": 0,
        }

    @staticmethod
    def required_packages() -> list[str]:
        """Name what must be installed."""
        return ["onnxruntime", "tokenizers", "sklearn"]

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Refuse settings that don't exist.

        Raises:
            InvalidConfigException: A setting is unknown.
        """
        known = {*cls.get_default_config(), "name", "model_confidence", "finetuning_epoch_fraction"}
        if unknown := sorted(set(config) - known):
            raise InvalidConfigException(f"FaqSelector has no setting {', '.join(unknown)}.")

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:  # noqa: ARG003
        """Train again when another encoder is built or this room's code changes.

        Rasa itself looks only at this class. The config given here isn't always the real one.
        """
        sources = sorted(Path(__file__).parent.glob("*.py"))
        digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources))
        return f"{weights.encoder_version()} {digest.hexdigest()}"

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        understanding: LiveUnderstanding | None = None,
        responses: Answers | None = None,
    ) -> None:
        self._config = {**self.get_default_config(), **config}
        self._model_storage = model_storage
        self._resource = resource
        self._understanding = understanding
        self._responses = responses or {}
        self._categories = sorted({key[len("utter_") :].split("/")[0] for key in self._responses})

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,  # noqa: ARG003
    ) -> "FaqSelector":
        """Build the untrained component."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the phrasings and keep the topics' answers beside them.

        Raises:
            bot.nlu.selector.TrainingError: The phrasings don't suffice.
            bot.nlu.weights.WeightsError: The encoder's weights are missing or wrong.
        """
        messages = [m for m in training_data.intent_examples if m.get(INTENT) and m.get(TEXT)]
        examples = [(m.get(TEXT), _label_name(m)) for m in messages]
        responses = {key: list(said) for key, said in training_data.responses.items() if "/" in key}
        labels = {
            name: _label(message, responses)
            for message, (_, name) in zip(messages, examples, strict=True)
        }
        answers = {
            name: answer_sentences(
                [variant.get("text") or "" for variant in responses.get(f"utter_{name}", [])],
                label.title,
            )
            for name, label in labels.items()
            if "/" in name
        }
        selector = TopicSelector.fit(
            examples, list(labels.values()), self._encoder(), answers, seed=self._config["seed"]
        )
        with self._model_storage.write_to(self._resource) as folder:
            selector.save(folder)
            (folder / ANSWERS_FILE).write_text(json.dumps(responses), encoding="utf-8")
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,  # noqa: ARG003
        **kwargs: Any,  # noqa: ARG003
    ) -> "FaqSelector":
        """Read the trained component; thresholds and crisis phrases are read from data/ now.

        What HR has promoted since is read from the database, now and every few seconds.
        """
        untrained = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            selector = TopicSelector.load(folder, untrained._encoder())
            responses = read_answers(folder)
        decision_file = PROJECT / untrained._config["decision_file"]
        trained = Understanding.of(selector, decision_file)
        understanding = LiveUnderstanding(
            trained, responses, Database(load_settings().database_url)
        )
        understanding.refresh()
        live.serve(understanding)
        return cls(config, model_storage, resource, understanding, responses)

    def process(
        self, messages: list[Message], tracker: DialogueStateTracker | None = None
    ) -> list[Message]:
        """Understand messages; the asker's audience comes with the message's metadata."""
        context = _said_before(tracker)
        self._understanding.refresh()
        for message in messages:
            for name, value in self._parsed(message, context).items():
                message.set(name, value, add_to_output=True)
        return messages

    def _parsed(self, message: Message, context: Sequence[str]) -> dict[str, Any]:
        audience = (message.get(METADATA) or {}).get("audience", EMPLOYEE)
        understood = self._understanding.current.understand(
            message.get(TEXT) or "", audience, context
        )
        chosen = understood.decision.label.name if understood.decision.label else ""
        return parse_data_from(
            understood.decision,
            ranking=understood.ranking.candidates if understood.ranking else (),
            responses=self._responses.get(f"utter_{chosen}", []),
            retrieval_intents=self._categories,
        )

    def _encoder(self) -> Any:
        return load_encoder(PROJECT / self._config["weights_folder"])


def _said_before(tracker: DialogueStateTracker | None) -> list[str]:
    """Return the person's last messages of this session, oldest first."""
    if tracker is None:
        return []
    said = [event.text for event in tracker.applied_events() if isinstance(event, UserUttered)]
    return [text for text in said if text][-MOST_CONTEXT:]


def _label_name(message: Message) -> str:
    return message.get(INTENT_RESPONSE_KEY) or message.get(INTENT)


def _label(message: Message, responses: Answers) -> Label:
    """Describe a label by its answer's metadata, or by its intent's where it has no answer."""
    name = _label_name(message)
    if "/" in name:
        return topic_label(name, responses.get(f"utter_{name}", []))
    told = (message.get(METADATA) or {}).get(METADATA_INTENT) or {}
    return Label(
        name,
        told.get("kind", kind_of(name)),
        told.get("audience", BOTH),
        told.get("topic", topic_of(name)),
        told.get("title", ""),
    )

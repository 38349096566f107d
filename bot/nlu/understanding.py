"""Understands one message: danger, signs and languages first, then the selector. Free of Rasa.

`load_understanding(model_file)` reads the selector out of a trained Rasa model without Rasa.
"""

from __future__ import annotations

import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.errors import HRBotError
from bot.nlu import crisis, thresholds
from bot.nlu.crisis import CrisisPhrases
from bot.nlu.decision import (
    CRISIS_INTENTS,
    DIALOGUE,
    EMPLOYEE,
    HANDOVER,
    LANGUAGE,
    Decision,
    Label,
)
from bot.nlu.encoder import SentenceEncoder
from bot.nlu.language import shipped_languages
from bot.nlu.ranking import Ranking, Thresholds, decide
from bot.nlu.selector import TopicSelector
from bot.nlu.weights import DEFAULT_FOLDER, ensure_weights
from bot.nlu.wordless import wordless_intent

COMPONENT = "FaqSelector"
"""Part of the name under which Rasa keeps the selector in a model."""


class ModelError(HRBotError):
    """The model file is missing or holds no selector."""


@dataclass(frozen=True)
class Understanding:
    """The selector with the phrases that come before it and the thresholds that hold now."""

    selector: TopicSelector
    phrases: CrisisPhrases
    thresholds: Thresholds

    @classmethod
    def of(cls, selector: TopicSelector, decision_file: Path | None = None) -> Understanding:
        """Join a selector with data/crisis.yml and data/decision.yml (or its own thresholds)."""
        calibrated = thresholds.read_thresholds(decision_file or thresholds.DEFAULT_FILE)
        return cls(selector, crisis.shipped_phrases(), calibrated or selector.thresholds)

    @property
    def known_topics(self) -> frozenset[str]:
        """Return the ids of all topics that the selector was trained on."""
        return frozenset(label.topic for label in self.selector.labels if label.topic)

    def decide(
        self,
        text: str,
        audience: str = EMPLOYEE,
        context: Sequence[str] = (),  # noqa: ARG002
    ) -> Decision:
        """Return what to do with a message."""
        return self.told_without_model(text) or self.decide_on(self.rank(text, audience))

    def told_without_model(self, text: str) -> Decision | None:
        """Return the decision where none of the topics can be meant, else None.

        That is a message with a crisis phrase, one without any word, and one in a language that
        the assistant doesn't speak.
        """
        found = self.phrases.detect(text)
        intent = CRISIS_INTENTS[found] if found else wordless_intent(text)
        if intent:
            return Decision.answering(Label.named(intent), 1.0)
        if shipped_languages().recognise(text):
            return Decision(HANDOVER, DIALOGUE, 1.0, reason=LANGUAGE)
        return None

    def rank(
        self,
        text: str,
        audience: str = EMPLOYEE,
        context: Sequence[str] = (),  # noqa: ARG002
    ) -> Ranking:
        """Return how well all labels fit a message; an idiom keeps the model from an alarm."""
        harmless = self.phrases.has_idiom(text)
        return self.selector.rank(text, audience, may_be_crisis=not harmless)

    def decide_on(self, ranking: Ranking) -> Decision:
        """Return what to do with a message that is already ranked, as `decide` does."""
        return decide(ranking, self.thresholds)


def load_encoder(folder: Path = DEFAULT_FOLDER) -> SentenceEncoder:
    """Return the sentence encoder, building its files first if they're absent.

    Raises:
        bot.nlu.weights.WeightsError: The weights are missing or wrong.
    """
    files = ensure_weights(folder)
    return SentenceEncoder(files.model, files.tokenizer)


def load_understanding(
    model_file: Path, weights_folder: Path = DEFAULT_FOLDER, decision_file: Path | None = None
) -> Understanding:
    """Read the trained selector from a Rasa model archive (`*.tar.gz`).

    Raises:
        ModelError: The file can't be read or holds no selector.
        bot.nlu.weights.WeightsError: The encoder's weights are missing or wrong.
    """
    encoder = load_encoder(weights_folder)
    with tempfile.TemporaryDirectory() as scratch:
        folder = _extracted(model_file, Path(scratch))
        return Understanding.of(TopicSelector.load(folder, encoder), decision_file)


def _extracted(model_file: Path, scratch: Path) -> Path:
    try:
        with tarfile.open(model_file) as archive:
            members = [m for m in archive if m.isfile() and COMPONENT in Path(m.name).parent.name]
            for member in members:
                content = archive.extractfile(member)
                if content is not None:
                    (scratch / Path(member.name).name).write_bytes(content.read())
    except (OSError, tarfile.TarError) as error:
        raise ModelError(f"The model {model_file} can't be read. Run: make train") from error
    if not members:
        raise ModelError(f"The model {model_file} holds no topics. Run: make train")
    return scratch

"""Asks each training phrasing of a selector that hasn't seen it: stratified cross-validation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from sklearn.model_selection import StratifiedKFold

from bot.errors import HRBotError
from bot.nlu.decision import OUT_OF_SCOPE, Label
from bot.nlu.evaluation.judging import Judgement, evaluate
from bot.nlu.evaluation.questions import OUT_OF_SCOPE_PREFIX, Question
from bot.nlu.selector import Encoder, TopicSelector
from bot.nlu.understanding import Understanding

FOLDS = 5


class RememberingEncoder:
    """Embeds each text once, however often it is asked for."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._layers: dict[str, np.ndarray] = {}

    def encode_layers(self, text: str) -> np.ndarray:
        """Return the encoder's vectors of a text."""
        return self.encode_all([text])[0]

    def encode_all(self, texts: Iterable[str]) -> np.ndarray:
        """Return the encoder's vectors of each text."""
        texts = list(texts)
        new = list({text: None for text in texts if text not in self._layers})
        if new:
            self._layers.update(zip(new, self._encoder.encode_all(new), strict=True))
        return np.stack([self._layers[text] for text in texts])

    def known_words(self) -> frozenset[str]:
        """Return the encoder's words."""
        return self._encoder.known_words()


def cross_validate(
    examples: Sequence[tuple[str, str]],
    understanding: Understanding,
    answers: Mapping[str, Sequence[str]] | None = None,
    *,
    seed: int = 0,
) -> list[Judgement]:
    """Judge all training phrasings, each by a selector trained on the other four fifths.

    Thresholds and crisis phrases are the product's. Phrasings are asked as employees: they see
    every topic.

    Args:
        examples: Pairs of phrasing and label name.
        understanding: The trained one; its labels and its encoder are used again.
        answers: Sentences of the topics' answers, by label name, as they are trained on.
        seed: For the folds and for training.

    Raises:
        HRBotError: A label has fewer phrasings than there are folds.
    """
    labels = {label.name: label for label in understanding.selector.labels}
    names = [name for _, name in examples]
    scarce = sorted(name for name in set(names) if names.count(name) < FOLDS)
    if scarce:
        raise HRBotError(f"{', '.join(scarce)}: fewer than {FOLDS} phrasings to cross-validate.")
    encoder = RememberingEncoder(understanding.selector.encoder)
    judgements: list[Judgement] = []
    for seen, unseen in _folds(names, seed):
        training = [examples[i] for i in seen]
        selector = TopicSelector.fit(training, list(labels.values()), encoder, answers, seed=seed)
        questions = [Question(examples[i][0], _asked(labels[names[i]])) for i in unseen]
        judgements += evaluate(questions, replace(understanding, selector=selector))
    return judgements


def _folds(names: Sequence[str], seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    splitter = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    return splitter.split(np.zeros(len(names)), names)


def _asked(label: Label) -> str:
    if label.kind == OUT_OF_SCOPE:
        return OUT_OF_SCOPE_PREFIX
    return label.topic or label.name

"""Asks each training phrasing of a selector that hasn't seen it: stratified cross-validation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from sklearn.model_selection import StratifiedKFold

from bot.errors import HRBotError
from bot.nlu.decision import OUT_OF_SCOPE, Label
from bot.nlu.evaluation.judging import Judgement, evaluate
from bot.nlu.evaluation.questions import OUT_OF_SCOPE_PREFIX, Question
from bot.nlu.selector import TopicSelector
from bot.nlu.understanding import Understanding

FOLDS = 5


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
        understanding: The trained one. Its labels and its encoder are used again, by each fold: a
            `RememberingEncoder` embeds once.
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
    encoder = understanding.selector.encoder
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

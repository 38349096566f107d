"""Learns topics from phrasings, ranks them for a message and decides; it doesn't know Rasa.

`TopicSelector.fit(examples, labels, encoder)` once, then `decide(text, audience)` per message.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from bot.errors import HRBotError
from bot.nlu.confidence import ConfidenceCurve, UnseenScores, is_right, leads_of, unseen_scores
from bot.nlu.decision import CRISIS, EMPLOYEE, MOST_OFFERS, Candidate, Decision, Label
from bot.nlu.features import SparseFeatures
from bot.nlu.naming import naming_words
from bot.nlu.ranking import Ranking, Thresholds, decide
from bot.nlu.repair import TypoRepair, words_of
from bot.nlu.scorer import LabelScorer
from bot.nlu.thresholds import choose_thresholds

__all__ = ["Candidate", "Decision", "Label", "TopicSelector", "TrainingError"]

TRAINING_BUDGET = 0.08
_SETTINGS, _ARRAYS = "selector.json", "selector.npz"


class TrainingError(HRBotError):
    """The training phrasings don't suffice, or a label is unknown."""


class Encoder(Protocol):
    """What the selector needs of a sentence encoder."""

    def encode(self, text: str) -> np.ndarray:
        """Return a vector of length 1."""

    def known_words(self) -> frozenset[str]:
        """Return real words, which are never repaired."""


@dataclass(frozen=True)
class TopicSelector:
    """The trained selector. `thresholds` come from training unless replaced by calibrated ones."""

    encoder: Encoder
    labels: tuple[Label, ...]
    repair: TypoRepair
    features: SparseFeatures
    scorer: LabelScorer
    curve: ConfidenceCurve
    thresholds: Thresholds
    names: Mapping[str, list[int]]

    @classmethod
    def fit(
        cls,
        examples: Sequence[tuple[str, str]],
        labels: Sequence[Label],
        encoder: Encoder,
        *,
        seed: int = 0,
    ) -> TopicSelector:
        """Train on pairs of phrasing and label name.

        Raises:
            TrainingError: Fewer than two labels have phrasings, or a phrasing's label is unknown.
        """
        used = _used_labels(examples, labels)
        number_of = {label.name: number for number, label in enumerate(used)}
        numbers = np.array([number_of[name] for _, name in examples])
        repair = TypoRepair.from_phrasings((text for text, _ in examples), encoder.known_words())
        texts = [repair.repair(text) for text, _ in examples]
        vectors = np.vstack([encoder.encode(text) for text in texts])
        sparse = SparseFeatures.fit(texts, seed=seed)
        features = sparse.beside(vectors, texts)
        unseen = list(unseen_scores(features, vectors, numbers, used, seed))
        untuned = cls(
            encoder=encoder,
            labels=used,
            repair=repair,
            features=sparse,
            scorer=LabelScorer.fit(features, vectors, numbers),
            curve=_fitted_curve(unseen, used),
            thresholds=Thresholds(1.0, 1.0),
            names=naming_words(zip(texts, numbers.tolist(), strict=True), used),
        )
        return replace(untuned, thresholds=untuned._thresholds_from(unseen))

    def rank(self, text: str, audience: str = EMPLOYEE, *, may_be_crisis: bool = True) -> Ranking:
        """Return how well all labels fit a message of this audience.

        With `may_be_crisis=False` the crisis labels are left out: something else has told that
        the message only sounds like one.
        """
        repaired = self.repair.repair(text)
        vector = self.encoder.encode(repaired)[None, :]
        scores = self.scorer.scores(self.features.beside(vector, [repaired]), vector)[0]
        words = words_of(repaired)
        word = words[0] if len(words) == 1 else None
        return self._ranking(scores, audience, word, may_be_crisis=may_be_crisis)

    def decide(
        self, text: str, audience: str = EMPLOYEE, thresholds: Thresholds | None = None
    ) -> Decision:
        """Return what to do with a message; crisis phrases are asked before, elsewhere."""
        return decide(self.rank(text, audience), thresholds or self.thresholds)

    def save(self, folder: Path) -> None:
        """Write everything but the encoder into an existing folder."""
        vocabularies, arrays = self.features.state()
        settings = {
            "labels": [asdict(label) for label in self.labels],
            "vocabularies": vocabularies,
            "repair": self.repair.vocabulary,
            "curve": asdict(self.curve),
            "thresholds": asdict(self.thresholds),
            "names": self.names,
        }
        (folder / _SETTINGS).write_text(json.dumps(settings), encoding="utf-8")
        parts = {field.name: getattr(self.scorer, field.name) for field in fields(LabelScorer)}
        np.savez_compressed(folder / _ARRAYS, **arrays, **parts)

    @classmethod
    def load(cls, folder: Path, encoder: Encoder) -> TopicSelector:
        """Read what `save` wrote. The encoder must be the one it was trained with."""
        settings = json.loads((folder / _SETTINGS).read_text(encoding="utf-8"))
        with np.load(folder / _ARRAYS, allow_pickle=False) as stored:
            arrays = dict(stored)
        return cls(
            encoder=encoder,
            labels=tuple(Label(**label) for label in settings["labels"]),
            repair=TypoRepair(settings["repair"], encoder.known_words()),
            features=SparseFeatures.from_state(settings["vocabularies"], arrays),
            scorer=LabelScorer(**{field.name: arrays[field.name] for field in fields(LabelScorer)}),
            curve=ConfidenceCurve(**settings["curve"]),
            thresholds=Thresholds(**settings["thresholds"]),
            names=settings["names"],
        )

    def _ranking(
        self, scores: np.ndarray, audience: str, word: str | None, *, may_be_crisis: bool
    ) -> Ranking:
        possible = [
            n for n, label in enumerate(self.labels) if may_be_crisis or label.kind != CRISIS
        ]
        overall = self._candidates(scores, possible)
        visible = [n for n in possible if self.labels[n].is_open_to(audience)]
        candidates = overall if visible == possible else self._candidates(scores, visible)
        naming = {self.labels[n] for n in self.names.get(word, ())} if word else set()
        named = tuple(candidate for candidate in overall if candidate.label in naming)
        return Ranking(audience, overall[0], candidates, named)

    def _candidates(self, scores: np.ndarray, numbers: Sequence[int]) -> tuple[Candidate, ...]:
        kept = scores[list(numbers)]
        leads = leads_of(kept, [self.labels[n].meaning for n in numbers])
        confidences = self.curve.confidence(kept, leads)
        return tuple(
            Candidate(self.labels[numbers[i]], float(confidences[i]), float(kept[i]))
            for i in np.argsort(-kept, kind="stable")
        )

    def _thresholds_from(self, unseen: Sequence[UnseenScores]) -> Thresholds:
        judged = []
        for one in unseen:
            present = [n for n in range(len(self.labels)) if np.isfinite(one.scores[n])]
            candidates = self._candidates(one.scores, present)[: MOST_OFFERS * 2]
            expected = None if one.expected is None else self.labels[one.expected].topic
            if one.expected is None or expected is not None:
                judged.append((Ranking(EMPLOYEE, candidates[0], candidates), expected))
        return choose_thresholds(judged, budget=TRAINING_BUDGET)


def _used_labels(examples: Sequence[tuple[str, str]], labels: Sequence[Label]) -> tuple[Label, ...]:
    by_name = {label.name: label for label in labels}
    names = sorted({name for _, name in examples})
    if unknown := [name for name in names if name not in by_name]:
        raise TrainingError(f"There are phrasings for unknown topics: {', '.join(unknown)}.")
    if len(names) < 2:
        raise TrainingError("Understanding needs phrasings of at least two topics.")
    return tuple(by_name[name] for name in names)


def _fitted_curve(unseen: Sequence[UnseenScores], labels: Sequence[Label]) -> ConfidenceCurve:
    meanings = [label.meaning for label in labels]
    tops = [(one, int(np.argmax(one.scores))) for one in unseen]
    return ConfidenceCurve.fit(
        np.array([one.scores[top] for one, top in tops]),
        np.array([leads_of(one.scores, meanings)[top] for one, top in tops]),
        np.array([is_right(top, one.expected, labels) for one, top in tops], dtype=bool),
    )

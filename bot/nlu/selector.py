"""Learns topics from phrasings, ranks them for a message and decides; it doesn't know Rasa.

`TopicSelector.fit(examples, labels, encoder, answers)` once, then `decide(text)` per message.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np

from bot.errors import HRBotError
from bot.nlu.confidence import (
    ConfidenceCurve,
    Rivals,
    UnseenScores,
    fitted_curve,
    signals,
    unseen_scores,
)
from bot.nlu.decision import CRISIS, EMPLOYEE, MOST_OFFERS, Candidate, Decision, Label
from bot.nlu.features import SparseFeatures
from bot.nlu.naming import naming_words
from bot.nlu.ranking import Ranking, Thresholds, decide
from bot.nlu.repair import TypoRepair, words_of
from bot.nlu.scorer import GroupedVectors, LabelScorer, Scores
from bot.nlu.thresholds import choose_thresholds

__all__ = ["Candidate", "Decision", "Label", "TopicSelector", "TrainingError"]

TRAINING_BUDGET, LEFT_OUT_BUDGET = 0.08, 0.2
"""Wrong answers allowed among unseen phrasings, and those of topics left out: hard cases both."""
JUDGED_AT_MOST = 1500
"""So many unseen phrasings choose the thresholds; more cost seconds and move nothing."""
SHORTLIST = 400
"""A ranking holds no more labels than that."""
_SETTINGS, _ARRAYS = "selector.json", "selector.npz"


class TrainingError(HRBotError):
    """The training phrasings don't suffice, or a label is unknown."""


class Encoder(Protocol):
    """What the selector needs of a sentence encoder."""

    def encode_layers(self, text: str) -> np.ndarray:
        """Return vectors of length 1 (layers, dimensions); the first is the text's own."""

    def encode_all(self, texts: Iterable[str]) -> np.ndarray:
        """Return what `encode_layers` gives for each text (texts, layers, dimensions)."""

    def known_words(self) -> frozenset[str]:
        """Return real words, which are never repaired."""


@dataclass(frozen=True)
class _Field:
    """The labels that compete in a ranking, their numbers among all, and how they compete."""

    numbers: np.ndarray
    labels: tuple[Label, ...]
    rivals: Rivals


@dataclass(frozen=True)
class TopicSelector:
    """The trained selector. `thresholds` come from training unless replaced by calibrated ones.

    `texts` are the phrasings it has learnt, in the order of the scorer's vectors.
    """

    encoder: Encoder
    labels: tuple[Label, ...]
    repair: TypoRepair
    features: SparseFeatures
    scorer: LabelScorer
    curve: ConfidenceCurve
    thresholds: Thresholds
    names: Mapping[str, list[int]]
    texts: tuple[str, ...] = ()

    @classmethod
    def fit(
        cls,
        examples: Sequence[tuple[str, str]],
        labels: Sequence[Label],
        encoder: Encoder,
        answers: Mapping[str, Sequence[str]] | None = None,
        *,
        seed: int = 0,
    ) -> TopicSelector:
        """Train on pairs of phrasing and label name.

        Args:
            examples: What people say, and which label it means.
            labels: All labels.
            encoder: Makes the sentence vectors.
            answers: Sentences of the labels' answers, by label name.
            seed: For what is drawn by lot: the folds and the folding.

        Raises:
            TrainingError: Fewer than two labels have phrasings, or a phrasing's label is unknown.
        """
        used = _used_labels(examples, labels)
        number_of = {label.name: number for number, label in enumerate(used)}
        numbers = np.array([number_of[name] for _, name in examples])
        repair = TypoRepair.from_phrasings((text for text, _ in examples), encoder.known_words())
        texts = [repair.repair(text) for text, _ in examples]
        layers = encoder.encode_all(texts)
        sparse = SparseFeatures.fit(texts, seed=seed)
        features, vectors = sparse.beside(_side_by_side(layers), texts), layers[:, 0]
        answering = _answer_vectors(answers or {}, number_of, encoder, layers.shape[2])
        unseen = list(unseen_scores(features, vectors, numbers, used, answering, seed))
        untuned = cls(
            encoder=encoder,
            labels=used,
            repair=repair,
            features=sparse,
            scorer=LabelScorer.fit(features, vectors, numbers, answering),
            curve=fitted_curve(unseen, used),
            thresholds=Thresholds(1.0, 1.0),
            names=naming_words(zip(texts, numbers.tolist(), strict=True), used),
            texts=tuple(examples[n][0] for n in np.argsort(numbers, kind="stable")),
        )
        return replace(untuned, thresholds=untuned._thresholds_from(unseen, seed))

    def rank(self, text: str, audience: str = EMPLOYEE, *, may_be_crisis: bool = True) -> Ranking:
        """Return how well all labels fit a message of this audience.

        With `may_be_crisis=False` the crisis labels are left out: something else has told that
        the message only sounds like one.
        """
        repaired = self.repair.repair(text)
        layers = self.encoder.encode_layers(repaired)[None, :]
        features = self.features.beside(_side_by_side(layers), [repaired])
        scores = self.scorer.scores(features, layers[:, 0])
        words = words_of(repaired)
        word = words[0] if len(words) == 1 else None
        return self._ranking(scores, audience, word, may_be_crisis=may_be_crisis)

    def decide(
        self, text: str, audience: str = EMPLOYEE, thresholds: Thresholds | None = None
    ) -> Decision:
        """Return what to do with a message; crisis phrases are asked before, elsewhere."""
        return decide(self.rank(text, audience), thresholds or self.thresholds)

    def vector(self, text: str) -> np.ndarray:
        """Return the sentence vector of a message, of length 1."""
        return self.encoder.encode_layers(self.repair.repair(text))[0]

    def learnt(self) -> list[tuple[str, Label]]:
        """Return the phrasings with what they mean, in the order of the scorer's vectors.

        A model of before they were kept has none.
        """
        if not self.texts:
            return []
        counts = np.diff(self.scorer.phrasings.starts)
        labels = [
            label for label, count in zip(self.labels, counts, strict=True) for _ in range(count)
        ]
        return list(zip(self.texts, labels, strict=True))

    def nearest_other(self, vector: np.ndarray, meaning: str) -> float:
        """Return the similarity to the nearest phrasing that doesn't have this meaning."""
        phrasings = self.scorer.phrasings
        nearest = phrasings.likeness(vector[None, :], 1)[0]
        others = [n for n, label in enumerate(self.labels) if label.meaning != meaning]
        return float(nearest[others].max()) if others else -1.0

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
            "texts": self.texts,
        }
        (folder / _SETTINGS).write_text(json.dumps(settings), encoding="utf-8")
        parts = {
            "weights": self.scorer.weights,
            "offsets": self.scorer.offsets,
            "phrasings": self.scorer.phrasings.vectors,
            "phrasing_starts": self.scorer.phrasings.starts,
            "answers": self.scorer.answers.vectors,
            "answer_starts": self.scorer.answers.starts,
        }
        np.savez(folder / _ARRAYS, **arrays, **parts)

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
            scorer=LabelScorer(
                arrays["weights"],
                arrays["offsets"],
                GroupedVectors(arrays["phrasings"], arrays["phrasing_starts"]),
                GroupedVectors(arrays["answers"], arrays["answer_starts"]),
            ),
            curve=ConfidenceCurve(tuple(settings["curve"]["weights"]), settings["curve"]["offset"]),
            thresholds=Thresholds(**settings["thresholds"]),
            names=settings["names"],
            texts=tuple(settings.get("texts", ())),
        )

    def _ranking(
        self, scores: Scores, audience: str, word: str | None, *, may_be_crisis: bool
    ) -> Ranking:
        possible = self._field(EMPLOYEE, may_be_crisis)
        overall = self._candidates(scores, possible)
        visible = self._field(audience, may_be_crisis)
        is_all = len(visible.labels) == len(possible.labels)
        candidates = overall if is_all else self._candidates(scores, visible)
        naming = {self.labels[n] for n in self.names.get(word, ())} if word else set()
        named = tuple(one for one in overall if one.label in naming) if naming else ()
        return Ranking(audience, overall[0], candidates, named)

    @cached_property
    def _field(self) -> Callable[[str, bool], _Field]:
        """Give the labels that compete for an audience; there are four fields, made once each."""

        def field_of(audience: str, may_be_crisis: bool) -> _Field:
            numbers = [
                n
                for n, label in enumerate(self.labels)
                if label.is_open_to(audience) and (may_be_crisis or label.kind != CRISIS)
            ]
            labels = tuple(self.labels[n] for n in numbers)
            return _Field(np.array(numbers), labels, Rivals.among(labels))

        return lru_cache(maxsize=8)(field_of)

    def _candidates(self, scores: Scores, field: _Field) -> tuple[Candidate, ...]:
        kept = scores.only(field.numbers)
        confidences = self.curve.confidence(signals(kept, field.rivals)[0])
        order = np.argsort(-kept.total[0], kind="stable")[:SHORTLIST]
        # Further down nothing may look surer than what is above it.
        falling = np.minimum.accumulate(confidences[order])
        labels = [field.labels[n] for n in order.tolist()]
        return tuple(map(Candidate, labels, falling.tolist(), kept.total[0, order].tolist()))

    def _thresholds_from(self, unseen: Sequence[UnseenScores], seed: int) -> Thresholds:
        judged = [one for batch in unseen for one in self._judged(batch)]
        drawn = np.random.default_rng(seed).permutation(len(judged))[:JUDGED_AT_MOST]
        return choose_thresholds(
            [judged[i] for i in drawn], budget=TRAINING_BUDGET, out_of_scope_budget=LEFT_OUT_BUDGET
        )

    def _judged(self, unseen: UnseenScores) -> Iterator[tuple[Ranking, str | None]]:
        labels = [self.labels[n] for n in unseen.present]
        confidences = self.curve.confidence(signals(unseen.scores, unseen.rivals(self.labels)))
        best = np.argsort(-unseen.scores.total, axis=1)[:, : MOST_OFFERS * 2]
        for row, expected in enumerate(unseen.expected):
            topic = self.labels[expected].topic if expected >= 0 else None
            if expected < 0 or topic is not None:
                candidates = tuple(
                    Candidate(
                        labels[n], float(confidences[row, n]), float(unseen.scores.total[row, n])
                    )
                    for n in best[row]
                )
                yield Ranking(EMPLOYEE, candidates[0], candidates), topic


def _side_by_side(layers: np.ndarray) -> np.ndarray:
    return layers.reshape(len(layers), -1)


def _answer_vectors(
    answers: Mapping[str, Sequence[str]],
    number_of: Mapping[str, int],
    encoder: Encoder,
    dimensions: int,
) -> GroupedVectors:
    pairs = [(text, n) for name, n in number_of.items() for text in answers.get(name, ())]
    vectors = np.zeros((0, dimensions), np.float32)
    if pairs:
        vectors = encoder.encode_all([text for text, _ in pairs])[:, 0]
    return GroupedVectors.of(vectors, np.array([n for _, n in pairs], dtype=int), len(number_of))


def _used_labels(examples: Sequence[tuple[str, str]], labels: Sequence[Label]) -> tuple[Label, ...]:
    by_name = {label.name: label for label in labels}
    names = sorted({name for _, name in examples})
    if unknown := [name for name in names if name not in by_name]:
        raise TrainingError(f"There are phrasings for unknown topics: {', '.join(unknown)}.")
    if len(names) < 2:
        raise TrainingError("Understanding needs phrasings of at least two topics.")
    return tuple(by_name[name] for name in names)

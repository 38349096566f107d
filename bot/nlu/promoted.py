"""Recognises the questions that HR has promoted since the model was trained.

They aren't learnt but compared: what somebody asks with each promoted question, and with the
phrasings that the model has learnt for other topics. A promoted question has to fit well, and
better than all of those.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bot.nlu.decision import Label

ANSWER_FIT, LEAST_SIMILARITY = 0.7, 0.6
"""From here on, and from this similarity on, a promoted question's answer is given.

Measured (`hrbot faq measure`) by taking each of our 117 topics out of 8,788 phrasings and putting
back three of its phrasings as if HR had promoted them: of the other topics' questions, 40 of a
million are taken wrongly (0.35 a topic), so that even 50 promoted questions cost 0.2 %.
The fit alone isn't enough: where nothing was ever learnt, everything has a long lead.
"""
OFFER_FIT = 0.5
"""From here on it is offered among the choices; measured likewise, 66 % of them are right."""
ROUNDING = 1e-5
"""A smaller lead is none: the very words of another topic lead it by what rounding leaves."""


@dataclass(frozen=True)
class PromotedEntry:
    """One promoted question: its words, what they mean, their sentence vector (length 1).

    `is_withdrawn`: HR took it back after the model had learnt it.
    """

    text: str
    label: Label
    vector: np.ndarray
    is_withdrawn: bool = False


@dataclass(frozen=True)
class PromotedMatch:
    """The promoted question that is nearest to what somebody asks.

    Attributes:
        entry: The promoted question.
        similarity: Cosine of the two, -1 to 1.
        lead: How much nearer it is than any phrasing of another topic.
    """

    entry: PromotedEntry
    similarity: float
    lead: float

    @property
    def fit(self) -> float:
        """Return how well it fits: similarity and lead together."""
        return self.similarity + self.lead

    @property
    def is_answer(self) -> bool:
        """Tell whether it fits well enough to be answered."""
        return (
            self.fit >= ANSWER_FIT and self.lead > ROUNDING and self.similarity >= LEAST_SIMILARITY
        )

    @property
    def is_offer(self) -> bool:
        """Tell whether it fits well enough to be offered."""
        return self.fit >= OFFER_FIT


@dataclass(frozen=True)
class PromotedIndex:
    """All promoted questions."""

    entries: tuple[PromotedEntry, ...] = ()

    def nearest(
        self,
        vector: np.ndarray,
        audience: str,
        nearest_other: Callable[[str], float],
    ) -> PromotedMatch | None:
        """Return the promoted question that fits best among those that this audience may ask.

        Args:
            vector: What is asked.
            audience: Who asks.
            nearest_other: Gives the similarity to the nearest learnt phrasing of another meaning.
        """
        visible = [entry for entry in self.entries if entry.label.is_open_to(audience)]
        if not visible:
            return None
        similarities = np.stack([entry.vector for entry in visible]) @ vector
        number = int(similarities.argmax())
        best, similarity = visible[number], float(similarities[number])
        if 2 * similarity < OFFER_FIT:
            return None
        meaning = best.label.meaning
        others = [
            float(value)
            for entry, value in zip(visible, similarities, strict=True)
            if entry.label.meaning != meaning
        ]
        return PromotedMatch(best, similarity, similarity - max([nearest_other(meaning), *others]))


def fits(
    similarity: np.ndarray, nearest_other: np.ndarray, least: float = LEAST_SIMILARITY
) -> np.ndarray:
    """Return the fit for many questions at once; -1 where there is no lead or too little likeness.

    Args:
        similarity: To the promoted question.
        nearest_other: To the nearest phrasing of another meaning.
        least: The least likeness.
    """
    lead = similarity - nearest_other
    return np.where((lead > ROUNDING) & (similarity >= least), similarity + lead, -1.0)

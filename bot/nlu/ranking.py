"""Takes the decision on a ranked message: answer, clarify or hand over. The one place for it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.nlu.decision import (
    CLARIFY,
    CRISIS,
    FAQ,
    HANDOVER,
    INTERNAL,
    MOST_OFFERS,
    OUT_OF_SCOPE,
    SENSITIVE,
    Candidate,
    Decision,
    Label,
)

CRISIS_THRESHOLD = 0.3
"""From here on the model's word alone alarms; phrases come first (bot/nlu/crisis.py).

Out of fold, without the phrases: 122 of 193 crisis phrasings are recognised and 6 of 8,419 other
phrasings alarm; at 0.1 it is 152 and 23, but then strange messages of all kinds alarm too.
"""
HINT_SHARE = 0.5
"""From this share of the clarify threshold on, a guess gives a handover its kind."""
LEAST_OFFER = 0.005
"""Choices less likely than this would only puzzle."""


@dataclass(frozen=True)
class Thresholds:
    """From which confidence on to answer, and from which to offer choices; 0 to 1.

    `sensitive` is the answer threshold of sensitive topics (None: that of all): who tells of
    harassment or an injury should be heard at once instead of choosing from a list.
    """

    answer: float
    clarify: float
    sensitive: float | None = None

    def to_answer(self, label: Label) -> float:
        """Return from which confidence on this label is answered."""
        if label.kind == SENSITIVE and self.sensitive is not None:
            return self.sensitive
        return self.answer


@dataclass(frozen=True)
class Ranking:
    """How well labels fit one message.

    Attributes:
        audience: Who asks.
        best: The best candidate of all, whether the asker may see its answer or not.
        candidates: What the asker may be given, best first, confidence reckoned among themselves.
        named: For a message of one word: the labels that this word names, best first.
        has_two_readings: The first two candidates are both meant as much; neither is answered.
    """

    audience: str
    best: Candidate
    candidates: tuple[Candidate, ...]
    named: tuple[Candidate, ...] = ()
    has_two_readings: bool = False

    def or_else(self, other: Ranking) -> Ranking:
        """Return this ranking with another's best beside its own: the message has two readings."""
        firsts = [self.best, other.best]
        known = {one.label for one in firsts}
        rest = [one for one in self.candidates if one.label not in known]
        seen = [one for one in (*firsts, *rest) if one.label.is_open_to(self.audience)]
        return replace(self, candidates=tuple(seen), has_two_readings=True)

    def without(self, meaning: str) -> Ranking:
        """Return the ranking without the labels of one meaning; the best of the rest leads."""
        candidates, named = (
            tuple(one for one in some if one.label.meaning != meaning)
            for some in (self.candidates, self.named)
        )
        if self.best.label.meaning != meaning or not candidates:
            return replace(self, candidates=candidates or self.candidates, named=named)
        return replace(self, best=candidates[0], candidates=candidates, named=named)


def decide(ranking: Ranking, thresholds: Thresholds) -> Decision:
    """Return what to do with the message. Nothing internal reaches a candidate's decision."""
    best = ranking.best
    if best.label.kind == CRISIS and best.confidence >= CRISIS_THRESHOLD:
        return Decision.answering(best.label, best.confidence)
    if not best.label.is_open_to(ranking.audience):
        return _instead_of_internal(ranking, thresholds)
    offers = _offers(ranking.candidates)
    if ranking.has_two_readings and offers:
        return _clarifying(offers)
    if best.label.kind == OUT_OF_SCOPE:
        return _clarify_or_hand_over(ranking, offers, thresholds, from_confidence=thresholds.answer)
    if best.confidence >= thresholds.to_answer(best.label):
        return Decision.answering(best.label, best.confidence, offers)
    return _clarify_or_hand_over(ranking, offers, thresholds, from_confidence=thresholds.clarify)


def _instead_of_internal(ranking: Ranking, thresholds: Thresholds) -> Decision:
    offers = _offers(ranking.candidates)
    meant = ranking.best.confidence >= thresholds.clarify or ranking.best in ranking.named
    return _clarify_or_hand_over(
        ranking,
        offers,
        thresholds,
        from_confidence=thresholds.answer,
        reason=INTERNAL if meant else None,
    )


def _clarify_or_hand_over(
    ranking: Ranking,
    offers: tuple[Candidate, ...],
    thresholds: Thresholds,
    *,
    from_confidence: float,
    reason: str | None = None,
) -> Decision:
    if offers and offers[0].confidence >= from_confidence:
        return _clarifying(offers)
    named = _offers(
        tuple(one for one in ranking.named if one.label.is_open_to(ranking.audience)), least=0.0
    )
    if named and reason is None:
        return _clarifying(named)
    confidence = offers[0].confidence if offers else 0.0
    hints = confidence >= thresholds.clarify * HINT_SHARE
    kind = offers[0].label.kind if offers and hints else FAQ
    return Decision(HANDOVER, kind, confidence, candidates=offers, reason=reason)


def _clarifying(offers: tuple[Candidate, ...]) -> Decision:
    return Decision(CLARIFY, offers[0].label.kind, offers[0].confidence, candidates=offers)


def _offers(candidates: tuple[Candidate, ...], least: float = LEAST_OFFER) -> tuple[Candidate, ...]:
    """Pick what fits on a button: one label a meaning, at most three; the first whatever it is."""
    chosen: dict[str, Candidate] = {}
    for candidate in candidates:
        if candidate.label.fits_on_a_button and (not chosen or candidate.confidence >= least):
            chosen.setdefault(candidate.label.meaning, candidate)
    return tuple(chosen.values())[:MOST_OFFERS]

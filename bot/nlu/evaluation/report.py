"""What an evaluation found: figures as JSON values, and tables for people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from bot.nlu.decision import ANSWER, CLARIFY, HANDOVER
from bot.nlu.evaluation.calibration import calibration_error, reliability, risk_coverage
from bot.nlu.evaluation.confusions import Confusion
from bot.nlu.evaluation.judging import Judgement, Outcome
from bot.nlu.evaluation.questions import Scope
from bot.nlu.evaluation.shares import Share
from bot.nlu.ranking import Thresholds

WORST_SHOWN = 15

Holds = Callable[[Judgement], bool]
Column = tuple[str, str, Holds, Holds]
_IN_SCOPE = "in scope"
_OUT_OF_SCOPE = "out of scope"


@dataclass(frozen=True)
class Report:
    """All judgements of a run with what led to the wrong answers."""

    judgements: tuple[Judgement, ...]
    confusions: tuple[Confusion, ...]
    thresholds: Thresholds

    def shares(self) -> dict[str, Share]:
        """Return the figures that count, by name; each among the questions it is about."""
        return {name: Share.among(self._of(which), holds) for name, _, which, holds in _SUMMARY}

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values: shares, categories, confusions, both curves."""
        bins = reliability(self.judgements)
        return {
            "questions": len(self.judgements),
            "thresholds": asdict(self.thresholds),
            "shares": {name: share.as_dict() for name, share in self.shares().items()},
            "categories": {
                category: {
                    "questions": len(group),
                    "shares": {
                        name: round(share.value, 4)
                        for (name, *_), share in _category_shares(group)
                        if share.of
                    },
                }
                for category, group in self._by_category().items()
            },
            "confusions": [one.as_dict() for one in self.confusions],
            "calibration": {
                "error": round(calibration_error(bins), 4),
                "bins": [
                    {"confidence": round(one.confidence, 4), "right": one.right.as_dict()}
                    for one in bins
                ],
            },
            "risk_coverage": [
                {name: round(value, 4) for name, value in asdict(point).items()}
                for point in risk_coverage(self.judgements)
            ],
        }

    def tables(self, title: str) -> list[Table]:
        """Return tables for people: the summary, per category, and the worst confusions."""
        return [self._summary_table(title), self._category_table(), self._confusion_table()]

    def _of(self, which: Holds) -> list[Judgement]:
        return [one for one in self.judgements if which(one)]

    def _by_category(self) -> dict[str, list[Judgement]]:
        groups: dict[str, list[Judgement]] = {}
        for judgement in sorted(self.judgements, key=lambda one: one.question.category):
            groups.setdefault(judgement.question.category, []).append(judgement)
        return groups

    def _summary_table(self, title: str) -> Table:
        table = Table("", "", "questions", "share", "95 % interval", title=title)
        shares, before = self.shares(), ""
        for name, (group, what), _, _ in _SUMMARY:
            share = shares[name]
            low, high = (f"{100 * bound:.1f}" for bound in share.interval)
            interval = f"{low} – {high} %" if share.of else ""
            shown = "" if group == before else group
            if before and shown:
                table.add_section()
            table.add_row(shown, what, f"{share.count} of {share.of}", str(share), interval)
            before = group
        return table

    def _category_table(self) -> Table:
        headings = [heading for _, heading, _, _ in _CATEGORY_COLUMNS]
        table = Table("%", "asked", *headings, box=SIMPLE_HEAD, collapse_padding=True)
        for category, group in self._by_category().items():
            shares = (str(share).removesuffix(" %") for _, share in _category_shares(group))
            table.add_row(category, str(len(group)), *shares)
        return table

    def _confusion_table(self) -> Table:
        table = Table("times", "asked → answered", "e.g., because of the training phrasing")
        for one in self.confusions[:WORST_SHOWN]:
            example = one.questions[0]
            said = " | ".join([*example.context, example.text])
            cause = f"“{example.phrasing}”" if example.phrasing else "a phrase in data/crisis.yml"
            table.add_row(
                str(len(one.questions)),
                f"{one.asked}\n→ {one.answered}",
                f"“{said}” ({example.confidence:.2f})\n← {cause}",
            )
        return table


def _scope(scope: Scope) -> Holds:
    return lambda one: one.scope is scope


def _outcome(outcome: Outcome) -> Holds:
    return lambda one: one.outcome is outcome


def _decision(decision: str) -> Holds:
    return lambda one: one.decision.decision == decision


def _is_look_alike(one: Judgement) -> bool:
    return one.question.is_look_alike


def _expects_a_topic(one: Judgement) -> bool:
    return one.expected is not None


def _is_alarm(one: Judgement) -> bool:
    return one.is_alarm


_SUMMARY: Sequence[tuple[str, tuple[str, str], Holds, Holds]] = (
    *(
        (outcome.name.lower(), (_IN_SCOPE, outcome.value), _scope(Scope.IN), _outcome(outcome))
        for outcome in Outcome
    ),
    (
        "out_of_scope_answered",
        (_OUT_OF_SCOPE, "answered (wrong)"),
        _scope(Scope.OUT),
        _decision(ANSWER),
    ),
    (
        "out_of_scope_clarified",
        (_OUT_OF_SCOPE, "clarified"),
        _scope(Scope.OUT),
        _decision(CLARIFY),
    ),
    (
        "out_of_scope_handed_over",
        (_OUT_OF_SCOPE, "handed over"),
        _scope(Scope.OUT),
        _decision(HANDOVER),
    ),
    ("crisis_recall", ("crisis", "helped at once"), _scope(Scope.CRISIS), _is_alarm),
    (
        "crisis_right_help",
        ("crisis", "with the right help"),
        _scope(Scope.CRISIS),
        _outcome(Outcome.RIGHT),
    ),
    ("look_alike_alarms", ("look-alikes", "alarmed (wrong)"), _is_look_alike, _is_alarm),
)
"""Each figure: its name, how the table calls it, among which questions, and what is counted."""

_CATEGORY_COLUMNS: Sequence[Column] = (
    ("first", "first", _expects_a_topic, lambda one: one.is_among_first(1)),
    ("among_first_three", "in 3", _expects_a_topic, lambda one: one.is_among_first(3)),
    *(
        (outcome.name.lower(), heading, lambda _: True, _outcome(outcome))
        for outcome, heading in zip(
            Outcome, ("right", "wrong", "offer +", "offer -", "handed over"), strict=True
        )
    ),
)
"""The same for each category; the right topic ranks first, or is among the first three."""


def _category_shares(group: Sequence[Judgement]) -> list[tuple[Column, Share]]:
    return [
        (column, Share.among([one for one in group if column[2](one)], column[3]))
        for column in _CATEGORY_COLUMNS
    ]

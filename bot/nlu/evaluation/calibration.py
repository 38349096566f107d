"""How far confidence can be trusted, what each threshold costs, and the choice of thresholds."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.nlu.decision import ANSWER
from bot.nlu.evaluation.judging import Judgement, Outcome, outcome_of
from bot.nlu.evaluation.questions import Question, Scope
from bot.nlu.evaluation.shares import Share
from bot.nlu.ranking import Ranking, Thresholds, decide
from bot.nlu.thresholds import DEFAULT_FILE, choose_thresholds, write_thresholds

BINS = 10
OUT_OF_SCOPE_BUDGET = 0.05
"""Largest share of questions out of scope that may be answered."""
LEVELS = 50

Rank = Callable[[str, str, Sequence[str]], Ranking]


@dataclass(frozen=True)
class Bin:
    """Questions of about the same confidence: how sure the model was, how often it was right."""

    confidence: float
    right: Share


@dataclass(frozen=True)
class Point:
    """What one answer threshold brings: shares from 0 to 1.

    Attributes:
        threshold: From which confidence on is answered.
        coverage: In-scope questions that are answered, of all in scope.
        wrong: In-scope questions that are answered wrongly, of all in scope.
        risk: The same, of those that are answered.
        out_of_scope: Out-of-scope questions that are answered, of all out of scope.
    """

    threshold: float
    coverage: float
    wrong: float
    risk: float
    out_of_scope: float


def reliability(judgements: Sequence[Judgement], bins: int = BINS) -> list[Bin]:
    """Group questions by confidence, in bins of equal width; empty ones are left out.

    Crises aren't counted, since phrases find them, nor questions whose best label is no answer.
    """
    counted = [one for one in judgements if one.scope is not Scope.CRISIS and one.could_answer]
    groups: dict[int, list[Judgement]] = {}
    for one in counted:
        groups.setdefault(min(int(one.confidence * bins), bins - 1), []).append(one)
    return [
        Bin(
            sum(one.confidence for one in group) / len(group),
            Share.among(group, lambda one: one.is_best_right),
        )
        for _, group in sorted(groups.items())
    ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """Return the expected calibration error: the mean distance of confidence and truth, 0 to 1."""
    total = sum(one.right.of for one in bins)
    apart = sum(one.right.of * abs(one.confidence - one.right.value) for one in bins)
    return apart / total if total else 0.0


def risk_coverage(judgements: Sequence[Judgement], levels: int = LEVELS) -> list[Point]:
    """Return what each answer threshold from 0 to 1 would bring; crises aren't counted."""
    counted = [one for one in judgements if one.scope is not Scope.CRISIS]
    limits = [(one.scope, *_answered_up_to(one)) for one in counted]
    inside = [(limit, outcome) for scope, limit, outcome in limits if scope is Scope.IN]
    outside = [(limit, outcome) for scope, limit, outcome in limits if scope is Scope.OUT]
    return [_point(inside, outside, level / levels) for level in range(levels + 1)]


def calibrate(
    questions: Sequence[Question],
    rank: Rank,
    known_topics: Set[str],
    *,
    on: date,
    budget: float,
    file: Path = DEFAULT_FILE,
) -> Thresholds:
    """Choose both thresholds from validation questions and write data/decision.yml.

    Args:
        questions: Validation questions, never test or training ones.
        rank: Gets text, audience and context; crisis phrases aren't its business.
        known_topics: What the model knows.
        on: The date to write down.
        budget: Largest allowed share of wrong answers among questions in scope, 0 to 1.
        file: Where to write.
    """
    # How a follow-up is read depends on the thresholds that hold, so it can't choose them.
    questions = [one for one in questions if not one.is_crisis and not one.context]
    judged = [(rank(one.text, one.audience, ()), one.expected(known_topics)) for one in questions]
    chosen = choose_thresholds(judged, budget=budget, out_of_scope_budget=OUT_OF_SCOPE_BUDGET)
    figures = {
        "budget_wrong_answers": budget,
        "budget_out_of_scope_answered": OUT_OF_SCOPE_BUDGET,
        **_figures(judged, chosen),
    }
    write_thresholds(chosen, on=on, figures=figures, file=file)
    return chosen


def _answered_up_to(judgement: Judgement) -> tuple[float, Outcome]:
    """Return the highest threshold with which there is an answer (below 0: never), and its worth.

    A threshold doesn't change what is answered, only whether; an alarm heeds none.
    """
    always = decide(judgement.ranking, Thresholds(1.0, 1.0))
    decision = decide(judgement.ranking, Thresholds(0.0, 0.0))
    limit = -1.0
    if decision.decision == ANSWER:
        limit = 1.0 if always.decision == ANSWER else decision.confidence
    return limit, outcome_of(decision, judgement.expected)


def _point(
    inside: Sequence[tuple[float, Outcome]],
    outside: Sequence[tuple[float, Outcome]],
    threshold: float,
) -> Point:
    answers = [outcome for limit, outcome in inside if limit >= threshold]
    wrong = sum(outcome is Outcome.WRONG for outcome in answers)
    return Point(
        threshold,
        Share(len(answers), len(inside)).value,
        Share(wrong, len(inside)).value,
        Share(wrong, len(answers)).value,
        Share.among(outside, lambda one: one[0] >= threshold).value,
    )


def _figures(
    judged: Sequence[tuple[Ranking, str | None]], thresholds: Thresholds
) -> dict[str, float | int]:
    decided = [(decide(ranking, thresholds), topic) for ranking, topic in judged]
    inside = [outcome_of(decision, topic) for decision, topic in decided if topic is not None]
    outside = [decision for decision, topic in decided if topic is None]
    shares = {
        outcome.name.lower(): Share.among(inside, lambda one, wanted=outcome: one is wanted)
        for outcome in Outcome
    }
    shares["out_of_scope_answered"] = Share.among(outside, lambda one: one.decision == ANSWER)
    return {
        "questions_in_scope": len(inside),
        "questions_out_of_scope": len(outside),
        **{name: round(share.value, 4) for name, share in shares.items()},
    }

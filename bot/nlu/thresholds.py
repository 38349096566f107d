"""Chooses the two thresholds of the decision, and keeps them in data/decision.yml.

The file is data: `hrbot evaluate --calibrate` writes it from the validation questions.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.errors import DataFileError
from bot.nlu.decision import ANSWER, CLARIFY
from bot.nlu.ranking import Ranking, Thresholds, decide

DEFAULT_FILE = Path(__file__).resolve().parents[2] / "data" / "decision.yml"
USEFUL_OFFERS = 0.4
"""Choices are offered as long as at least this share of them holds the right one."""
LEAST_CLARIFY = 0.1
_STEP = 0.01
_HEADER = "# Written by: hrbot evaluate --calibrate. Not by hand: calibrate again instead.\n"

Judged = tuple[Ranking, "str | None"]
"""A ranked question and its topic, or None where handing over is right."""


def choose_thresholds(
    judged: Sequence[Judged], *, budget: float, out_of_scope_budget: float
) -> Thresholds:
    """Return the lowest answer threshold that keeps wrong answers within both budgets.

    The clarify threshold is then the lowest at which choices are still useful.

    Args:
        judged: Questions that weren't trained on.
        budget: Largest allowed share of wrong answers among questions in scope, 0 to 1.
        out_of_scope_budget: Largest allowed share of questions out of scope that are answered.
    """
    inside = [(ranking, topic) for ranking, topic in judged if topic is not None]
    outside = [(ranking, topic) for ranking, topic in judged if topic is None]
    answer = next(
        (
            level
            for level in _levels(_STEP, 1.0)
            if _wrong_answers(inside, level) <= budget * len(inside)
            and _wrong_answers(outside, level) <= out_of_scope_budget * len(outside)
        ),
        1.0,
    )
    clarify = next(
        (
            level
            for level in _levels(LEAST_CLARIFY, answer)
            if _are_offers_useful(judged, answer, level)
        ),
        answer,
    )
    return Thresholds(answer=answer, clarify=clarify)


def read_thresholds(file: Path = DEFAULT_FILE) -> Thresholds | None:
    """Return the calibrated thresholds, or None when there is no such file.

    Raises:
        DataFileError: The file doesn't hold two thresholds with 0 <= clarify <= answer <= 1.
    """
    if not file.exists():
        return None
    try:
        data = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
        thresholds = Thresholds(float(data["answer_threshold"]), float(data["clarify_threshold"]))
    except (YAMLError, KeyError, TypeError, ValueError) as error:
        raise DataFileError(
            f"{file} must hold answer_threshold and clarify_threshold as numbers."
        ) from error
    if not 0 <= thresholds.clarify <= thresholds.answer <= 1:
        raise DataFileError(f"{file}: thresholds must be 0 <= clarify <= answer <= 1.")
    return thresholds


def write_thresholds(
    thresholds: Thresholds,
    *,
    on: date,
    figures: Mapping[str, float | int],
    file: Path = DEFAULT_FILE,
) -> None:
    """Write the thresholds with the date and the figures that they were chosen by."""
    data = {
        "answer_threshold": round(thresholds.answer, 4),
        "clarify_threshold": round(thresholds.clarify, 4),
        "calibrated": on.isoformat(),
        "figures": dict(figures),
    }
    scratch = file.with_name(f".{file.name}.new")
    yaml = YAML()
    yaml.default_flow_style = False
    with scratch.open("w", encoding="utf-8") as stream:
        stream.write(_HEADER)
        yaml.dump(data, stream)
    os.replace(scratch, file)


def _levels(lowest: float, highest: float) -> list[float]:
    return [round(i * _STEP, 4) for i in range(round(lowest / _STEP), round(highest / _STEP) + 1)]


def _wrong_answers(judged: Sequence[Judged], answer: float) -> int:
    level = Thresholds(answer, answer)
    decisions = ((decide(ranking, level), topic) for ranking, topic in judged)
    return sum(
        d.decision == ANSWER and (topic is None or d.topic != topic) for d, topic in decisions
    )


def _are_offers_useful(judged: Sequence[Judged], answer: float, clarify: float) -> bool:
    offered = holding = 0
    for ranking, topic in judged:
        decision = decide(ranking, Thresholds(answer, clarify))
        if decision.decision == CLARIFY:
            offered += 1
            holding += topic in [one.label.topic for one in decision.candidates]
    return offered > 0 and holding >= USEFUL_OFFERS * offered

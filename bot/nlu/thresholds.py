"""Chooses the thresholds of the decision, and keeps them in data/decision.yml.

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
from bot.nlu.decision import ANSWER, CLARIFY, SENSITIVE
from bot.nlu.ranking import Ranking, Thresholds, decide

DEFAULT_FILE = Path(__file__).resolve().parents[2] / "data" / "decision.yml"
USEFUL_OFFERS = 0.4
"""Choices are offered as long as at least this share of them holds the right one."""
LEAST_CLARIFY = 0.1
SENSITIVE_RIGHT = 0.98
"""Sensitive topics are answered as long as this share of their answers is right."""
LEAST_SENSITIVE = 0.2
ENOUGH_SENSITIVE = 20
"""With fewer sensitive questions, their topics have the threshold of all."""
_STEP = 0.01
_HEADER = "# Written by: hrbot evaluate --calibrate. Not by hand: calibrate again instead.\n"

Judged = tuple[Ranking, "str | None"]
"""A ranked question and its topic, or None where handing over is right."""


def choose_thresholds(
    judged: Sequence[Judged], *, budget: float, out_of_scope_budget: float
) -> Thresholds:
    """Return the lowest answer threshold that keeps wrong answers within both budgets.

    The clarify threshold is then the lowest at which choices are still useful. Sensitive topics
    have an answer threshold of their own, never above that of all.

    Args:
        judged: Questions that weren't trained on.
        budget: Largest allowed share of wrong answers among questions in scope, 0 to 1.
        out_of_scope_budget: Largest allowed share of questions out of scope that are answered.
    """
    inside = [(ranking, topic) for ranking, topic in judged if topic is not None]
    outside = [(ranking, topic) for ranking, topic in judged if topic is None]
    sensitive = _sensitive_threshold(judged)

    def is_within(level: float) -> bool:
        thresholds = Thresholds(level, level, _at_most(sensitive, level))
        return _wrong_answers(inside, thresholds) <= budget * len(inside) and _wrong_answers(
            outside, thresholds
        ) <= out_of_scope_budget * len(outside)

    answer = next((level for level in _levels(_STEP, 1.0) if is_within(level)), 1.0)
    sensitive = _at_most(sensitive, answer)
    clarify = next(
        (
            level
            for level in _levels(LEAST_CLARIFY, answer)
            if _are_offers_useful(judged, Thresholds(answer, level, sensitive))
        ),
        answer,
    )
    return Thresholds(answer, clarify, sensitive)


def read_thresholds(file: Path = DEFAULT_FILE) -> Thresholds | None:
    """Return the calibrated thresholds, or None when there is no such file.

    Raises:
        DataFileError: The file doesn't hold thresholds with 0 <= clarify <= answer <= 1, or the
            sensitive one, which may be absent, isn't between 0 and the answer threshold.
    """
    if not file.exists():
        return None
    try:
        data = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
        sensitive = data.get("sensitive_threshold")
        thresholds = Thresholds(
            float(data["answer_threshold"]),
            float(data["clarify_threshold"]),
            None if sensitive is None else float(sensitive),
        )
    except (YAMLError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise DataFileError(
            f"{file} must hold answer_threshold and clarify_threshold as numbers."
        ) from error
    if not 0 <= thresholds.clarify <= thresholds.answer <= 1:
        raise DataFileError(f"{file}: thresholds must be 0 <= clarify <= answer <= 1.")
    if sensitive is not None and not 0 <= thresholds.sensitive <= thresholds.answer:
        raise DataFileError(f"{file}: thresholds must be 0 <= sensitive <= answer.")
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
        **_named_if_set(thresholds.sensitive),
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


def _named_if_set(sensitive: float | None) -> dict[str, float]:
    return {} if sensitive is None else {"sensitive_threshold": round(sensitive, 4)}


def _at_most(level: float | None, highest: float) -> float | None:
    return None if level is None else min(level, highest)


def _sensitive_threshold(judged: Sequence[Judged]) -> float | None:
    """Return the lowest level from which on sensitive answers are right often enough."""
    answers = [
        (ranking.best.confidence, topic == ranking.best.label.topic)
        for ranking, topic in judged
        if ranking.best.label.kind == SENSITIVE
    ]
    if len(answers) < ENOUGH_SENSITIVE:
        return None
    for level in _levels(LEAST_SENSITIVE, 1.0):
        given = [is_right for confidence, is_right in answers if confidence >= level]
        if sum(given) >= SENSITIVE_RIGHT * len(given):
            return level
    return 1.0


def _wrong_answers(judged: Sequence[Judged], thresholds: Thresholds) -> int:
    decisions = ((decide(ranking, thresholds), topic) for ranking, topic in judged)
    return sum(
        d.decision == ANSWER and (topic is None or d.topic != topic) for d, topic in decisions
    )


def _are_offers_useful(judged: Sequence[Judged], thresholds: Thresholds) -> bool:
    offered = holding = 0
    for ranking, topic in judged:
        decision = decide(ranking, thresholds)
        if decision.decision == CLARIFY:
            offered += 1
            holding += topic in [one.label.topic for one in decision.candidates]
    return offered > 0 and holding >= USEFUL_OFFERS * offered

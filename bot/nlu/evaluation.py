"""Measures understanding on questions with known topics, and calibrates its two thresholds.

Free of Rasa and of the model: it is given a way to decide.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any

from rich.table import Table

from bot.errors import DataFileError
from bot.nlu.decision import ANSWER, CANDIDATE, CLARIFY, CRISIS, EMPLOYEE, Decision
from bot.nlu.ranking import Ranking, Thresholds, decide
from bot.nlu.thresholds import DEFAULT_FILE, choose_thresholds, write_thresholds

OUT_OF_SCOPE_PREFIX = "oos"
CRISIS_PREFIX = "crisis_"
FOLLOW_UP = "follow-up"
REQUIRED_COLUMNS = ("text", "topic_id", "audience")
WORST_SHOWN = 15
DEFAULT_BUDGET = 0.05

Decide = Callable[[str, str], Decision]
Rank = Callable[[str, str], Ranking]


@dataclass(frozen=True)
class Question:
    """A question with what it asks for.

    `topic_id` beginning with `oos` means hand over; `crisis_self_harm` and `crisis_danger`
    are the crisis intents.
    """

    text: str
    topic_id: str
    audience: str = EMPLOYEE
    context: tuple[str, ...] = ()

    @property
    def category(self) -> str:
        """Return the topic's category, or `oos`, `crisis`, or `follow-up` if it has a context."""
        if self.context:
            return FOLLOW_UP
        if self.is_crisis:
            return CRISIS
        if self.topic_id.startswith(OUT_OF_SCOPE_PREFIX):
            return OUT_OF_SCOPE_PREFIX
        return self.topic_id.partition("/")[0]

    @property
    def is_crisis(self) -> bool:
        """Tell whether help must come first."""
        return self.topic_id.startswith(CRISIS_PREFIX)


class Outcome(Enum):
    """What became of a question; the value is how reports call it."""

    RIGHT = "right answer"
    WRONG = "wrong answer"
    CLARIFY_WITH = "clarify with the right one"
    CLARIFY_WITHOUT = "clarify without the right one"
    HANDOVER = "handover"
    RIGHT_HANDOVER = "rightly handed over"


@dataclass(frozen=True)
class Judgement:
    """A question, what was decided, and what that is worth."""

    question: Question
    decision: Decision
    outcome: Outcome


@dataclass(frozen=True)
class Report:
    """All judgements of a run, with their shares and tables."""

    judgements: tuple[Judgement, ...]

    def share(self, outcome: Outcome) -> float:
        """Return the share of questions with this outcome, 0 to 1."""
        return _share(self.judgements, outcome)

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values: number of questions, shares, categories, confusions."""
        return {
            "questions": len(self.judgements),
            "shares": _shares(self.judgements),
            "categories": {
                category: {"questions": len(group), "shares": _shares(group)}
                for category, group in self._by_category().items()
            },
            "confusions": [
                {"topic_id": asked, "answered": answered, "count": count}
                for (asked, answered), count in self._confusions()
            ],
        }

    def tables(self) -> list[Table]:
        """Return tables for people: per category, and the worst confusions."""
        return [self._category_table(), self._confusion_table()]

    def _by_category(self) -> dict[str, list[Judgement]]:
        groups: dict[str, list[Judgement]] = {}
        for judgement in sorted(self.judgements, key=lambda one: one.question.category):
            groups.setdefault(judgement.question.category, []).append(judgement)
        return groups

    def _confusions(self) -> list[tuple[tuple[str, str], int]]:
        wrong = (one for one in self.judgements if one.outcome is Outcome.WRONG)
        pairs = Counter((one.question.topic_id, _answered(one.decision)) for one in wrong)
        return sorted(pairs.items(), key=lambda item: (-item[1], item[0]))

    def _category_table(self) -> Table:
        table = Table("category", "questions", *(outcome.value for outcome in Outcome))
        for category, group in [*self._by_category().items(), ("all", list(self.judgements))]:
            shares = (f"{100 * _share(group, outcome):.1f} %" for outcome in Outcome)
            table.add_row(category, str(len(group)), *shares)
        return table

    def _confusion_table(self) -> Table:
        table = Table("asked", "answered", "times")
        for (asked, answered), count in self._confusions()[:WORST_SHOWN]:
            table.add_row(asked, answered, str(count))
        return table


def load_questions(paths: Iterable[Path]) -> list[Question]:
    """Read questions from CSV files, or from all CSV files of a folder.

    Raises:
        DataFileError: A file can't be read, lacks a column, or has a wrong row; file and line
            are named.
    """
    files = [
        file
        for path in paths
        for file in (sorted(path.rglob("*.csv")) if path.is_dir() else [path])
    ]
    if not files:
        raise DataFileError("There are no CSV files with questions there.")
    return [question for file in files for question in _read(file)]


def evaluate(
    questions: Sequence[Question], decide: Decide, known_topics: Set[str] | None = None
) -> Report:
    """Decide every question and judge the decisions.

    Args:
        questions: What people ask.
        decide: Gets text and audience; what the product does with a message.
        known_topics: What the model knows; questions about other topics should be handed over.
            None: every topic is known.
    """
    judgements = []
    for question in questions:
        decision = decide(question.text, question.audience)
        expected = expected_topic(question, known_topics)
        judgements.append(Judgement(question, decision, _outcome(decision, expected)))
    return Report(tuple(judgements))


def expected_topic(question: Question, known_topics: Set[str] | None) -> str | None:
    """Return the topic that should be answered, or None where handing over is right."""
    if question.is_crisis:
        return question.topic_id
    if question.topic_id.startswith(OUT_OF_SCOPE_PREFIX):
        return None
    if known_topics is not None and question.topic_id not in known_topics:
        return None
    return question.topic_id


def calibrate(
    questions: Sequence[Question],
    rank: Rank,
    known_topics: Set[str],
    *,
    on: date,
    budget: float = DEFAULT_BUDGET,
    file: Path = DEFAULT_FILE,
) -> Thresholds:
    """Choose both thresholds from validation questions and write data/decision.yml.

    Args:
        questions: Validation questions, never test or training ones.
        rank: Gets text and audience; crisis phrases aren't its business.
        known_topics: What the model knows.
        on: The date to write down.
        budget: Largest allowed share of wrong answers, 0 to 1.
        file: Where to write.
    """
    # Crises are recognised before ranking, and a follow-up's text alone says too little.
    questions = [q for q in questions if not q.is_crisis and not q.context]
    rankings = [rank(question.text, question.audience) for question in questions]
    expected = [expected_topic(question, known_topics) for question in questions]
    chosen = choose_thresholds(list(zip(rankings, expected, strict=True)), budget=budget)
    judgements = tuple(
        Judgement(question, decision, _outcome(decision, topic))
        for question, topic, decision in zip(
            questions, expected, (decide(one, chosen) for one in rankings), strict=True
        )
    )
    shares = {outcome: round(share, 4) for outcome, share in _shares(judgements).items()}
    figures = {"questions": len(questions), "budget_wrong_answers": budget, **shares}
    write_thresholds(chosen, on=on, figures=figures, file=file)
    return chosen


def _outcome(decision: Decision, expected: str | None) -> Outcome:
    if decision.decision == ANSWER:
        answered = (decision.topic, *decision.topics, _answered(decision))
        right = expected is not None and expected in answered
        return Outcome.RIGHT if right else Outcome.WRONG
    if decision.decision == CLARIFY:
        offered = [candidate.label.topic for candidate in decision.candidates]
        holds = expected is not None and expected in offered
        return Outcome.CLARIFY_WITH if holds else Outcome.CLARIFY_WITHOUT
    return Outcome.RIGHT_HANDOVER if expected is None else Outcome.HANDOVER


def _answered(decision: Decision) -> str:
    name = decision.label.name if decision.label else ""
    return decision.topic or name


def _share(judgements: Sequence[Judgement], outcome: Outcome) -> float:
    count = sum(one.outcome is outcome for one in judgements)
    return count / len(judgements) if judgements else 0.0


def _shares(judgements: Sequence[Judgement]) -> dict[str, float]:
    return {outcome.name.lower(): round(_share(judgements, outcome), 4) for outcome in Outcome}


def _read(file: Path) -> list[Question]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            missing = [c for c in REQUIRED_COLUMNS if c not in (reader.fieldnames or [])]
            if missing:
                raise DataFileError(f"{file}, line 1: the column {', '.join(missing)} is missing.")
            return [_question(file, reader.line_num, row) for row in reader]
    except OSError as error:
        raise DataFileError(f"{file} can't be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise DataFileError(f"{file} is not UTF-8 text.") from error
    except csv.Error as error:
        raise DataFileError(f"{file} is not valid CSV: {error}.") from error


def _question(file: Path, line: int, row: dict[str | None, Any]) -> Question:
    text, topic = (row["text"] or "").strip(), (row["topic_id"] or "").strip()
    audience = (row["audience"] or "").strip() or EMPLOYEE
    if None in row:
        raise DataFileError(f"{file}, line {line}: too many columns; quote texts with commas.")
    if not text or not topic:
        raise DataFileError(f"{file}, line {line}: text and topic_id must not be empty.")
    if audience not in (EMPLOYEE, CANDIDATE):
        raise DataFileError(
            f"{file}, line {line}: audience is “{audience}”, not employee or candidate."
        )
    turns = (row.get("context") or "").split("|")
    return Question(text, topic, audience, tuple(turn.strip() for turn in turns if turn.strip()))

"""Questions with what they ask for, and the CSV files in which people write them down."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from bot.errors import DataFileError
from bot.nlu.decision import CANDIDATE, CRISIS, EMPLOYEE, kind_of

OUT_OF_SCOPE_PREFIX = "oos"
CRISIS_PREFIX = "crisis_"
FOLLOW_UP = "follow-up"
LOOK_ALIKES_FILE = "sensitive"
"""In the file of this name, questions that are no crisis sound like one."""
REQUIRED_COLUMNS = ("text", "topic_id", "audience")


class Scope(Enum):
    """What would be right: one topic's answer, no answer, or help at once."""

    IN = "in scope"
    OUT = "out of scope"
    CRISIS = "crisis"


@dataclass(frozen=True)
class Question:
    """A question with what it asks for.

    Attributes:
        text: What somebody writes.
        topic_id: What it asks for; beginning with `oos` it means hand over; `crisis_self_harm` and
            `crisis_danger` are the crisis intents.
        audience: `employee` or `candidate`.
        context: What the same person wrote before, oldest first.
        file: Name of the file it stands in, without ending.
    """

    text: str
    topic_id: str
    audience: str = EMPLOYEE
    context: tuple[str, ...] = ()
    file: str = field(default="", compare=False)

    @property
    def category(self) -> str:
        """Return the topic's category, or `follow-up`, `crisis`, `oos`, or an intent's kind."""
        if self.context:
            return FOLLOW_UP
        if self.is_crisis:
            return CRISIS
        if self.is_out_of_scope:
            return OUT_OF_SCOPE_PREFIX
        category, slash, _ = self.topic_id.partition("/")
        return category if slash else kind_of(self.topic_id)

    @property
    def is_crisis(self) -> bool:
        """Tell whether help must come first."""
        return self.topic_id.startswith(CRISIS_PREFIX)

    @property
    def is_out_of_scope(self) -> bool:
        """Tell whether handing over is right, whatever the model knows."""
        return self.topic_id.startswith(OUT_OF_SCOPE_PREFIX)

    @property
    def is_look_alike(self) -> bool:
        """Tell whether it sounds like a crisis without being one."""
        return self.file == LOOK_ALIKES_FILE and not self.is_crisis

    def expected(self, known_topics: Set[str] | None) -> str | None:
        """Return the topic that should be answered, or None where handing over is right.

        Args:
            known_topics: What the model knows; None: every topic is known.
        """
        if self.is_crisis:
            return self.topic_id
        unknown = known_topics is not None and self.topic_id not in known_topics
        return None if self.is_out_of_scope or unknown else self.topic_id

    def scope(self, known_topics: Set[str] | None) -> Scope:
        """Return what kind of behaviour would be right."""
        if self.is_crisis:
            return Scope.CRISIS
        return Scope.OUT if self.expected(known_topics) is None else Scope.IN


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
    context = tuple(turn.strip() for turn in turns if turn.strip())
    return Question(text, topic, audience, context, file.stem)

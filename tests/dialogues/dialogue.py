"""Reads dialogues: lists of what is said and what must be answered, in `<category>.yml`.

How to write one stands at the top of small_talk.yml.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class TurnLine:
    """One turn: what the person (or HR) does, and what must come of it."""

    say: str | None = None
    choose: str | None = None
    scroll_to: str | None = None
    pick: str | None = None
    hr_answers: str | None = None
    answer: str | list[str] = field(default_factory=list)
    never: str | list[str] = field(default_factory=list)
    buttons: list[str] | None = None
    decision: str | None = None
    topic: str | None = None

    @property
    def expected(self) -> list[str]:
        """Response names and parts of the text that the answer must have."""
        return [self.answer] if isinstance(self.answer, str) else self.answer

    @property
    def forbidden(self) -> list[str]:
        """Parts of a text that the answer must not have."""
        return [self.never] if isinstance(self.never, str) else self.never


@dataclass(frozen=True)
class Dialogue:
    """One dialogue: who talks, where, and the turns in their order.

    `employee` holds the columns of the employees table for somebody HR's system knows.
    """

    name: str
    turns: list[TurnLine]
    audience: str = "employee"
    place: str = "private"
    employee: dict[str, Any] | None = None
    cases: list[str] | None = None
    """The questions that HR must have at the end, in their order."""


def read_dialogues() -> list[Dialogue]:
    """Return all dialogues of this folder.

    Raises:
        ValueError: a line has an unknown key, or two dialogues have the same name.
    """
    found = [
        _dialogue(path, entry) for path in sorted(FOLDER.glob("*.yml")) for entry in _entries(path)
    ]
    names = [dialogue.name for dialogue in found]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"two dialogues have the same name: {', '.join(sorted(twice))}")
    return found


def _entries(path: Path) -> list[dict[str, Any]]:
    return YAML(typ="safe").load(path)


def _dialogue(path: Path, entry: dict[str, Any]) -> Dialogue:
    turns = [_checked(TurnLine, path, turn) for turn in entry["turns"]]
    rest = {key: value for key, value in entry.items() if key not in ("turns", "name")}
    return _checked(
        Dialogue, path, {**rest, "turns": turns, "name": f"{path.stem}: {entry['name']}"}
    )


def _checked(kind: type, path: Path, values: dict[str, Any]) -> Any:
    known = {one.name for one in fields(kind)}
    if unknown := sorted(set(values) - known):
        raise ValueError(f"{path.name}: {', '.join(unknown)} is not known in {values}")
    return kind(**values)

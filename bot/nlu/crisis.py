"""Recognises self-harm and danger by the phrases of data/crisis.yml, before any model is asked.

No model and no Rasa: the gateway imports this to react even while the assistant is down. It errs
on the safe side; what is no alarm in spite of its words stands in the file as an idiom.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.errors import DataFileError

Crisis = Literal["self_harm", "danger"]

DEFAULT_FILE = Path(__file__).resolve().parents[2] / "data" / "crisis.yml"
_SECTIONS = ("idioms", "self_harm", "danger", "danger_unless_past", "past")


@dataclass(frozen=True)
class CrisisPhrases:
    """The compiled phrases of one data file."""

    idioms: re.Pattern[str]
    self_harm: re.Pattern[str]
    danger: re.Pattern[str]
    danger_unless_past: re.Pattern[str]
    past: re.Pattern[str]

    @classmethod
    def load(cls, path: Path = DEFAULT_FILE) -> CrisisPhrases:
        """Read and compile the phrases.

        Raises:
            DataFileError: The file is missing, isn't YAML, lacks a section, or a phrase is wrong.
        """
        try:
            data = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise DataFileError(f"{path} can't be read: {error.strerror}.") from error
        except YAMLError as error:
            raise DataFileError(f"{path} is not valid YAML: {error}") from error
        if not isinstance(data, dict):
            raise DataFileError(f"{path} must hold the sections {', '.join(_SECTIONS)}.")
        return cls(**{section: _compiled(path, section, data) for section in _SECTIONS})

    def detect(self, text: str) -> Crisis | None:
        """Return the kind of crisis that a message speaks of, or None. Self-harm comes first."""
        said = self._without_idioms(text)
        if self.self_harm.search(said):
            return "self_harm"
        if self.danger.search(said):
            return "danger"
        if self.danger_unless_past.search(said) and not self.past.search(said):
            return "danger"
        return None

    def has_idiom(self, text: str) -> bool:
        """Tell whether a message has words that sound like a crisis and are known to be none."""
        return self.idioms.search(_plain(text)) is not None

    def _without_idioms(self, text: str) -> str:
        return self.idioms.sub(" / ", _plain(text))


@lru_cache(maxsize=1)
def shipped_phrases() -> CrisisPhrases:
    """Return the phrases of data/crisis.yml, read once."""
    return CrisisPhrases.load()


def detect(text: str) -> Crisis | None:
    """Return `self_harm`, `danger` or None for a message, by the phrases of data/crisis.yml."""
    return shipped_phrases().detect(text)


def _plain(text: str) -> str:
    """Lower case, no accents or apostrophes, words parted by one space, no drawn-out letters."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    letters = "".join(c for c in decomposed if not unicodedata.combining(c))
    joined = re.sub(r"['’‘`´]", "", letters)
    drawn_in = re.sub(r"([a-z])\1{2,}", r"\1", joined)
    return " ".join(re.findall(r"[a-z0-9]+", drawn_in))


def _compiled(path: Path, section: str, data: dict[str, object]) -> re.Pattern[str]:
    phrases = data.get(section)
    if not isinstance(phrases, list) or not phrases:
        raise DataFileError(f"{path}: the section {section} must be a list of phrases.")
    for phrase in phrases:
        try:
            re.compile(_expression(str(phrase)))
        except re.error as error:
            raise DataFileError(
                f"{path}: wrong phrase under {section}: {phrase} ({error})"
            ) from error
    return re.compile(_alternatives([_expression(str(phrase)) for phrase in phrases]))


def _expression(phrase: str) -> str:
    return phrase.replace(" ... ", r" (?:\w+ ){0,4}")


def _alternatives(expressions: Sequence[str]) -> str:
    return "|".join(rf"\b(?:{expression})(?!\w)" for expression in expressions)

"""Recognises self-harm and danger by the phrases of data/crisis.yml, before any model is asked.

No model and no Rasa: the gateway imports this to react even while the assistant is down. It errs
on the safe side; what is no alarm in spite of its words stands in the file as an idiom, or alarms
only unless the message speaks of the past or of rules, papers and jobs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.errors import DataFileError

Crisis = Literal["self_harm", "danger"]

DEFAULT_FILE = Path(__file__).resolve().parents[2] / "data" / "crisis.yml"
_SECTIONS = (
    "idioms",
    "self_harm",
    "self_harm_unless_work",
    "danger",
    "danger_unless_past",
    "past",
    "now",
    "rules",
    "work",
)


@dataclass(frozen=True)
class CrisisPhrases:
    """The compiled phrases of one data file."""

    meant: Mapping[str, str]
    idioms: re.Pattern[str]
    self_harm: re.Pattern[str]
    self_harm_unless_work: re.Pattern[str]
    danger: re.Pattern[str]
    danger_unless_past: re.Pattern[str]
    past: re.Pattern[str]
    now: re.Pattern[str]
    rules: re.Pattern[str]
    work: re.Pattern[str]

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
        words = data.get("words") or {}
        patterns = {section: _compiled(path, section, data, words) for section in _SECTIONS}
        meant = _slips(data.get("slips") or []) | (data.get("shorthand") or {})
        return cls(meant=meant, **patterns)

    def detect(self, text: str) -> Crisis | None:
        """Return the kind of crisis that a message speaks of, or None. Self-harm comes first."""
        said = self.idioms.sub(" / ", self._plain(text))
        if self.self_harm.search(said):
            return "self_harm"
        if self.danger.search(said):
            return "danger"
        if self.danger_unless_past.search(said) and self._goes_on(said):
            return "danger"
        if self.self_harm_unless_work.search(said) and not self._is_everyday(said):
            return "self_harm"
        return None

    def has_idiom(self, text: str) -> bool:
        """Tell whether a message has words that sound like a crisis and are known to be none."""
        return self.idioms.search(self._plain(text)) is not None

    def _goes_on(self, said: str) -> bool:
        over = self.past.search(said) or self.rules.search(said)
        return not over or self.now.search(said) is not None

    def _is_everyday(self, said: str) -> bool:
        return bool(self.rules.search(said) or self.work.search(said))

    def _plain(self, text: str) -> str:
        return " ".join(self.meant.get(word, word) for word in _words(text))


@lru_cache(maxsize=1)
def shipped_phrases() -> CrisisPhrases:
    """Return the phrases of data/crisis.yml, read once."""
    return CrisisPhrases.load()


def detect(text: str) -> Crisis | None:
    """Return `self_harm`, `danger` or None for a message, by the phrases of data/crisis.yml."""
    return shipped_phrases().detect(text)


def _words(text: str) -> list[str]:
    """The words in lower case, without accents, apostrophes and drawn-out letters."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    letters = "".join(c for c in decomposed if not unicodedata.combining(c))
    joined = re.sub(r"['’‘`´]", "", letters)
    drawn_in = re.sub(r"([a-z])\1{2,}", r"\1", joined)
    return re.findall(r"[a-z0-9]+", drawn_in)


def _slips(words: list[str]) -> dict[str, str]:
    """Return what each slip of the fingers on these words was meant to be."""
    return {slip: word for word in words for slip in _misspelt(word)} | {w: w for w in words}


def _misspelt(word: str) -> Iterator[str]:
    """Two letters swapped, one doubled or, in words of five letters and more, one left out."""
    for at in range(1, len(word)):
        yield word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]
        yield word[:at] + word[at] + word[at:]
        if len(word) > 4:
            yield word[:at] + word[at + 1 :]


def _compiled(
    path: Path, section: str, data: Mapping[str, object], words: Mapping[str, str]
) -> re.Pattern[str]:
    phrases = data.get(section)
    if not isinstance(phrases, list) or not phrases:
        raise DataFileError(f"{path}: the section {section} must be a list of phrases.")
    expressions = []
    for phrase in phrases:
        try:
            expressions.append(_expression(str(phrase), words))
            if not _stands_alone(expressions[-1]):
                re.compile(expressions[-1])
        except (re.error, KeyError) as error:
            raise _wrong_phrase(path, section, phrase, error) from error
    try:
        # All at once: each alone as well would take as long again.
        return re.compile(rf"\b(?:{'|'.join(expressions)})(?!\w)")
    except re.error:
        for phrase, expression in zip(phrases, expressions, strict=True):
            try:
                re.compile(expression)
            except re.error as error:
                raise _wrong_phrase(path, section, phrase, error) from error
        raise


def _stands_alone(expression: str) -> bool:
    """Say whether an expression closes its brackets, so that no other can be taken into it."""
    depth = 0
    for bracket in re.findall(r"[()]", expression):
        depth += 1 if bracket == "(" else -1
        if depth < 0:
            return False
    is_even = expression.count("[") == expression.count("]")
    return depth == 0 and is_even and not expression.endswith("\\")


def _wrong_phrase(path: Path, section: str, phrase: object, error: Exception) -> DataFileError:
    return DataFileError(f"{path}: wrong phrase under {section}: {phrase} ({error})")


def _expression(phrase: str, words: Mapping[str, str]) -> str:
    """Write a phrase as a regular expression; groups capture nothing, which is 7 times faster."""
    while named := re.search(r"<(\w+)>", phrase):
        phrase = phrase.replace(named[0], words[named[1]])
    phrase = phrase.replace("|\n", "|").replace("\n", " ")
    return re.sub(r"\((?!\?)", "(?:", phrase.replace(" ... ", r" (\w+ ){0,4}"))

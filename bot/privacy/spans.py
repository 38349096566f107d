"""Spans of identifiers in a text, and the word lists by which they are told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.errors import DataFileError

SECTIONS = {
    "words.yml": (
        *("numbers", "number_words", "of_things", "between", "units", "ssn", "last_four"),
        *("digit_words", "phone", "mail_hosts", "public_hosts", "plates", "vin", "birth"),
        *("of_a_person", "of_a_body", "of_the_job", "streets", "sure_streets", "lives"),
        *("not_streets", "units_of_a_house", "states"),
    ),
    "people.yml": (
        *("name_is", "titles", "soft_titles", "roles", "after_a_role", "verbs", "self"),
        *("after_self", "never", "not_people"),
    ),
}
FOLDER = Path(__file__).resolve().parents[2] / "data" / "redaction"


@dataclass(frozen=True)
class Span:
    """Where an identifier stands in a text: from `start` to before `end`."""

    start: int
    end: int
    kind: str


@lru_cache(maxsize=2)
def word_lists(name: str) -> dict[str, Any]:
    """Read one YAML file of data/redaction.

    Raises:
        DataFileError: it can't be read, or lacks a list.
    """
    path = FOLDER / name
    try:
        data = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataFileError(f"{path} can't be read: {error.strerror}.") from error
    except YAMLError as error:
        raise DataFileError(f"{path} is not valid YAML: {error}") from error
    missing = [section for section in SECTIONS[name] if section not in (data or {})]
    if missing:
        raise DataFileError(f"{path} lacks the lists {', '.join(missing)}.")
    return data


def name_list(name: str) -> frozenset[str]:
    """Read a list of names of data/redaction, one a line.

    Raises:
        DataFileError: it can't be read.
    """
    path = FOLDER / name
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise DataFileError(f"{path} can't be read: {error.strerror}.") from error
    return frozenset(line.strip() for line in lines if line.strip() and line[0] != "#")


def any_of(phrases: Iterable[str]) -> str:
    """Return a pattern for any of these words or phrases, the longest first.

    A space in a phrase also stands for a hyphen, or for nothing.
    """
    longest_first = sorted(set(phrases), key=len, reverse=True)
    written = (re.escape(phrase).replace(r"\ ", r"[ -]?") for phrase in longest_first)
    return rf"(?:{'|'.join(written)})"


def matches(pattern: re.Pattern[str], text: str, kind: str, group: int = 0) -> Iterator[Span]:
    """Find a pattern; what is in `group` is the identifier."""
    for match in pattern.finditer(text):
        yield Span(match.start(group), match.end(group), kind)

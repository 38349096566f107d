"""Labelled messages: what redaction must find in them, and what it must leave alone.

In the text files `{kind:value}` marks an identifier, one message a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
_LABEL = re.compile(r"\{([a-z]+):([^{}]+)\}")


@dataclass(frozen=True)
class Label:
    """An identifier: its kind, and where it stands in the text."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True)
class Message:
    """A message as somebody would send it, and its identifiers in order."""

    text: str
    labels: tuple[Label, ...]


def labelled(marked: str) -> Message:
    """Read a message with its marks."""
    text, labels, position = "", [], 0
    for match in _LABEL.finditer(marked):
        text += marked[position : match.start()]
        labels.append(Label(match.group(1), len(text), len(text) + len(match.group(2))))
        text += match.group(2)
        position = match.end()
    return Message(text + marked[position:], tuple(labels))


def read(name: str) -> list[Message]:
    """Read the messages of a file in this folder."""
    return list(_messages((HERE / name).read_text().splitlines()))


def _messages(lines: Iterable[str]) -> Iterator[Message]:
    for line in lines:
        if line.strip() and not line.startswith("#"):
            yield labelled(line)

"""What redaction misses in labelled messages, and how often it is right, by kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from bot.faq.phrasings import read_phrasings
from tests.privacy.corpus import Label, Message

Redact = Callable[[str], str]
_PIECE = re.compile(r"[^\W_]{2,}")


@dataclass
class Found:
    """How many identifiers of one kind there were, and those of which something stayed."""

    count: int = 0
    missed: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """The share that is gone altogether."""
        return 1 - len(self.missed) / self.count


def by_kind(messages: Iterable[Message], redact: Redact) -> dict[str, Found]:
    """Redact the messages and count."""
    table: dict[str, Found] = {}
    for message in messages:
        after = redact(message.text)
        for label in message.labels:
            found = table.setdefault(label.kind, Found())
            found.count += 1
            if stays(message, label, after):
                found.missed.append(f"{message.text}  →  {after}")
    return dict(sorted(table.items()))


def stays(message: Message, label: Label, after: str) -> bool:
    """Say whether a piece of an identifier (two letters or digits, or more) is still there.

    What the message says outside of its identifiers, too, is no sign of them.
    """
    outside, position = "", 0
    for one in message.labels:
        outside += message.text[position : one.start] + " "
        position = one.end
    known = set(_PIECE.findall((outside + message.text[position:]).lower()))
    pieces = set(_PIECE.findall(message.text[label.start : label.end].lower()))
    return bool((pieces - known) & set(_PIECE.findall(after.lower())))


def recall(table: dict[str, Found]) -> float:
    """Return the recall over all kinds of a table."""
    count = sum(found.count for found in table.values())
    return 1 - sum(len(found.missed) for found in table.values()) / count


def recalls(table: dict[str, Found]) -> tuple[float, float]:
    """Return the recall over all kinds but names, and that of names."""
    return recall({kind: one for kind, one in table.items() if kind != "name"}), table[
        "name"
    ].recall


def questions(data_dir: Path) -> list[str]:
    """Return all phrasings that the model is trained on: what people ask, in their words."""
    return [text for texts in read_phrasings(data_dir).values() for text in texts]


def changed(texts: Iterable[str], redact: Redact) -> list[str]:
    """Return the texts that redaction changes, before and after."""
    pairs = ((text, redact(text)) for text in texts)
    return [f"{text}  →  {after}" for text, after in pairs if after != text]

"""Decides what isn't said where others read along, from data/private.yml and the kind of a turn."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.errors import DataFileError
from bot.faq.book import AnswerBook, read_yaml

PRIVATE_KINDS = {"sensitive", "crisis"}
# A guess below this is a hunch: it makes nothing private.
LEAST_CONFIDENCE = 0.2


@dataclass(frozen=True)
class Discretion:
    """What is answered to the asker alone.

    `beginnings` are those of whole categories, so that a topic that HR adds is private as well.
    """

    topics: frozenset[str]
    intents: frozenset[str]
    beginnings: tuple[str, ...] = ()

    def is_private(self, reply: dict[str, Any]) -> bool:
        """Say whether a reply, or what it guesses at, is for the asker alone."""
        if reply["kind"] in PRIVATE_KINDS or reply.get("intent") in self.intents:
            return True
        if any(map(self._is_private_topic, (reply.get("topic"), *reply.get("topics", ())))):
            return True
        if reply["decision"] == "answer":
            return False
        guesses = [c for c in reply.get("candidates", ()) if c["confidence"] >= LEAST_CONFIDENCE]
        return any(
            g["kind"] in PRIVATE_KINDS
            or self._is_private_topic(g["topic"])
            or g["label"] in self.intents
            for g in guesses
        )

    def _is_private_topic(self, topic: str | None) -> bool:
        return bool(topic) and (topic in self.topics or topic.startswith(self.beginnings))


def load_discretion(data_dir: Path, book: AnswerBook) -> Discretion:
    """Read data/private.yml.

    Raises:
        DataFileError: if it names a topic that isn't there, or holds something else.
    """
    path = data_dir / "private.yml"
    data = read_yaml(path)
    if set(data) != {"topics", "intents"} or not all(_is_names(v) for v in data.values()):
        raise DataFileError(f"{path}: it needs “topics” and “intents”, each a list of names.")
    topics: set[str] = set()
    for name in data["topics"]:
        category = name.removesuffix("*")
        found = {
            t for t in book.topics() if t == name or (category != name and t.startswith(category))
        }
        if not found:
            raise DataFileError(f"{path}: there is no topic “{name}”.")
        topics |= found
    beginnings = tuple(name[:-1] for name in data["topics"] if name.endswith("*"))
    return Discretion(frozenset(topics), frozenset(data["intents"]), beginnings)


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)

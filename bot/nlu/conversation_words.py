"""Reads what a message's words say about its place in a conversation, whatever it is about.

That is: whether it goes on with the turn before, holds several questions, or sets something
aside ("I'm not asking about FMLA"). The words stand in data/conversation_words.yml.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.errors import DataFileError

DEFAULT_FILE = Path(__file__).resolve().parents[2] / "data" / "conversation_words.yml"
_SECTIONS = (
    "acknowledgements",
    "openers",
    "pointing",
    "question_words",
    "joiners",
    "set_aside",
)
VERY_SHORT, SHORT, OPENED = 4, 7, 12
"""Words at most of a message that goes on with the turn before: by itself, pointing, opened so."""
LEAST_PART = 3
"""Fewer words are no question of their own."""
MOST_PARTS = 3
_WORD = re.compile(r"[\w'’]+")
_SENTENCE_END = re.compile(r"(?<=[?!.;])\s+|\n+")


@dataclass(frozen=True)
class ConversationWords:
    """The compiled lists of one data file."""

    acknowledgements: re.Pattern[str]
    openers: re.Pattern[str]
    pointing: re.Pattern[str]
    question_words: re.Pattern[str]
    joiners: re.Pattern[str]
    set_aside: re.Pattern[str]
    sets_aside: re.Pattern[str]

    @classmethod
    def load(cls, path: Path = DEFAULT_FILE) -> ConversationWords:
        """Read and compile the lists.

        Raises:
            DataFileError: The file is missing, isn't YAML, or lacks a list.
        """
        try:
            data = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise DataFileError(f"{path} can't be read: {error.strerror}.") from error
        except YAMLError as error:
            raise DataFileError(f"{path} is not valid YAML: {error}") from error
        lists = {section: _words(path, section, data) for section in _SECTIONS}
        return cls(
            acknowledgements=_compiled(r"^(?:(?:{})\b[\s,.!…-]*)+", lists["acknowledgements"]),
            openers=_compiled(r"^(?:{})\b", lists["openers"]),
            pointing=_compiled(r"\b(?:{})\b", lists["pointing"]),
            question_words=_compiled(r"^(?:{})\b", lists["question_words"]),
            joiners=_compiled(r"(?:^|[,\s])(?:{})\b[,:]?\s+", lists["joiners"]),
            set_aside=_compiled(
                r"[^.,;!?\n]*\b(?:{})\s+(?P<topic>[^.,;!?\n]+?)"
                r"(?=\s+(?:but|just|only)\b|[.,;!?\n]|$)[.,;!?\s]*",
                lists["set_aside"],
            ),
            sets_aside=_compiled(r"\b(?:{})\s", lists["set_aside"]),
        )

    def is_opened(self, text: str) -> bool:
        """Tell whether a message begins or points like one that goes on with the turn before."""
        said = self._without_acknowledgement(text)
        words = len(_WORD.findall(said))
        if self.openers.search(said):
            return words <= OPENED
        return words <= SHORT and self.pointing.search(said) is not None

    def is_very_short(self, text: str) -> bool:
        """Tell whether a message has so few words that the turn before may be needed."""
        return len(_WORD.findall(self._without_acknowledgement(text))) <= VERY_SHORT

    def questions(self, text: str) -> list[str]:
        """Return the questions of a message that asks more than one, else nothing.

        Statements around them don't count: a story with one question at its end is one question.
        """
        sentences = [part for line in _SENTENCE_END.split(text) for part in self._joined(line)]
        asked = [part for part in sentences if self._is_question(part)]
        return asked if 2 <= len(asked) <= MOST_PARTS else []

    def says_something(self, text: str) -> bool:
        """Tell whether enough words are left to be a question."""
        return len(_WORD.findall(self._without_acknowledgement(text))) >= LEAST_PART

    def set_apart(self, text: str) -> tuple[str, str] | None:
        """Return what is asked and what is said not to be meant, or None without such words."""
        # The words alone are quickly looked for; the whole tries each place as a beginning.
        found = self.set_aside.search(text) if self.sets_aside.search(text) else None
        if found is None:
            return None
        rest = f"{text[: found.start()]} {text[found.end() :]}".strip(" .,;!?")
        return re.sub(r"^(?:but|just|only)\b\s*", "", rest, flags=re.IGNORECASE), found["topic"]

    def _joined(self, sentence: str) -> list[str]:
        return [part.strip(" ,") for part in self.joiners.split(sentence) if part.strip(" ,")]

    def _is_question(self, part: str) -> bool:
        if len(_WORD.findall(part)) < LEAST_PART:
            return False
        return part.endswith("?") or self.question_words.search(part.strip()) is not None

    def _without_acknowledgement(self, text: str) -> str:
        return self.acknowledgements.sub("", text.strip())


@lru_cache(maxsize=1)
def shipped_words() -> ConversationWords:
    """Return the words of data/conversation_words.yml, read once."""
    return ConversationWords.load()


def _words(path: Path, section: str, data: object) -> list[str]:
    words = data.get(section) if isinstance(data, dict) else None
    if not isinstance(words, list) or not words or not all(isinstance(w, str) for w in words):
        raise DataFileError(f"{path}: the section {section} must be a list of words.")
    return words


def _compiled(frame: str, words: Sequence[str]) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    choice = "|".join(re.escape(word).replace("'", "['’]") for word in longest_first)
    return re.compile(frame.replace("{}", choice), re.IGNORECASE)

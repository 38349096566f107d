"""Recognises messages in languages that the assistant doesn't speak, by words and letters.

No model and no Rasa: data/languages.yml lists everyday words of each language. It is made to miss
a message rather than to take English, with typos or a borrowed word, for something else.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.errors import DataFileError

DEFAULT_FILE = Path(__file__).resolve().parents[2] / "data" / "languages.yml"
ANSWERED_IN = frozenset({"es"})
"""Languages that have answers of their own, in responses whose names end in `_es` and so on."""
UNKNOWN = "und"
"""The code of a language whose letters aren't Latin and aren't in the file."""
_SECTIONS = ("understood", "english", "shared", "languages", "scripts")
_SHORT_WORD = 2
_SHORT_MESSAGE = 2
_LATIN = "LATIN"
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_EMOJI_CODE = re.compile(r":[a-z0-9_+'-]+:")


@dataclass(frozen=True)
class Language:
    """A language: its ISO 639 code, its English name, and "I only speak English" in it."""

    code: str
    name: str
    sorry: str
    words: frozenset[str] = frozenset()
    letters: frozenset[str] = frozenset()

    def version_of(self, response: str) -> str:
        """Return the name of a response in this language if it has any, else the English one."""
        return f"{response}_{self.code}" if self.code in ANSWERED_IN else response


@dataclass(frozen=True)
class Languages:
    """What one data file knows."""

    by_words: tuple[Language, ...]
    by_script: Mapping[str, Language]
    english: frozenset[str]
    shared: frozenset[str]
    understood: frozenset[str]

    @classmethod
    def load(cls, path: Path = DEFAULT_FILE) -> Languages:
        """Read the file.

        Raises:
            DataFileError: The file is missing, isn't YAML, or a part of it is missing.
        """
        try:
            data = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
            return cls(
                by_words=tuple(_language(entry) for entry in data["languages"]),
                by_script={entry["script"]: _language(entry) for entry in data["scripts"]},
                english=frozenset(_plain(data["english"]).split()),
                shared=frozenset(_plain(data["shared"]).split()),
                understood=frozenset(_spaced(one) for one in data["understood"].split("|")),
            )
        except OSError as error:
            raise DataFileError(f"{path} can't be read: {error.strerror}.") from error
        except YAMLError as error:
            raise DataFileError(f"{path} is not valid YAML: {error}") from error
        except (KeyError, TypeError, AttributeError) as error:
            raise DataFileError(
                f"{path} must hold {', '.join(_SECTIONS)}, and each language its code, "
                f"name, words and sorry."
            ) from error

    def recognise(self, text: str) -> Language | None:
        """Return the language of a message, or None if it is English or can't be told."""
        said = _EMOJI_CODE.sub(" ", text)
        if _spaced(said) in self.understood:
            return None
        return self._by_script(said) or self._by_words(said)

    def _by_script(self, text: str) -> Language | None:
        if text.isascii():
            return None
        letters = Counter(_script(c) for c in text if c.isalpha())
        foreign = {script: n for script, n in letters.items() if script != _LATIN}
        if not foreign or sum(foreign.values()) <= letters[_LATIN]:
            return None
        # A Japanese text is known by its kana, however many Chinese signs stand among them.
        kana = foreign.keys() & {"HIRAGANA", "KATAKANA"}
        script = min(kana) if kana else max(foreign, key=lambda one: foreign[one])
        return self.by_script.get(script) or Language(UNKNOWN, "another language", "")

    def _by_words(self, text: str) -> Language | None:
        words = set(_WORD.findall(_plain(text)))
        signs = set(text.lower())
        counts = [len(words & one.words) + bool(signs & one.letters) for one in self.by_words]
        count = max(counts)
        language = self.by_words[counts.index(count)]
        if count <= len(words & self.english):
            return None
        is_sure = count > 1 or len(words) <= _SHORT_MESSAGE
        tells = signs & language.letters or any(map(self._tells, words & language.words))
        return language if is_sure and tells else None

    def _tells(self, word: str) -> bool:
        """Tell whether a word alone, without others around it, speaks against English."""
        return len(word) > _SHORT_WORD and word not in self.shared


def answered_in(text: str) -> str | None:
    """Return the code of the message's language if some answers are written in it, else None."""
    language = shipped_languages().recognise(text)
    return language.code if language and language.code in ANSWERED_IN else None


@lru_cache(maxsize=1)
def shipped_languages() -> Languages:
    """Return what data/languages.yml knows, read once."""
    return Languages.load()


def _language(entry: dict[str, Any]) -> Language:
    return Language(
        code=entry["code"],
        name=entry["name"],
        sorry=entry["sorry"],
        words=frozenset(_plain(entry.get("words", "")).split()),
        letters=frozenset(entry.get("letters", "")),
    )


def _plain(text: str, *, keep_accents: bool = False) -> str:
    lowered = text.lower().replace("’", "'")
    if keep_accents:
        return lowered
    decomposed = unicodedata.normalize("NFKD", lowered)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def _spaced(text: str) -> str:
    return " ".join(_WORD.findall(_plain(text)))


def _script(letter: str) -> str:
    return unicodedata.name(letter, UNKNOWN).split()[0]

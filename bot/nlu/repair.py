"""Repairs typing mistakes against the words of the training phrasings; it changes nothing else.

A word is left alone when it is a known word (of the phrasings, of the encoder's English
vocabulary, or protected), a short word, an abbreviation in capitals, or has a digit in it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

MIN_LENGTH = 5
"""Shorter words are too often real ones: one letter turns "wifi" into "wife"."""
TWO_MISTAKES_LENGTH = 8
"""From this length on, two mistakes are repaired instead of one."""
MAX_ABBREVIATION = 5
ENDINGS = ("s", "es", "ed", "d", "ing", "er", "ers", "ly", "'s", "’s", "nt", "re", "ve", "ll")
"""With these a known word stays a known word; the last four stand for "didnt" and "theyre"."""
PREFIXES = ("re", "un")
_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?|\S")
_TOKEN = re.compile(r"[A-Za-z0-9'’_@./:+-]+")


def words_of(text: str) -> list[str]:
    """Return the lower-case words of a text, letters and apostrophes only."""
    return [word.lower() for word in _WORD.findall(text) if word[0].isalpha()]


class TypoRepair:
    """Finds the nearest vocabulary word by an index of deletions (symmetric delete)."""

    def __init__(self, vocabulary: dict[str, int], known_words: Iterable[str] = ()) -> None:
        self.vocabulary = vocabulary
        self._known = frozenset(known_words) | vocabulary.keys()
        self._index: dict[str, list[str]] = {}
        for word in vocabulary:
            if len(word) >= MIN_LENGTH and word.isalpha():
                for rest in _deletions(word, _allowed_mistakes(word)):
                    self._index.setdefault(rest, []).append(word)

    @classmethod
    def from_phrasings(cls, phrasings: Iterable[str], known_words: Iterable[str]) -> TypoRepair:
        """Build the vocabulary from training phrasings, without their typing mistakes.

        A word that stands there once, isn't known English and is one letter from another word is
        taken for a mistake (writers put some in on purpose); repairing towards it would spread it.
        """
        known = frozenset(known_words)
        counts = Counter(word for phrasing in phrasings for word in words_of(phrasing))
        sure = {word: n for word, n in counts.items() if n > 1 or word in known}
        first = cls(sure, known)
        rare = {
            word: 1
            for word in counts.keys() - sure.keys()
            if first._is_known(word) or first._nearest(word, allowed=1) is None
        }
        return cls({**sure, **rare}, known)

    def repair(self, text: str) -> str:
        """Return the text with repaired words; everything else stays as it was."""
        return _TOKEN.sub(lambda match: self._repaired(match.group()), text)

    def _repaired(self, token: str) -> str:
        word = token.strip("'’.-_/:+")
        if not word.isalpha() or not word.isascii() or len(word) < MIN_LENGTH:
            return token
        if word.isupper() and len(word) <= MAX_ABBREVIATION:
            return token
        if self._is_known(word.lower()):
            return token
        best = self._nearest(word.lower(), _allowed_mistakes(word))
        return token.replace(word, best) if best else token

    def _is_known(self, word: str) -> bool:
        stems = [word[: -len(ending)] for ending in ENDINGS if word.endswith(ending)]
        forms = [word, *stems, *(f"{stem}e" for stem in stems)]
        bare = [form[2:] for form in forms if form.startswith(PREFIXES) and len(form) > 7]
        return any(form in self._known for form in (*forms, *bare))

    def _nearest(self, word: str, allowed: int) -> str | None:
        found = {near for rest in _deletions(word, allowed) for near in self._index.get(rest, ())}
        found = {near for near in found if _begin_alike(word, near)}
        measured = [(_distance(word, near), near) for near in found]
        fitting = [(d, near) for d, near in measured if d <= min(allowed, _allowed_mistakes(near))]
        if not fitting:
            return None
        return min(fitting, key=lambda pair: (pair[0], -self.vocabulary[pair[1]], pair[1]))[1]


def _allowed_mistakes(word: str) -> int:
    return 2 if len(word) >= TWO_MISTAKES_LENGTH else 1


def _begin_alike(first: str, second: str) -> bool:
    """People seldom miss the first letter; other words ("paternity", "maternity") differ there."""
    return first[0] == second[0] or first[:2] == second[1::-1]


def _deletions(word: str, count: int) -> Iterator[str]:
    reached = {word}
    yield word
    for _ in range(count):
        reached = {w[:i] + w[i + 1 :] for w in reached for i in range(len(w))}
        yield from reached


def _distance(first: str, second: str) -> int:
    """Count insertions, deletions, replacements and swaps of neighbours (optimal alignment)."""
    before: list[int] = []
    above = list(range(len(second) + 1))
    for i, a in enumerate(first, start=1):
        row = [i]
        for j, b in enumerate(second, start=1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a != b))
            if i > 1 and j > 1 and a == second[j - 2] and first[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, above = above, row
    return above[-1]

"""The words of the catalogue in memory: ranks programs for words, names and misspellings.

Never changed once built, so that threads may share it. It knows no database: what it finds is
read there, in `bot.programs.search`, where audience and use are checked again.
"""

from __future__ import annotations

import difflib
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from bot.privacy.audience import CANDIDATE, EMPLOYEE, READERS, may_see
from bot.programs.words import CATEGORY_WORDS, stem, stems

# What a word weighs by where it stands: a name says more than a summary.
NAME, ALIAS, KEYWORD, SUMMARY = 3.0, 2.5, 2.0, 1.0
PHRASE_BONUS = 1.0
# A program for outsiders only comes a little later when an employee asks.
FOR_OTHERS = 0.8
# So many of the best by words are looked at closely, for whole phrases.
LOOKED_AT_CLOSELY = 150
_REPAIR_CANDIDATES = 30
_REPAIR_LIKENESS = 0.8


@dataclass(frozen=True)
class Entry:
    """What the index reads of a program. `amount` is in USD, None if it gives no money."""

    id: str
    name: str
    aliases: Sequence[str]
    keywords: Sequence[str]
    summary: str
    audience: str
    category: str = ""
    amount: float | None = None
    employment_types: Sequence[str] = ()
    min_fte: float | None = None
    min_tenure_months: int | None = None
    job_families: Sequence[str] = ()
    sites: Sequence[str] = ()


@dataclass(frozen=True)
class Ranked:
    """A program that shares words with a query; `share` is how much of the query it has."""

    entry: Entry
    score: float
    share: float


@dataclass(frozen=True)
class _Posting:
    """The programs (by number) that have a stem, and its weight in each."""

    numbers: np.ndarray
    weights: np.ndarray


class Index:
    """Programs by stem."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = sorted(entries, key=lambda entry: entry.id)
        self.by_id = {entry.id: entry for entry in self.entries}
        self._named: dict[tuple[str, ...], set[int]] = defaultdict(set)
        self._phrases: list[list[frozenset[str]]] = []
        postings: dict[str, dict[int, float]] = defaultdict(dict)
        for number, entry in enumerate(self.entries):
            self._add(number, entry, postings)
        self._postings = {
            word: _Posting(np.fromiter(found, np.int32), np.fromiter(found.values(), np.float32))
            for word, found in postings.items()
        }
        self._longest_name = max((len(name) for name in self._named), default=0)
        self._open_to = {
            reader: np.array([may_see(reader, e.audience) for e in self.entries], dtype=bool)
            for reader in READERS
        }
        self._visible = {
            reader: [e for e in self.entries if may_see(reader, e.audience)] for reader in READERS
        }
        self._for_others = np.array([e.audience == CANDIDATE for e in self.entries], dtype=bool)
        self._spelling = _Spelling(self._postings)

    def _add(self, number: int, entry: Entry, postings: dict[str, dict[int, float]]) -> None:
        names = [tuple(stems(name)) for name in (entry.name, *entry.aliases)]
        keywords = [tuple(stems(keyword)) for keyword in entry.keywords]
        for name in filter(None, names):
            self._named[name].add(number)
        self._phrases.append([frozenset(p) for p in (*names, *keywords) if p])
        weighted = (
            (SUMMARY, [stems(entry.summary), _category_stems(entry.category)]),
            (KEYWORD, keywords),
            (ALIAS, names[1:]),
            (NAME, names[:1]),
        )
        for weight, phrases in weighted:
            for word in (w for phrase in phrases for w in phrase):
                postings[word][number] = weight

    def repaired(self, word: str) -> str:
        """Return the known word that this one is most likely a misspelling of, or itself."""
        return word if word in self._postings else self._spelling.repaired(word)

    def knows(self, word: str) -> bool:
        """Tell whether any program has this stem."""
        return word in self._postings

    def open_to(self, audience: str) -> list[Entry]:
        """Return the programs that this audience may see."""
        return self._visible[audience]

    def rank(self, words: Iterable[str], audience: str) -> list[Ranked]:
        """Return the programs that share a word with the query, best first, wall observed."""
        query = list(dict.fromkeys(self.repaired(word) for word in words))
        if not query or not self.entries:
            return []
        rarity = {word: self._rarity(word) for word in query}
        scores = np.zeros(len(self.entries), dtype=np.float64)
        matched = np.zeros(len(self.entries), dtype=np.float64)
        for word in query:
            posting = self._postings.get(word)
            if posting is not None:
                scores[posting.numbers] += posting.weights * rarity[word]
                matched[posting.numbers] += rarity[word]
        if audience == EMPLOYEE:
            scores[self._for_others] *= FOR_OTHERS
        scores[~self._open_to[audience]] = 0
        asked, total = frozenset(query), sum(rarity.values())
        ranked = [
            Ranked(
                self.entries[number],
                float(scores[number]) * self._phrase_weight(number, asked),
                float(matched[number]) / total,
            )
            for number in _best(scores)
        ]
        return sorted(ranked, key=lambda one: (-one.score, one.entry.id))

    def named_in(self, words: Sequence[str], audience: str) -> set[str]:
        """Return the programs whose name stands in these words, whole; the longest names win."""
        for size in range(min(self._longest_name, len(words)), 0, -1):
            found: set[str] = set()
            for start in range(len(words) - size + 1):
                numbers = self._named.get(tuple(words[start : start + size]), ())
                found |= self._ids(numbers, audience)
            if found:
                return found
        return set()

    def telling(self, words: Iterable[str], at_least: float = ALIAS) -> set[str]:
        """Return the programs in whose names stands a word that no other program has."""
        told: set[str] = set()
        for word in words:
            posting = self._postings.get(word)
            if posting is None:
                continue
            holders = np.flatnonzero(posting.weights > SUMMARY)
            if len(holders) == 1 and posting.weights[holders[0]] >= at_least:
                told.add(self.entries[posting.numbers[holders[0]]].id)
        return told

    def _ids(self, numbers: Iterable[int], audience: str) -> set[str]:
        return {self.entries[n].id for n in numbers if self._open_to[audience][n]}

    def _phrase_weight(self, number: int, asked: frozenset[str]) -> float:
        longest = max((len(p) for p in self._phrases[number] if p <= asked), default=0)
        return 1 + PHRASE_BONUS * longest / len(asked)

    def _rarity(self, word: str) -> float:
        # A word that no program has counts against all of them, but no more than a common one:
        # people tell stories.
        posting, size = self._postings.get(word), len(self.entries)
        count = len(posting.numbers) if posting is not None else size / 4
        return math.log(1 + (size + 1) / (count + 0.5))


class _Spelling:
    """Known words by their pairs of letters, so that few have to be compared with a new one."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = sorted(words)
        by_pair: dict[str, list[int]] = defaultdict(list)
        for number, word in enumerate(self._words):
            for pair in _pairs(word):
                by_pair[pair].append(number)
        self._by_pair = {p: np.array(numbers, np.int32) for p, numbers in by_pair.items()}

    def repaired(self, word: str) -> str:
        if len(word) < 4 or not self._words:
            return word
        shared = np.zeros(len(self._words), dtype=np.int16)
        for pair in _pairs(word):
            numbers = self._by_pair.get(pair)
            if numbers is not None:
                shared[numbers] += 1
        near = [
            known
            for known in (self._words[n] for n in _best(shared, _REPAIR_CANDIDATES))
            if known[0] == word[0] and abs(len(known) - len(word)) <= 2
        ]
        likeliest = difflib.get_close_matches(word, near, n=1, cutoff=_REPAIR_LIKENESS)
        return likeliest[0] if likeliest else word


def _best(scores: np.ndarray, limit: int = LOOKED_AT_CLOSELY) -> list[int]:
    """Return the places of the largest numbers above 0; among equals, the first."""
    numbers = np.flatnonzero(scores > 0)
    if len(numbers) > limit:
        least = np.partition(scores[numbers], -limit)[-limit]
        above = numbers[scores[numbers] > least]
        equal = numbers[scores[numbers] == least]
        numbers = np.concatenate([above, equal[: limit - len(above)]])
    return numbers.tolist()


def _pairs(word: str) -> set[str]:
    return {word[i : i + 2] for i in range(len(word) - 1)} | {f"^{word[0]}"}


def _category_stems(category: str) -> list[str]:
    return [stem(word) for word in CATEGORY_WORDS.get(category, "").split()]

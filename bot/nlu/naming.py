"""Finds which single words name a topic, so that "dental" gets choices though it says little."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from bot.nlu.decision import Label
from bot.nlu.repair import words_of

SHORT_PHRASING = 3
"""Words of longer phrasings may stand there by chance."""
OWN_PHRASINGS, OWN_SHARE = 3, 0.6
"""A word is a label's own from so many phrasings on, and so great a share of all with the word."""


def naming_words(
    examples: Iterable[tuple[str, int]], labels: Sequence[Label]
) -> Mapping[str, list[int]]:
    """Return, for each naming word, the numbers of the labels it names (those with buttons).

    A word names a label when it stands in the label's title or in a short phrasing, or is mostly
    found in that label's phrasings.

    Args:
        examples: Pairs of phrasing and label number.
        labels: All labels, by number.
    """
    pairs = {(word, n) for n, label in enumerate(labels) for word in words_of(label.title)}
    counts: Counter[tuple[str, int]] = Counter()
    for text, number in examples:
        words = set(words_of(text))
        counts.update((word, number) for word in words)
        if len(words) <= SHORT_PHRASING:
            pairs.update((word, number) for word in words)
    totals: Counter[str] = Counter()
    for (word, _), count in counts.items():
        totals[word] += count
    pairs.update(
        (word, number)
        for (word, number), count in counts.items()
        if count >= OWN_PHRASINGS and count >= OWN_SHARE * totals[word]
    )
    named: dict[str, list[int]] = {}
    for word, number in sorted(pairs):
        if labels[number].fits_on_a_button and _says_something(word):
            named.setdefault(word, []).append(number)
    return named


def _says_something(word: str) -> bool:
    return len(word) > 1 and word.isalpha() and word not in ENGLISH_STOP_WORDS

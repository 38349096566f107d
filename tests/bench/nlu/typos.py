"""Puts typing mistakes into texts: the same ones for the same seed."""

from __future__ import annotations

from random import Random

MIN_WORD = 4
ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def with_typos(text: str, random: Random) -> str:
    """Return the text with one or two mistakes, in words of four letters or more."""
    for _ in range(random.choice((1, 2))):
        words = text.split()
        places = [i for i, word in enumerate(words) if len(word) >= MIN_WORD and word.isalpha()]
        if not places:
            return text
        place = random.choice(places)
        words[place] = _misspelt(words[place], random)
        text = " ".join(words)
    return text


def _misspelt(word: str, random: Random) -> str:
    """Swap two letters, leave one out, double one, or hit the key beside it."""
    at = random.randrange(len(word) - 1)
    before, letter, after = word[:at], word[at], word[at + 1 :]
    return random.choice(
        (
            f"{before}{after[0]}{letter}{after[1:]}",
            f"{before}{after}",
            f"{before}{letter}{letter}{after}",
            f"{before}{_beside(letter, random)}{after}",
        )
    )


def _beside(letter: str, random: Random) -> str:
    for row in ROWS:
        at = row.find(letter.lower())
        if at >= 0:
            return random.choice(row[max(at - 1, 0) : at] + row[at + 1 : at + 2])
    return letter

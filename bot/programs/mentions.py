"""Reads what points back to what was just said: "the second one", "it", "that program"."""

from __future__ import annotations

import re

from bot.programs.words import stems

_PLACES = (
    ("first", "1st", "one", "1"),
    ("second", "2nd", "two", "2"),
    ("third", "3rd", "three", "3"),
    ("fourth", "4th", "four", "4"),
    ("fifth", "5th", "five", "5"),
)
_NOUN = r"(?:one|program|option|choice)"
_FEW_WORDS = 4
# What may stand beside a place without making the message about something else.
_NUMBERS = re.compile(r"\b(?:number|no|one|two|three|four|five|last|[1-5])\b|#")
_BESIDE_A_PLACE = frozenset(stems("sorry mean meant option choice"))
_BACK = re.compile(r"\b(?:it|its|it's|that|this|they|them)\b")
_SEVERAL = re.compile(r"\b(?:these|those|them|they|any of|either|all of)\b")
_DEADLINES = re.compile(r"\b(?:close[sd]?|closing|deadlines?|due|ends?|open)\b")


def points_back(text: str) -> bool:
    """Tell whether a sentence speaks of something said before: "how do I apply for it"."""
    return _BACK.search(text.casefold()) is not None


def points_to_several(text: str) -> bool:
    """Tell whether a sentence speaks of a list shown before: "which of these can I get"."""
    return _SEVERAL.search(text.casefold()) is not None


def asks_for_deadlines(text: str) -> bool:
    """Tell whether a sentence asks what closes, is due or is open."""
    return _DEADLINES.search(text.casefold()) is not None


def position_named(text: str, length: int) -> int | None:
    """Return the place, counted from 0, that a sentence names in a list, or None.

    "First" alone counts only in a short message: "my first day" names no program.
    """
    plain = text.casefold()
    for position, (ordinal, short, number, digit) in enumerate(_PLACES[:length]):
        if re.search(rf"\b(?:{ordinal}|{short})\s+{_NOUN}\b", plain) or re.search(
            rf"(?:\b(?:number|option|choice)\s+(?:{number}|{digit})|#{digit}|\bno\.?\s*{digit})\b",
            plain,
        ):
            return position
        alone = rf"\b(?:{ordinal}|{short})\b|^\W*{digit}\W*$"
        if len(plain.split()) <= _FEW_WORDS and re.search(alone, plain):
            return position
    return length - 1 if length and re.search(rf"\blast\s+{_NOUN}\b", plain) else None


def place_alone(text: str, length: int) -> int | None:
    """Return the place that a sentence names if it says nothing else: "no, I meant the third"."""
    rest = stems(_NUMBERS.sub(" ", text.casefold()))
    return position_named(text, length) if set(rest) <= _BESIDE_A_PLACE else None

"""How the catalogue's terms, days and numbers read in a sentence: per_diem as "per-diem"."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

FULL_TIME_HOURS = 40
"""Hours a week that 1.0 FTE stands for."""

IN_WORDS = {
    "full_time": "full-time",
    "part_time": "part-time",
    "per_diem": "per-diem",
    "resident": "resident",
    "student": "student",
    "nursing": "nursing",
    "nursing_support": "nursing support",
    "allied_health": "allied health",
    "physicians": "the medical staff",
    "administration": "administration",
    "support_services": "support services",
    "medical_center": "the Medical Center",
    "riverside": "Riverside",
    "lakeview": "Lakeview",
}


def list_of(names: Sequence[str]) -> str:
    """Return terms in words, e.g. "full-time and part-time"."""
    return _joined(names, "and")


def or_list_of(names: Sequence[str]) -> str:
    """Return terms in words, e.g. "full-time or part-time"."""
    return _joined(names, "or")


def day_text(day: date) -> str:
    """Return e.g. "December 15, 2026"."""
    return f"{day:%B} {day.day}, {day.year}"


def number_text(number: float) -> str:
    """Return e.g. "5,250" or "12.50"."""
    return f"{number:,.2f}".removesuffix(".00")


def sentence(text: str) -> str:
    """Return text with a capital at its beginning and one full stop at its end."""
    return f"{text[0].upper()}{text[1:].removesuffix('.')}." if text else ""


def first_sentence(text: str) -> str:
    """Return the first sentence of a text."""
    first, stop, _ = text.partition(". ")
    return first + "." if stop else text


def _joined(names: Sequence[str], word: str) -> str:
    words = [IN_WORDS[name] for name in names]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {word} {words[-1]}"

"""Reads a day that somebody typed: "2024-03-15", "3/15/2024", "March 15th, 2024".

Whether the sentence around it is about the person's job is the business of `bot.programs.stated`.
"""

from __future__ import annotations

import re
from datetime import date

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?P<name>{'|'.join(MONTHS)})[a-z]*\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_WRITTEN = (
    re.compile(rf"\b{_YEAR}-(?P<month>\d{{1,2}})-(?P<day>\d{{1,2}})\b"),
    # As in the US, the month comes first.
    re.compile(r"(?<![\d/])(?P<month>\d{1,2})([/.-])(?P<day>\d{1,2})\2(?P<year>(?:19|20)?\d\d)\b"),
    re.compile(rf"\b{_MONTH}\s+{_DAY},?\s+{_YEAR}\b"),
    re.compile(rf"\b{_DAY}\s+(?:of\s+)?{_MONTH},?\s+{_YEAR}\b"),
)
_FIRST_YEAR = 1940


def past_day_in(text: str, today: date) -> date | None:
    """Return the first day that a text names if it can be somebody's first day at work."""
    plain = text.casefold()
    for pattern in _WRITTEN:
        found = pattern.search(plain)
        day = found and _day(found, today)
        if day and day.year >= _FIRST_YEAR and day <= today:
            return day
    return None


def _day(found: re.Match[str], today: date) -> date | None:
    parts = found.groupdict()
    name = parts.get("name")
    month = MONTHS.index(name) + 1 if name else int(parts["month"])
    year = int(parts["year"])
    if year < 100:
        year += 2000 if year <= today.year % 100 else 1900
    try:
        return date(year, month, int(parts["day"]))
    except ValueError:
        return None

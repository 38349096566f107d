"""Reads what people want of programs besides a purpose: an amount, or a time.

"Programs over 1000 dollars", "what closes this month", "which are open now". Plain reading of
English, no search: that is `bot.programs.search`.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

_NUMBER = r"\$?\s*(\d[\d,]*(?:\.\d+)?)\s*(k|grand|thousand)?\b\s*(dollars?|bucks|usd)?"
_OVER = re.compile(rf"(?:\b(?:over|above|more than|at least|bigger than|from)|>)\s*{_NUMBER}")
_OR_MORE = re.compile(rf"{_NUMBER}\s*(?:\+|or more|and up|plus)")
_UNDER = re.compile(rf"(?:\b(?:under|below|less than|up to|at most)|<)\s*{_NUMBER}")
_MOST = re.compile(
    r"\b(?:(?:pay|give|offer|worth|bring)s?\s+(?:out\s+)?(?:the\s+)?most|most money|"
    r"(?:biggest|highest|largest|best)\s+(?:amount|payout|money|benefit|bonus|reimbursement))\b"
)
_LEAST_PLAIN_AMOUNT = 100
"""A smaller number without a currency is rarely an amount ("over 18")."""


@dataclass(frozen=True)
class Amount:
    """So much money: from `at_least` to `at_most` USD, the most first."""

    at_least: float = 0.0
    at_most: float | None = None


@dataclass(frozen=True)
class Period:
    """Days from `first` to `last`; `open_now` asks for what can be applied for on the first."""

    first: date
    last: date
    open_now: bool = False


def amount_wanted(text: str) -> tuple[Amount, str] | None:
    """Return the amount that a sentence asks for, and the sentence without it; None if none."""
    plain = text.casefold()
    for pattern, is_least in ((_OVER, True), (_OR_MORE, True), (_UNDER, False)):
        found = pattern.search(plain)
        if found and (number := _dollars(found)) is not None:
            rest = f"{plain[: found.start()]} {plain[found.end() :]}"
            return (Amount(number) if is_least else Amount(0.0, number)), rest
    found = _MOST.search(plain)
    return (Amount(), f"{plain[: found.start()]} {plain[found.end() :]}") if found else None


def period_wanted(text: str, today: date) -> Period | None:
    """Return the time that a sentence asks for ("this month", "before christmas"), if any."""
    plain = text.casefold()
    if re.search(r"\b(?:now|currently|at the moment|today)\b|\bopen\b(?! ?ing)", plain):
        return Period(today, today, open_now=True)
    if re.search(r"\bnext month\b", plain):
        first = _month_end(today) + timedelta(days=1)
        return Period(first, _month_end(first))
    last = _last_day(plain, today)
    if last is not None:
        return Period(today, last)
    return _named_month(plain, today)


def _dollars(found: re.Match[str]) -> float | None:
    digits, thousands, currency = found.groups()
    number = float(digits.replace(",", "")) * (1000 if thousands else 1)
    is_money = thousands or currency or "$" in found.group()
    return number if is_money or number >= _LEAST_PLAIN_AMOUNT else None


def _last_day(plain: str, today: date) -> date | None:
    if re.search(r"\bthis week\b", plain):
        return today + timedelta(days=6 - today.weekday())
    if re.search(r"\bnext week\b|\bfortnight\b|\btwo weeks\b", plain):
        return today + timedelta(days=13 - today.weekday())
    if re.search(r"\bthis month\b|\bend of (?:the )?month\b", plain):
        return _month_end(today)
    if re.search(r"\bthis year\b|\bend of (?:the )?year\b|\bnew year\b", plain):
        return date(today.year, 12, 31)
    if re.search(r"\bchristmas\b|\bx-?mas\b|\bholidays\b", plain):
        eve = date(today.year, 12, 24)
        return eve if today <= eve else eve.replace(year=today.year + 1)
    found = re.search(r"\bnext (\d{1,3}) (day|week|month)s?\b", plain)
    if found:
        days = {"day": 1, "week": 7, "month": 31}[found.group(2)]
        return today + timedelta(days=int(found.group(1)) * days)
    return None


def _named_month(plain: str, today: date) -> Period | None:
    names = [name.lower() for name in calendar.month_name]
    found = re.search(
        rf"\b(in|before|by|until|till|end of|during)\s+({'|'.join(names[1:])})(?:\s+(20\d\d))?\b",
        plain,
    )
    if found is None:
        return None
    how, name, year = found.groups()
    month = names.index(name)
    first = date(int(year) if year else today.year, month, 1)
    if not year and month < today.month:
        first = first.replace(year=today.year + 1)
    if how == "before":
        return Period(today, max(first - timedelta(days=1), today))
    if how in ("in", "during"):
        return Period(max(first, today), max(_month_end(first), today))
    return Period(today, max(_month_end(first), today))


def _month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])

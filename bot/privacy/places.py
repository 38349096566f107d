"""Finds street addresses and ZIP codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from bot.privacy.spans import Span, any_of, matches, word_lists

_ZIP = r"\d{5}(?:-\d{4})?"
_BOX = re.compile(
    r"(?i)\b(?:p\.? ?o\.? ?box \w{1,8}|(?:rural (?:route|rt)|rr|hc) ?\d{1,3}(?:,? box \w{1,8})?)\b"
)
_ZIP_NAMED = re.compile(rf"(?i)\bzip(?:-? ?codes?)?\b\D{{0,25}}?({_ZIP})(?!\w)")
_ZIP_THEN_NAME = re.compile(rf"(?i)(?<![\w$.,\-])({_ZIP})\W{{0,3}}(?:is my |as my |\(?)zip\b")
_ZIP_PLUS_FOUR = re.compile(r"(?<![\w$.,\-])\d{5}-\d{4}(?![\w\-])")
_NUMBERED = re.compile(r"(?i)\b\d+(?:st|nd|rd|th)$")
_REACH = 50


def addresses(text: str) -> Iterator[Span]:
    """Find street addresses with what follows of unit, town, state and ZIP."""
    for match in _street().finditer(text):
        if _is_street(match, text):
            yield Span(match.start(), match.end(), "address")
    for match in _BOX.finditer(text):
        rest = _rest().match(text, match.end())
        yield Span(match.start(), rest.end() if rest else match.end(), "address")


def zips(text: str) -> Iterator[Span]:
    """Find ZIP codes: named, after a state, or with their four digits more."""
    for pattern in (_ZIP_NAMED, _ZIP_THEN_NAME, _zip_after_a_place()):
        yield from matches(pattern, text, "zip", 1)
    yield from matches(_ZIP_PLUS_FOUR, text, "zip")


def _is_street(match: re.Match[str], text: str) -> bool:
    words, kind = match.group("name"), match.group("type")
    if _sure_street().fullmatch(kind) or match.group("unit") or match.group("town"):
        return True
    if _NUMBERED.search(words):
        return True
    if all(word[0].isupper() or word[0].isdigit() for word in (*words.split(), kind)):
        return True
    return bool(_lives().search(text[max(0, match.start() - _REACH) : match.start()]))


@lru_cache(maxsize=1)
def _street() -> re.Pattern[str]:
    data = word_lists("words.yml")
    direction = r"(?:(?:north|south)?(?:east|west)|north|south|[ns]\.?[ew]?|[ew])\.?"
    word = rf"(?!{any_of(data['not_streets'])}\b)[a-z0-9][\w'.]*"
    return re.compile(
        rf"(?i)(?<![\w$.,:/\-])\d{{1,6}}[a-d]?(?: 1/2)? (?P<name>(?:{direction} )?"
        rf"{word}(?: {word}){{0,3}}) (?P<type>{any_of(data['streets'])})\b\.?"
        rf"(?: {direction}(?![\w]))?{_rest().pattern.removeprefix('(?i)')}"
    )


@lru_cache(maxsize=1)
def _rest() -> re.Pattern[str]:
    data = word_lists("words.yml")
    unit = any_of(data["units_of_a_house"])
    town = r"[a-z][a-z.'\-]+(?: [a-z][a-z.'\-]+){0,2}"
    state = rf"(?:{any_of(data['states'].values())}|(?-i:{any_of(map(str.upper, data['states']))}))"
    lower = any_of(data["states"])
    return re.compile(
        rf"(?i)(?P<unit>,? ?(?:{unit}\.? ?#?\w{{1,6}}|# ?\w{{1,6}})\b)?"
        rf"(?P<town>,? {town},? {state}\b\.?(?:,? {_ZIP}\b)?"
        rf"|,? {town},? {lower},? {_ZIP}\b|, {town},? {lower}(?=,| ?[.?!)]|$)"
        rf"|, {town}, {lower}\b|,? {_ZIP}\b)?"
    )


@lru_cache(maxsize=1)
def _zip_after_a_place() -> re.Pattern[str]:
    states = word_lists("words.yml")["states"]
    names = f"{any_of(states.values())}|{any_of(states)}"
    place = rf"(?:{names}|live in|living in|moved to|moving to|home is)"
    return re.compile(rf"(?i)\b{place},? ({_ZIP})(?![\w$%\-]|,\d)")


@lru_cache(maxsize=1)
def _sure_street() -> re.Pattern[str]:
    return re.compile(rf"(?i){any_of(word_lists('words.yml')['sure_streets'])}")


@lru_cache(maxsize=1)
def _lives() -> re.Pattern[str]:
    return re.compile(rf"(?i)\b{any_of(word_lists('words.yml')['lives'])}\b")

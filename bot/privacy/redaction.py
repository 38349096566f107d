"""Takes identifiers out of free text before anything is stored or logged.

This is the socket that every message passes. It knows the first kinds: social security
numbers, card numbers (Luhn check by python-stdnum), phone numbers (phonenumbers) and
e-mail addresses. Each find becomes a typed placeholder such as `[ssn]`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import phonenumbers
from stdnum import luhn
from stdnum.us import ssn

PHONE_REGION = "US"
_DASHES = r"\-\u2010\u2011\u2012\u2013\u2014\u2212"
_BLANK = r"[ \u00a0\u202f]"
_GAP = rf"(?:{_BLANK}?[.{_DASHES}]{_BLANK}?|{_BLANK})"
# The last part begins with a letter: “overtime @ 1.5” is no address.
_EMAIL = re.compile(r"(?<![\w.+'-])[\w.+'-]+\s?@\s?[\w-]+(?:\.[\w-]+)*\.[^\W\d_][\w-]+")
_DIGIT_RUN = re.compile(rf"(?<![\w$])\d(?:{_GAP}?\d){{12,}}(?!\w)")
_CARD = re.compile(r"(?:[3-6]|2[2-7])\d{12,18}")
_CARD_GROUP = 3
_CLOCK = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d")
_SSN_SHAPED = re.compile(rf"(?<![\w$])\d{{3}}{_GAP}\d{{2}}{_GAP}\d{{4}}(?!\w)")
_SSN_NAMED = re.compile(
    r"(?i)\b(?:ssn|social(?:\s+security)?)(?:\s+(?:number|no\.?|nr|#))?\W{0,3}(?:is|:|=)?\W{0,3}"
    rf"(\d{{3}}{_GAP}?\d{{2}}{_GAP}?\d{{4}})(?!\w)"
)
# Ten digits written like a phone number are one even where no such area code exists.
_PHONE_SHAPED = re.compile(
    rf"(?<![\w$.,/{_DASHES}])(?:\+?1{_GAP}?)?(?:\(\d{{3}}\){_BLANK}?|\d{{3}}{_BLANK}?[.{_DASHES}])"
    rf"\d{{3}}{_GAP}\d{{4}}(?![\w/])"
)
_LOCAL_PHONE = re.compile(
    rf"(?<![\w$.,/{_DASHES}])([2-9]\d{{2}})([.{_DASHES}])(\d{{4}})(?![\w/{_DASHES}])"
)
_PHONE_WORD = re.compile(
    r"(?i)\b(?:call|phone|cell|mobile|tel|text|fax|reach)\w*\W+(?:\w+\W+){0,3}$"
)
_PHONE_WORD_REACH = 40
_QUARTERS = (0, 15, 30, 45)


@dataclass(frozen=True)
class Redacted:
    """A text without the identifiers that were found, and the kinds that were."""

    text: str
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class _Span:
    start: int
    end: int
    kind: str


def redact(text: str) -> Redacted:
    """Return `text` with each identifier replaced by a placeholder of its kind."""
    kinds: list[str] = []
    for find in _FINDERS:
        pieces, position = [], 0
        for span in find(text):
            pieces += [text[position : span.start], f"[{span.kind}]"]
            position = span.end
            kinds.append(span.kind)
        text = "".join(pieces) + text[position:]
    return Redacted(text, tuple(kinds))


def _emails(text: str) -> Iterator[_Span]:
    for match in _EMAIL.finditer(text):
        yield _Span(match.start(), match.end(), "email")


def _cards(text: str) -> Iterator[_Span]:
    for run in _DIGIT_RUN.finditer(text):
        groups = list(re.finditer(r"\d+", run.group()))
        first = 0
        while first < len(groups):
            last = _end_of_card(groups, first)
            if last is None:
                first += 1
                continue
            start, end = groups[first].start(), groups[last].end()
            yield _Span(run.start() + start, run.start() + end, "card")
            first = last + 1


def _end_of_card(groups: list[re.Match[str]], first: int) -> int | None:
    # An expiry date or a security code may stand right after the number, so each end is tried.
    digits, longest = "", None
    for last in range(first, len(groups)):
        digits += groups[last].group()
        if len(digits) > 19:
            break
        parts = [group.group() for group in groups[first : last + 1]]
        if _is_card(digits, parts):
            longest = last
    return longest


def _is_card(digits: str, parts: list[str]) -> bool:
    in_blocks = min(map(len, parts)) >= _CARD_GROUP
    if not (in_blocks or max(map(len, parts)) == 1) or not _CARD.fullmatch(digits):
        return False
    return luhn.is_valid(digits) and not all(_CLOCK.fullmatch(part) for part in parts)


def _ssns(text: str) -> Iterator[_Span]:
    for match in _SSN_SHAPED.finditer(text):
        yield _Span(match.start(), match.end(), "ssn")


def _named_ssns(text: str) -> Iterator[_Span]:
    for match in _SSN_NAMED.finditer(text):
        yield _Span(match.start(1), match.end(1), "ssn")


def _bare_ssns(text: str) -> Iterator[_Span]:
    # Nine digits in a row are an SSN only if they could be one; benefit texts rarely hold them.
    for match in re.finditer(r"(?<![\w$.,-])\d{9}(?![\w-])", text):
        if ssn.is_valid(match.group()):
            yield _Span(match.start(), match.end(), "ssn")


def _phones(text: str) -> Iterator[_Span]:
    if sum(character.isdigit() for character in text) < 7:
        return
    matcher = phonenumbers.PhoneNumberMatcher(
        text, PHONE_REGION, leniency=phonenumbers.Leniency.VALID
    )
    for match in matcher:
        yield _Span(match.start, match.end, "phone")


def _shaped_phones(text: str) -> Iterator[_Span]:
    for match in _PHONE_SHAPED.finditer(text):
        yield _Span(match.start(), match.end(), "phone")


def _local_phones(text: str) -> Iterator[_Span]:
    for match in _LOCAL_PHONE.finditer(text):
        before = text[max(0, match.start() - _PHONE_WORD_REACH) : match.start()]
        if _PHONE_WORD.search(before) or not _reads_as_figures(match):
            yield _Span(match.start(), match.end(), "phone")


def _reads_as_figures(seven: re.Match[str]) -> bool:
    """Say whether these are rather shift times (700-1930), a range or a decimal number."""
    first, separator, last = int(seven.group(1)), seven.group(2), int(seven.group(3))
    is_shift = first % 100 in _QUARTERS and last % 100 in _QUARTERS and last < 2400
    is_range = first % 10 == 0 and last % 100 == 0
    return separator == "." or is_shift or is_range


_FINDERS: tuple[Callable[[str], Iterator[_Span]], ...] = (
    _emails,
    _cards,
    _ssns,
    _named_ssns,
    _bare_ssns,
    _phones,
    _shaped_phones,
    _local_phones,
)

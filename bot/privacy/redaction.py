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
from stdnum.exceptions import ValidationError
from stdnum.us import ssn

PHONE_REGION = "US"
_DASHES = r"\-\u2010\u2011\u2012\u2013\u2014\u2212"
_SEPARATOR = rf"[ .{_DASHES}]?"
_EMAIL = re.compile(r"[\w.+'-]+\s?@\s?[\w-]+(?:\.[\w-]+)+", re.UNICODE)
_CARD = re.compile(rf"(?<![\w$])\d(?:{_SEPARATOR}\d){{12,18}}(?!\w)")
_SSN_SHAPED = re.compile(rf"(?<![\w$])\d{{3}}[ .{_DASHES}]\d{{2}}[ .{_DASHES}]\d{{4}}(?!\w)")
_SSN_NAMED = re.compile(
    rf"(?i)\b(?:ssn|social(?:\s+security)?(?:\s+(?:number|no\.?|nr|\#))?)\W{{0,3}}(?:is|:|=)?\W{{0,3}}"
    rf"(\d{{3}}{_SEPARATOR}\d{{2}}{_SEPARATOR}\d{{4}})(?!\w)"
)


_LOCAL_PHONE = re.compile(rf"(?<![\w$.,/{_DASHES}])\d{{3}}[.{_DASHES}]\d{{4}}(?![\w/{_DASHES}])")


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
    for match in _CARD.finditer(text):
        try:
            luhn.validate(re.sub(r"\D", "", match.group()))
        except ValidationError:
            continue
        yield _Span(match.start(), match.end(), "card")


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


def _local_phones(text: str) -> Iterator[_Span]:
    for match in _LOCAL_PHONE.finditer(text):
        yield _Span(match.start(), match.end(), "phone")


_FINDERS: tuple[Callable[[str], Iterator[_Span]], ...] = (
    _emails,
    _cards,
    _ssns,
    _named_ssns,
    _bare_ssns,
    _phones,
    _local_phones,
)

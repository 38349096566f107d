"""Finds e-mail addresses, phone numbers, links and network addresses."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from functools import lru_cache

import phonenumbers

from bot.privacy.numbers import GAP
from bot.privacy.spans import Span, any_of, matches, word_lists

PHONE_REGION = "US"
# The last part begins with a letter: “overtime @ 1.5” is no address.
_EMAIL = re.compile(r"(?<![\w.+'\-])[\w.+'\-]+\s?@\s?[\w\-]+(?:\.[\w\-]+)*\.[^\W\d_][\w\-]+")
_DOT = r"(?:\s?(?:[\[(]dot[\])]|\.)\s?|\sdot\s)"
_SPOKEN_EMAIL = re.compile(
    rf"(?i)(?<![\w.+'\-])[\w.+'\-]+(?:{_DOT}[\w+\-]+){{0,3}}"
    rf"(?:\s?[\[(]at[\])]\s?[\w\-]+(?:{_DOT}[\w\-]+)+|\sat\s[\w\-]+(?:\sdot\s[\w\-]+)+)"
)
# Ten digits written like a phone number are one even where no such area code exists.
_EXTENSION = r"(?:\s?(?:ext|extension|x)\.?\s?\d{1,6})?"
_PHONE_SHAPED = re.compile(
    rf"(?i)(?<![\w$.,/\-])(?:\+?1{GAP}?)?(?:\(\d{{3}}\) ?|\d{{3}} ?[.\-] ?)"
    rf"\d{{3}}{GAP}\d{{4}}{_EXTENSION}(?![\w/])"
)
_SPACED_PHONE = re.compile(
    rf"(?i)(?<![\w$.,/\-])(?:\+?1 )?\d{{3}} \d{{3}}{GAP}\d{{4}}{_EXTENSION}(?![\w/])"
)
_ABROAD = re.compile(r"(?<![\w.])\+\d{1,3}(?:[ .\-]?\(?\d{1,5}\)?){2,6}(?!\w)")
_LOCAL_PHONE = re.compile(r"(?<![\w$.,/\-])([2-9]\d{2})([.\-])(\d{4})(?![\w/\-])")
# After a word such as “call” the digits may stand in any groups.
_LOOSE_PHONE = re.compile(
    r"(?<![\w$.,/\-])(?:\d{3}[ ./\-]?)?\d{3}[ ./\-]?\d?[ ./\-]?\d{3}(?![\w/\-]|,\d)"
)
_WORD_REACH = 40
_QUARTERS = (0, 15, 30, 45)
_URL = re.compile(
    r"(?i)(?<![\w@.])(?:https?://[^\s<>|]+|www\.[^\s<>|]+|"
    r"(?:[a-z0-9\-]+\.)+[a-z]{2,}/[^\s<>|]*[^\s<>|])"
)
_URL_END = ".,;:!?)]}'\"*"
_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?(?![\w]|\.\d)")
_IPV6 = re.compile(r"(?i)(?<![\w:])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:])")


def emails(text: str) -> Iterator[Span]:
    """Find e-mail addresses, written or spoken (“jo at mail dot example”)."""
    yield from matches(_EMAIL, text, "email")
    if " at " in text.lower() or "at)" in text.lower() or "at]" in text.lower():
        yield from matches(_SPOKEN_EMAIL, text, "email")
        yield from matches(_at_host(), text, "email")


@lru_cache(maxsize=1)
def _at_host() -> re.Pattern[str]:
    hosts = any_of(word_lists("words.yml")["mail_hosts"])
    return re.compile(
        rf"(?i)(?<![\w.])[\w.+\-]*\w(?:{_DOT}[\w+\-]+){{0,3}}\sat\s{hosts}(?:{_DOT}[a-z]{{2,}})?\b"
    )


def links(text: str) -> Iterator[Span]:
    """Find links, but for those to offices and vendors that everybody uses."""
    for match in _URL.finditer(text):
        link = match.group().rstrip(_URL_END)
        if not _is_public(link):
            yield Span(match.start(), match.start() + len(link), "url")


def _is_public(link: str) -> bool:
    host = re.sub(r"(?i)^https?://", "", link).split("/")[0].lower()
    return any(host == one or host.endswith(f".{one}") for one in _public_hosts())


@lru_cache(maxsize=1)
def _public_hosts() -> tuple[str, ...]:
    return tuple(word_lists("words.yml")["public_hosts"])


def network_addresses(text: str) -> Iterator[Span]:
    """Find IP addresses of both versions."""
    for match in _IPV4.finditer(text):
        if all(int(part) < 256 for part in match.group().split(":")[0].split(".")):
            yield Span(match.start(), match.end(), "ip")
    for match in _IPV6.finditer(text):
        if _is_ipv6(match.group()):
            yield Span(match.start(), match.end(), "ip")


def _is_ipv6(written: str) -> bool:
    try:
        ipaddress.IPv6Address(written)
    except ValueError:
        return False
    return sum(character.isalnum() for character in written) > 2


def phones(text: str) -> Iterator[Span]:
    """Find phone and fax numbers with their extensions."""
    if sum(character.isdigit() for character in text) < 7:
        return
    for pattern in (_PHONE_SHAPED, _SPACED_PHONE, _ABROAD):
        yield from matches(pattern, text, "phone")
    matcher = phonenumbers.PhoneNumberMatcher(
        text, PHONE_REGION, leniency=phonenumbers.Leniency.VALID
    )
    for match in matcher:
        yield Span(match.start, match.end, "phone")
    for match in _LOCAL_PHONE.finditer(text):
        if _is_after_a_word(text, match.start()) or not _reads_as_figures(match):
            yield Span(match.start(), match.end(), "phone")
    for match in _LOOSE_PHONE.finditer(text):
        digits = sum(character.isdigit() for character in match.group())
        if digits in (7, 10) and _is_after_a_word(text, match.start()):
            yield Span(match.start(), match.end(), "phone")


def _is_after_a_word(text: str, start: int) -> bool:
    return bool(_phone_word().search(text[max(0, start - _WORD_REACH) : start]))


@lru_cache(maxsize=1)
def _phone_word() -> re.Pattern[str]:
    words = any_of(word_lists("words.yml")["phone"])
    return re.compile(rf"(?i)\b{words}\w{{0,3}}\W+(?:\w+\W+){{0,3}}$")


def _reads_as_figures(seven: re.Match[str]) -> bool:
    """Say whether these are rather shift times (700-1930), a range or a decimal number."""
    first, separator, last = int(seven.group(1)), seven.group(2), int(seven.group(3))
    is_shift = first % 100 in _QUARTERS and last % 100 in _QUARTERS and last < 2400
    is_range = first % 10 == 0 and last % 100 == 0
    return separator == "." or is_shift or is_range

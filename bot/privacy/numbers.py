"""Finds numbers that single somebody out: by their shape, their check digits or their name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from stdnum import iban, luhn
from stdnum.us import rtn, ssn

from bot.privacy.spans import Span, any_of, matches, word_lists

# Dashes and blanks are plain here: redaction has made them so.
GAP = r"(?: ?[.\-] ?| )"
_DIGIT_RUN = re.compile(rf"(?<![\w$])\d(?:{GAP}?\d){{12,}}(?!\w)")
_CARD = re.compile(r"(?:[3-6]|2[2-7])\d{12,18}")
_CARD_GROUP = 3
_CARD_CODE = re.compile(r"(?i)\b(?:cvv2?|cvc2?|security code)\W{0,3}(?:is\W{0,3})?(\d{3,4})(?!\w)")
_CLOCK = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d")
_SSN_SHAPED = re.compile(rf"(?<![\w$])\d{{3}}{GAP}\d{{2}}{GAP}\d{{4}}(?!\w)")
_NINE = re.compile(r"(?<![\w$.,\-])\d{9}(?![\w\-])")
# Longer than any amount, year or hour; a day written together (20260915) is none.
_LONG = re.compile(r"(?<![\w$.,\-/#])(?!(?:19|20)\d{6}(?!\d))(\d{8,})(?![\w\-/])")
_MIXED = re.compile(
    r"(?i)(?<![\w$.@/])(?!hr-\d)(?=[\d\-]*[a-z])(?=(?:[a-z\-]*\d){6})([a-z\d]+(?:-[a-z\d]+)*)(?!\w)"
)
_IBAN = re.compile(r"(?i)\b[a-z]{2}\d{2}(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,3})?\b")
_MEDICARE = re.compile(r"(?i)\b[1-9][a-z][a-z0-9]\d-?[a-z][a-z0-9]\d-?[a-z]{2}\d{2}\b")
_MAC = re.compile(r"(?i)(?<![\w:])[0-9a-f]{2}(?:[:\-][0-9a-f]{2}){5}(?![\w:])")
_IMEI = re.compile(
    r"(?i)\b(?:imei|meid)\b\W{0,3}(?:(?:is|no|number)\b\W{0,3})*(\d[\d \-]{12,17}\d)"
)
_VIN = re.compile(r"(?i)\b(?=(?:[a-z]*\d){5})(?=\w*[a-z]\w*[a-z])[a-hj-npr-z0-9]{17}\b")


def cards(text: str) -> Iterator[Span]:
    """Find card numbers, by Luhn's check digit, and their security codes."""
    for run in _DIGIT_RUN.finditer(text):
        groups = list(re.finditer(r"\d+", run.group()))
        first = 0
        while first < len(groups):
            last = _end_of_card(groups, first)
            if last is None:
                first += 1
                continue
            start, end = groups[first].start(), groups[last].end()
            yield Span(run.start() + start, run.start() + end, "card")
            first = last + 1
    yield from matches(_CARD_CODE, text, "card", 1)


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


def social_security(text: str) -> Iterator[Span]:
    """Find social security numbers by shape or name, and their last four digits by name."""
    yield from matches(_SSN_SHAPED, text, "ssn")
    if _ssn_word().search(text):
        yield from matches(_named_ssn(), text, "ssn", 1)
        yield from matches(_last_four(), text, "ssn", 1)


@lru_cache(maxsize=1)
def _ssn_word() -> re.Pattern[str]:
    return re.compile(rf"(?i)\b{any_of(word_lists('words.yml')['ssn'])}(?![a-z])")


@lru_cache(maxsize=1)
def _named_ssn() -> re.Pattern[str]:
    number = rf"\d{{3}}{GAP}?\d{{2}}{GAP}?\d{{4}}"
    return re.compile(rf"{_ssn_word().pattern}[^\d\n]{{0,40}}({number})(?!\w)")


@lru_cache(maxsize=1)
def _last_four() -> re.Pattern[str]:
    words = any_of(word_lists("words.yml")["last_four"])
    return re.compile(rf"(?i)\b{words}\b[^\d\n]{{0,40}}(\d{{4}})(?![\w\-/])")


def named(text: str) -> Iterator[Span]:
    """Find numbers by what they are called: “my policy number is …”, “MRN …”."""
    for kind, pattern, least in _named_numbers():
        for match in pattern.finditer(text):
            value = match.group("value")
            if sum(character.isdigit() for character in value) >= least:
                yield Span(match.start("value"), match.end("value"), kind)


@lru_cache(maxsize=1)
def _named_numbers() -> list[tuple[str, re.Pattern[str], int]]:
    data = word_lists("words.yml")
    between = rf"[\s:=#.,()'\"*-]*(?:(?:{any_of(data['between'])})\b[\s:=#.,()'\"*-]+){{0,4}}"
    mark = rf"(?:'?s? ?(?:\b{any_of(data['number_words'])}\b|#)\.?(?:'?s\b)?)"
    # Letters in front, then digits and letters in groups; no case of ours, amount or time.
    called = {word for words in data["numbers"].values() for word in words["named"]}
    no_part = any_of({*called, *data["between"], "s"})
    value = (
        rf"(?!hr-\d)(?P<value>(?:(?!{no_part}\b)[a-z]{{1,4}}[ \-])?"
        r"[a-z]{0,6}\d[a-z\d]*(?:[\-./][a-z\d]+)*"
        rf"(?: \d[\d\-]+(?! ?(?:%|{any_of(data['units'])}\b)))*)(?![\w%]|,\d{{3}}|:\d)"
    )
    found = []
    for kind, words in data["numbers"].items():
        alone, marked = any_of(words["named"]), any_of(words["marked"])
        name = rf"(?:{alone}'?s?{mark}?|{marked}{mark})"
        pattern = re.compile(rf"(?i)(?<![\w$]){name}(?![a-z]){between}{value}")
        found.append((kind, pattern, words["digits"]))
    return found


def plates(text: str) -> Iterator[Span]:
    """Find licence plates after their name, and vehicle identification numbers."""
    for match in _plate().finditer(text):
        value = match.group(1)
        if any(c.isdigit() for c in value) and any(c.isalpha() for c in value):
            yield Span(match.start(1), match.end(1), "vehicle")
    yield from matches(_vin(), text, "vehicle", 1)
    yield from matches(_VIN, text, "vehicle")


@lru_cache(maxsize=1)
def _plate() -> re.Pattern[str]:
    words = any_of(word_lists("words.yml")["plates"])
    value = r"((?=[a-z \-]{0,8}\d)[a-z0-9]{1,4}[\- ][a-z0-9]{2,7}|[a-z0-9]{5,8})"
    return re.compile(
        rf"(?i)\b{words}\b(?:'?s)?[\s:#=]*(?:(?:is|are|no|number)\b[.\s:#]*)?{value}\b"
    )


@lru_cache(maxsize=1)
def _vin() -> re.Pattern[str]:
    words = any_of(word_lists("words.yml")["vin"])
    return re.compile(
        rf"(?i)\b{words}\b\W{{0,3}}(?:(?:is|number|no|#)\W{{0,3}})*([a-z0-9]{{11,17}})\b"
    )


def shaped(text: str) -> Iterator[Span]:
    """Find what only one kind of number looks like, or is called: IBAN, Medicare, MAC, IMEI."""
    for match in _IBAN.finditer(text):
        if iban.is_valid(match.group()):
            yield Span(match.start(), match.end(), "bank")
    yield from matches(_MEDICARE, text, "plan")
    yield from matches(_MAC, text, "device")
    yield from matches(_IMEI, text, "device", 1)


def nine_digits(text: str) -> Iterator[Span]:
    """Find nine digits in a row that could be an SSN, or a routing number by its check digit."""
    for match in _NINE.finditer(text):
        if ssn.is_valid(match.group()):
            yield Span(match.start(), match.end(), "ssn")
        elif rtn.is_valid(match.group()):
            yield Span(match.start(), match.end(), "bank")


def spelled(text: str) -> Iterator[Span]:
    """Find numbers spelled in words: nine are an SSN, seven or ten a phone number."""
    about_ssn = bool(_ssn_word().search(text))
    for match in _spelled().finditer(text):
        count = len(match.group().split())
        if about_ssn or count == 9:
            yield Span(match.start(), match.end(), "ssn")
        elif count >= 7:
            yield Span(match.start(), match.end(), "phone")


@lru_cache(maxsize=1)
def _spelled() -> re.Pattern[str]:
    digit = any_of(word_lists("words.yml")["digit_words"])
    return re.compile(rf"(?i)\b{digit}(?:[ ,\-]+{digit}){{3,15}}\b")


def unnamed(text: str) -> Iterator[Span]:
    """Find long numbers that nothing names, and those that are just called a number.

    What people ask about has none; numbers of forms, jobs and rooms stay.
    """
    for pattern in (_LONG, _MIXED, _called_number()):
        for match in pattern.finditer(text):
            if not _of_things().search(text[: match.start()]):
                yield Span(match.start(1), match.end(1), "id")


@lru_cache(maxsize=1)
def _called_number() -> re.Pattern[str]:
    words = any_of(word_lists("words.yml")["number_words"])
    return re.compile(
        rf"(?i)(?:\b{words}\b\.?|#)[ :]{{0,2}}(?:is |was )?(\d{{5,}})(?![\w%]|[,.]\d)"
    )


@lru_cache(maxsize=1)
def _of_things() -> re.Pattern[str]:
    data = word_lists("words.yml")
    number = rf"(?: ?(?:{any_of(data['number_words'])}|#)\.?)?"
    return re.compile(rf"(?i)\b{any_of(data['of_things'])}s?{number}\W{{0,3}}$")

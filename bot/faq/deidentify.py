"""Takes out of a question whatever points to a person, before others may get it.

It is stricter than redaction: redaction leaves placeholders and must keep the sense, this may
take too much, since somebody of HR reads and mends it.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Set

from bot.faq.book import AnswerBook
from bot.privacy.redaction import redact

_PLACEHOLDER = re.compile(
    r"(?:\s*(?:[:=#,]|\b(?:is|at|to|from|on|named|called)\b))?\s*\[[a-z0-9]+(?: \d+)?\]"
)
_MENTION = re.compile(r"<[@#!][^>]*>|(?<!\w)@[\w.-]+")
_NUMBER = re.compile(
    r"(?<![\w$])#?(?:[A-Z]{1,3}-?)?(?=(?:[\d/.-]*\d){5})\d[\d/.-]*\d(?![\w%])|(?<!\w)\d{1,2}/\d{1,2}(?!\w)"
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_ENDS_SENTENCE = re.compile(r"[.!?:\n]\s*[\"“(*-]*\s*$")
_TITLE = re.compile(r"(?i)(?:dr|mr|mrs|ms|mx|prof|nurse|doctor)\.?\s*$")
_ROLE = re.compile(
    r"(?i)\b(?:manager|supervisor|boss|director|lead|preceptor|coworker|co-worker|colleague|nurse"
    r"|doctor|friend|husband|wife|partner|spouse|son|daughter|mother|father|mom|dad|sister|brother"
    r"|patient|named|called|name\s+is|name's|i\s+am|i'm|i’m|this\s+is|ask|told|tell|from|with|and)"
    r",?\s+$"
)
_SURE_ROLE = re.compile(
    r"(?i)\b(?:manager|supervisor|boss|preceptor|coworker|co-worker|colleague|husband|wife|son"
    r"|daughter|named|called|name\s+is|name's),?\s+$"
)
_POSSESSIVE = re.compile(r"['’]s$")
_WEEKDAYS = frozenset(day.lower() + end for day in calendar.day_name for end in ("", "s"))


def vocabulary(book: AnswerBook, more: Iterable[str] = ()) -> frozenset[str]:
    """Return the words of everything that HR has approved, in lower case.

    Args:
        more: further approved texts, such as names of programs and facts of the company.
    """
    said = (
        text
        for variants in book.responses.values()
        for variant in variants
        for text in (variant.text, *map(str, variant.metadata.values()))
    )
    return frozenset(word.lower() for text in (*said, *more) for word in _WORD.findall(text))


def deidentified(text: str, known_words: Set[str]) -> str:
    """Return a text without names, numbers and other identifiers.

    Args:
        known_words: see `vocabulary`; a capitalised word of these is no name.
    """
    text = _MENTION.sub("", text)
    text = redact(text).text
    text = _PLACEHOLDER.sub("", text)
    text = _NUMBER.sub("", text)
    text = _without_names(text, known_words)
    return _tidy(text)


def _without_names(text: str, known_words: Set[str]) -> str:
    pieces, position, previous_was_name = [], 0, False
    for match in _WORD.finditer(text):
        before = text[: match.start()]
        is_name = _is_name(match.group(), before, known_words, previous_was_name)
        if is_name:
            pieces.append(_TITLE.sub("", text[position : match.start()]))
            position = match.end()
        previous_was_name = is_name
    return "".join(pieces) + text[position:]


def _is_name(word: str, before: str, known_words: Set[str], after_name: bool) -> bool:
    bare = _POSSESSIVE.sub("", word)
    if _TITLE.search(before) and bare[0].isupper():
        return True
    if bare.lower() in _WEEKDAYS:
        return False
    is_unknown = bare.lower() not in known_words
    begins = not before.strip() or bool(_ENDS_SENTENCE.search(before))
    has_capital = bare[0].isupper() and not (bare.isupper() and len(bare) <= 5)
    if has_capital and (after_name or _ROLE.search(before)):
        # Many names are words as well: “my manager Grace”.
        return is_unknown or not begins
    if has_capital and not begins:
        return is_unknown
    return is_unknown and (after_name or bool(_SURE_ROLE.search(before)))


def _tidy(text: str) -> str:
    text = re.sub(r"[ \t]+", " ", text)
    text = re.sub(r"\(\s*\)", "", text)
    text = re.sub(r"\s+([,.;:!?])", r"\1", text)
    text = re.sub(r"([,;:])(?:\s*[,;:])+", r"\1", text)
    text = re.sub(r"^[\s,;:.!?-]+", "", text)
    return re.sub(r"[\s,;:-]+$", "", text)

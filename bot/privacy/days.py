"""Finds days that belong to a person (birth, admission, wedding), not to a program or a job."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from bot.privacy.spans import Span, any_of, word_lists

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_YEAR = r"(?P<y{0}>(?:19|20)\d\d|'\d\d)"
_DATE = re.compile(
    r"(?i)(?<![\w/.\-$])(?:"
    r"(?P<full>\d{1,2}([/.\- ])\d{1,2}\2(?:(?:19|20)\d\d|\d\d)"
    r"|(?:19|20)\d\d([/.\-])\d{1,2}\3\d{1,2})"
    rf"|{_MONTH} ?{_DAY}(?!\d)(?:,? ?(?:of )?{_YEAR.format(1)})?"
    rf"|{_DAY} ?(?:of )?{_MONTH}(?:,? ?{_YEAR.format(2)})?"
    r"|\d{1,2}/\d{1,2}"
    r"|(?P<digits>(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:19|20)\d\d|(?:19|20)\d{6})"
    r")(?![\w/]|[.\-]\d)"
)
_BEFORE, _AFTER = 60, 40
_RANGE = re.compile(r"(?i) ?(?:to|-|through|thru|until|and|or|&)? ?")
_SENTENCE_END = re.compile(r"(?<=\w{3})[.!?]\s|\n")
_AGE = re.compile(
    r"(?i)(?<![\w$.])(?:9\d|1[01]\d)(?= ?-?(?:years?|yrs?)[ \-]olds?\b| ?(?:yo|y/o|y\.o\.)(?!\w))"
    r"|(?<=\baged )(?:9\d|1[01]\d)(?!\w)"
)


def days(text: str) -> Iterator[Span]:
    """Find such days. Near a birth any day counts, elsewhere a day with its year."""
    last, tie = 0, None
    for match in _DATE.finditer(text):
        has_year = any(match.group(name) for name in ("full", "y1", "y2", "digits"))
        # “from 4/1/2026 to 4/9/2026”: the second day belongs to what the first belongs to.
        if not (last and _RANGE.fullmatch(text, last, match.start())):
            tie = _tie(text, match.start(), match.end())
        last = match.end()
        if tie == "birth" or (tie == "person" and has_year):
            yield Span(match.start(), match.end(), "date")


def ages(text: str) -> Iterator[Span]:
    """Find ages of 90 and more, which single people out."""
    for match in _AGE.finditer(text):
        yield Span(match.start(), match.end(), "age")


def _tie(text: str, start: int, end: int) -> str | None:
    """Say what the nearest word about days ties a day to: birth, person, job, or nothing."""
    before = _SENTENCE_END.split(text[max(0, start - _BEFORE) : start])[-1]
    ties = [match.lastgroup for match in _words().finditer(before)]
    if ties:
        return ties[-1]
    after = _SENTENCE_END.split(text[end : end + _AFTER])[0]
    found = _words().search(after)
    return found.lastgroup if found else None


@lru_cache(maxsize=1)
def _words() -> re.Pattern[str]:
    data = word_lists("words.yml")
    kinds = {"birth": "birth", "person": "of_a_person", "job": "of_the_job"}
    groups = [rf"(?P<{group}>{any_of(data[name])})" for group, name in kinds.items()]
    groups[1] = groups[1].replace("(?:", rf"(?:\w{{3,}}{any_of(data['of_a_body'])}|", 1)
    return re.compile(rf"(?i)\b(?:{'|'.join(groups)})(?!\w)")

"""What people say of their own job: by a button, or in words ("part time", "24 hours a week").

Makes the choices to offer, and reads what was chosen or typed as `JobFacts`. Nothing is
guessed: words that may mean something else count only in an answer to a question.
"""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from bot.programs.catalogue_file import EMPLOYMENT_TYPES, JOB_FAMILIES, SITES
from bot.programs.days import MONTHS, past_day_in
from bot.programs.eligibility import (
    EMPLOYMENT_TYPE,
    FTE,
    JOB_FAMILY,
    SITE,
    TENURE,
    Bounds,
    Conditions,
    JobFacts,
)
from bot.programs.terms import FULL_TIME_HOURS, IN_WORDS, number_text
from bot.programs.words import job_family, stem, stems

HIRE_DATE = "hire_date"
"""Names the fact that a date picker asks for; buttons ask for the tenure instead."""
MOST_CHOICES = 5
_TITLES = {
    "nursing": "Nursing (RN, LPN)",
    "nursing_support": "Nursing support (CNA, tech)",
    "allied_health": "Allied health (lab, therapy)",
    "physicians": "Medical staff",
    "administration": "Office and administration",
    "support_services": "Support services",
}
_OTHER_AREA = "Another area"


@dataclass(frozen=True)
class Option:
    """A choice: what its button says, and what it means, for `job_from_choice`."""

    title: str
    value: str


def options_for(fact: str, programs: Sequence[Conditions]) -> list[Option]:
    """Return the choices that tell apart what these programs ask for; at most five."""
    if fact == EMPLOYMENT_TYPE:
        return [Option(IN_WORDS[name].capitalize(), name) for name in EMPLOYMENT_TYPES]
    if fact == SITE:
        return [Option(IN_WORDS[name].removeprefix("the "), name) for name in SITES]
    if fact == JOB_FAMILY:
        return _area_options({name for program in programs for name in program.job_families})
    if fact == FTE:
        cuts = _cuts(program.min_fte for program in programs)
        return _bands(cuts, lambda cut: f"{number_text(cut * FULL_TIME_HOURS)} hours a week")
    cuts = _cuts(program.min_tenure_months for program in programs)
    return _bands(cuts, _tenure_words)


def job_from_choice(fact: str, value: str, today: date) -> JobFacts:
    """Return what a choice, or a day that was picked, means; nothing if it makes no sense."""
    if fact == HIRE_DATE:
        return JobFacts(hire_date=past_day_in(value, today))
    if fact in (FTE, TENURE):
        at_least, _, below = value.partition(":")
        try:
            bounds = Bounds(float(at_least or 0), float(below) if below else math.inf)
        except ValueError:
            return JobFacts()
        return JobFacts(fte=bounds) if fact == FTE else JobFacts(tenure=bounds)
    names = frozenset(value.split(","))
    if fact == EMPLOYMENT_TYPE and names <= set(EMPLOYMENT_TYPES):
        return JobFacts(employment_types=names)
    if fact == JOB_FAMILY and names <= set(JOB_FAMILIES):
        return JobFacts(job_families=names)
    if fact == SITE and names <= set(SITES):
        return JobFacts(sites=names)
    return JobFacts()


def job_in(text: str, today: date, *, answering: bool = False) -> JobFacts:
    """Return what a sentence says of the speaker's job: "as per diem", "24 hours a week".

    Args:
        answering: whether it answers a question about the job; bare words count then.
    """
    plain = re.sub(r"[’`]", "'", text.casefold())
    return JobFacts(
        employment_types=_employment_type(plain, answering),
        fte=_fte(plain, answering),
        hire_date=_hire_date(plain, answering, today),
        tenure=_tenure(plain, answering, today),
        job_families=_area(plain, answering),
        sites=_site(plain, answering),
    )


def stems_besides_job(text: str) -> list[str]:
    """Return the stems of what a sentence says besides the speaker's job: "as per diem"."""
    plain = re.sub(r"[’`]", "'", text.casefold())
    for pattern in (*(pattern for _, pattern in _TYPES), _HOURS, _LENGTH, _SINCE, _FTE):
        plain = pattern.sub(" ", plain)
    return [s for s in stems(plain) if not job_family(s) and s not in _AREA_OF]


def _area_options(allowed: set[str]) -> list[Option]:
    """Name the areas that count, or those that don't, whichever are fewer, and the rest."""
    counting = [name for name in JOB_FAMILIES if name in allowed]
    others = [name for name in JOB_FAMILIES if name not in allowed]
    named, rest = (counting, others) if len(counting) < MOST_CHOICES else (others, counting)
    options = [Option(_TITLES[name], name) for name in named]
    return [*options, Option(_OTHER_AREA, ",".join(rest))] if rest else options


def _cuts(numbers: Iterator[float | None]) -> list[float]:
    common = Counter(number for number in numbers if number)
    return sorted(number for number, _ in common.most_common(MOST_CHOICES - 1))


def _bands(cuts: Sequence[float], in_words: Callable[[float], str]) -> list[Option]:
    if not cuts:
        return []
    first, last = cuts[0], cuts[-1]
    between = [
        Option(f"From {in_words(low)} to less than {in_words(high)}", f"{low:g}:{high:g}")
        for low, high in itertools.pairwise(cuts)
    ]
    return [
        Option(f"Less than {in_words(first)}", f":{first:g}"),
        *between,
        Option(f"{in_words(last)} or more".capitalize(), f"{last:g}:"),
    ]


def _tenure_words(months: float) -> str:
    count, unit = (int(months) // 12, "year") if months % 12 == 0 else (int(months), "month")
    return f"{count} {unit}{'' if count == 1 else 's'}"


# -- reading words ------------------------------------------------------------------------------
_TYPES = (
    ("per_diem", re.compile(r"\b(?:per[ -]?diem|prn|casual)\b")),
    ("full_time", re.compile(r"\bfull[ -]?tim(?:e|er)\b")),
    ("part_time", re.compile(r"\bpart[ -]?tim(?:e|er)\b")),
)
_AM = r"\b(?:i'?m|i am|im|as|being|i work as|working as)\s+(?:an?\s+|in\s+)?"
_ME = re.compile(_AM + r"((?:[\w-]+\s?){1,4})")
_FTE = re.compile(r"(?<![\d.$])(0?\.\d{1,2}|1\.0)(?!\d)\s*(fte)?")
_HOURS = re.compile(
    r"\b(\d{1,2})\s*(?:h|hrs?|hours)\b(?!\s*(?:shift|day|of))"
    r"(\s*(?:a|per|/|each|every)?\s*(?:week|wk)\b)?"
)
_NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_NUMBERS |= {"seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12}
_LENGTH = re.compile(
    r"(?:\b(less than|under|not even|almost|nearly|over|more than|at least)\s+)?"
    rf"\b(\d{{1,2}}|{'|'.join(_NUMBERS)})\s*(years?|yrs?|months?|mos?|weeks?|wks?|days?)\b"
    r"(\s+or more)?(?!\s+ago)"
)
_HERE = re.compile(r"\b(?:i've|ive|i have|been|worked|working|here|hired|started|joined)\b")
_BELOW = {"less than", "under", "not even", "almost", "nearly"}
_ABOVE = {"over", "more than", "at least"}
_BEGINNING = r"\b(?:since|started|hired|joined|began|first day|start date|hire date)\b"
_BEGAN = rf"{_BEGINNING}\D{{0,12}}?"
_MONTH = rf"({'|'.join(MONTHS)})[a-z]*\.?\s*(?:of\s+)?"
_YEAR = r"((?:19|20)\d\d)\b(?!-\d)"
_SINCE = re.compile(rf"{_BEGAN}(?:{_MONTH})?{_YEAR}")
_MONTH_ALONE = re.compile(rf"\b{_MONTH}{_YEAR}")
_SITES = {
    "medical_center": re.compile(r"\b(?:medical cent(?:er|re)|main campus)\b"),
    "riverside": re.compile(r"\briverside\b"),
    "lakeview": re.compile(r"\blakeview\b"),
}
_AREAS = {
    "nursing": "nurse rn lpn nursing",
    "nursing_support": "pct",
    "allied_health": "allied lab pharmacy radiology respiratory rt",
    "physicians": "medical staff",
    "administration": "administration admin office",
    "support_services": "support services kitchen cleaning",
}
_AREA_OF = {stem(word): area for area, words in _AREAS.items() for word in words.split()}


def _employment_type(text: str, answering: bool) -> frozenset[str] | None:
    named = {name for name, pattern in _TYPES if pattern.search(text)}
    about_me = _about_me(text, answering)
    named |= {name for name in ("resident", "student") if about_me[:2].count(name)}
    return frozenset(named) if len(named) == 1 else None


def _fte(text: str, answering: bool) -> Bounds | None:
    found = _FTE.search(text)
    if found and (answering or found.group(2)):
        return Bounds.exactly(float(found.group(1)))
    found = _HOURS.search(text)
    if found and (answering or found.group(2)):
        return Bounds.exactly(min(int(found.group(1)) / FULL_TIME_HOURS, 1.0))
    return None


def _hire_date(text: str, answering: bool, today: date) -> date | None:
    return past_day_in(text, today) if answering or re.search(_BEGINNING, text) else None


def _tenure(text: str, answering: bool, today: date) -> Bounds | None:
    if _hire_date(text, answering, today) is not None:
        return None
    since = _SINCE.search(text) or (_MONTH_ALONE.search(text) if answering else None)
    if since:
        return _tenure_since(since.group(1), int(since.group(2)), today)
    found = _LENGTH.search(_HOURS.sub(" ", text))
    if found is None or not (answering or _HERE.search(text)):
        return None
    how, number, unit, or_more = found.groups()
    count = _NUMBERS.get(number) or int(number)
    months = {"y": 12.0, "m": 1.0, "w": 12 / 52, "d": 12 / 365}[unit[0]]
    if how in _BELOW:
        return Bounds(0, count * months)
    if how in _ABOVE or or_more:
        return Bounds(count * months)
    return Bounds(count * months, (count + 1) * months)


def _tenure_since(month: str | None, year: int, today: date) -> Bounds | None:
    this_month = today.year * 12 + today.month
    first = MONTHS.index(month) + 1 if month else 1
    last = first if month else 12
    longest, shortest = this_month - (year * 12 + first), this_month - (year * 12 + last)
    # Within a month nobody knows the day; the month counts once it is surely over.
    return Bounds(max(shortest - 1, 0), longest + 1) if longest >= 0 else None


def _area(text: str, answering: bool) -> frozenset[str] | None:
    if re.search(r"\bnursing (?:support|assistant|aide)\b", text):
        return frozenset({"nursing_support"})
    areas = {job_family(stem(w)) or _AREA_OF.get(stem(w)) for w in _about_me(text, answering)}
    areas -= {None}
    return frozenset(areas) if len(areas) == 1 else None


def _site(text: str, answering: bool) -> frozenset[str] | None:
    named = {
        name
        for name, pattern in _SITES.items()
        if (found := pattern.search(text))
        and (answering or re.search(r"\b(?:at|in|from)\s+(?:the\s+)?$", text[: found.start()]))
    }
    return frozenset(named) if len(named) == 1 else None


def _about_me(text: str, answering: bool) -> list[str]:
    """Return the words after "I'm a …"; in an answer to a question, all words."""
    found = [word for phrase in _ME.findall(text) for word in phrase.split()]
    return found or (re.findall(r"[\w-]+", text) if answering else [])

"""What people ask: phrasings of the evaluation, things that are none of HR's, and six new subjects.

None of it was learnt by the model.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

from ruamel.yaml import YAML

from .staff import Worker

HERE = Path(__file__).parent
_YAML = YAML(typ="safe")
EVALUATION = HERE.parent / "evaluation"
NO_TOPICS = ("context", "sensitive", "relations")
SUBJECT, OUTSIDE, TOPIC = "subject", "out_of_scope", "topic"
SHARES = {TOPIC: 0.74, OUTSIDE: 0.12, SUBJECT: 0.14}


@dataclass(frozen=True)
class Subject:
    """Something that HR answers once, as subjects.yml has it."""

    topic: str
    title: str
    category: str
    question: str
    answer: str
    draft: Sequence[str]
    later: Sequence[str]


@dataclass(frozen=True)
class Ask:
    """Somebody asks something."""

    at: datetime
    user: str
    text: str
    subject: str | None = None
    to_hr: str | None = None
    """The button with which it goes to HR whatever comes of it; None: as it turns out."""


SENSITIVE = (
    "supervisor keeps asking me out and wont take no",
    "my manager writes me up because I am pregnant",
    "How do I report sexual harassment",
    "I want to file a grievance against my supervisor",
)
"""What only employee relations may see."""
ANONYMOUS = (
    "why does the night shift never get the new pumps",
    "who decides that our unit has no secretary on weekends",
    "is it true that the break room on 4 is going to be closed",
    "who chose the new vending machines, they are always broken",
)
SEND, SEND_ANONYMOUSLY = "Send to HR", "Send anonymously"


def subjects() -> list[Subject]:
    """Return what has no answer yet."""
    return [Subject(**one) for one in _YAML.load(HERE / "subjects.yml")]


def make_questions(
    count: int,
    delicate: int,
    first: Sequence[Subject],
    staff: Sequence[Worker],
    days: Sequence[date],
    random: Random,
) -> list[Ask]:
    """Return so many questions in order of time, each in a shift of whoever asks.

    Args:
        delicate: so many go to employee relations, and as many to HR without a name.
        first: subjects of which somebody asks within the first three days.
        days: on which shifts begin that still end within the month.
    """
    pools = {
        TOPIC: _pool(lambda name: name not in (*NO_TOPICS, OUTSIDE)),
        OUTSIDE: _pool(lambda name: name == OUTSIDE),
    }
    old = [one for one in staff if one.hired < days[0]]
    found = []

    def add(text: str, subject: str | None = None, to_hr: str | None = None) -> None:
        one = random.choice(staff)
        day = random.choice([day for day in days if day >= one.hired])
        found.append(Ask(one.at_work(day, random), one.user, text, subject, to_hr))

    for subject in first:
        one, day = random.choice(old), random.choice(days[:3])
        at = one.at_work(day, random)
        found.append(Ask(at, one.user, subject.question, subject.topic, SEND))
    for number in range(delicate):
        add(SENSITIVE[number % len(SENSITIVE)], to_hr=SEND)
        add(ANONYMOUS[number % len(ANONYMOUS)], to_hr=SEND_ANONYMOUSLY)
    while len(found) < count:
        kind = random.choices(list(SHARES), SHARES.values())[0]
        if kind == SUBJECT:
            subject = random.choice(first)
            add(random.choice(subject.later), subject.topic)
        else:
            add(random.choice(pools[kind]))
    return sorted(found, key=lambda ask: ask.at)


def batches(asked: Iterable[Ask], most: int) -> Iterator[list[Ask]]:
    """Give the questions in groups of different people who ask within a quarter of an hour."""
    group: list[Ask] = []
    for ask in asked:
        is_near = group and ask.at - group[0].at < timedelta(minutes=15)
        is_new = ask.user not in {one.user for one in group}
        if group and not (is_near and is_new and len(group) < most):
            yield group
            group = []
        group.append(ask)
    if group:
        yield group


def _pool(is_meant: Callable[[str], bool]) -> list[str]:
    found = []
    for file in sorted(EVALUATION.glob("*/*.csv")):
        if is_meant(file.stem):
            with file.open(encoding="utf-8") as opened:
                rows = csv.DictReader(opened)
                found += [row["text"] for row in rows if row["audience"] != "candidate"]
    return found

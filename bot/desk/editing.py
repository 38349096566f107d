"""Editing answers and programs while everything runs: found by words, checked, changed, undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.answers import ContentVersion
from bot.db.models import Program
from bot.faq import content
from bot.faq.book import AnswerBook
from bot.faq.lint import answer_problems
from bot.privacy.audience import EMPLOYEE
from bot.programs import editing as programs

FOUND_AT_MOST = 10
ANSWER_FIELDS = ("text", "audience", "source", "link", "owner", "reviewed", "review_by")
INTERNAL_LINK = "https://hr."


@dataclass(frozen=True)
class Subject:
    """What is edited: one variant of a response of the answer book, or a program.

    kind: `answer` or `program`; name: the response or the program's id.
    """

    kind: str
    name: str
    variant: int = 0

    @property
    def topic(self) -> str:
        """The topic of an answer."""
        return self.name.removeprefix("utter_")

    def value(self) -> str:
        """Return it as a button carries it."""
        return f"{self.kind}:{self.name}:{self.variant}"

    @classmethod
    def read(cls, value: str) -> Subject:
        """Return what `value` wrote."""
        kind, name, variant = value.split(":")
        return cls(kind, name, int(variant))


@dataclass(frozen=True)
class Found:
    """Something that can be edited: its title, for whom it is, and the topic it belongs to."""

    subject: Subject
    title: str
    audience: str
    topic: str | None


def find(session: Session, book: AnswerBook, words: str) -> list[Found]:
    """Return what has all of these words, the best first: in its name before in its text."""
    wanted = words.casefold().replace("_", " ").split()
    if not wanted:
        return []
    ranked: list[tuple[int, str, Found]] = []
    for topic in book.topics():
        for number, variant in enumerate(book.responses[f"utter_{topic}"]):
            found = Found(
                Subject(content.ANSWER, f"utter_{topic}", number),
                variant.metadata.get("title") or topic,
                variant.audience or EMPLOYEE,
                topic,
            )
            rank = _rank(words, wanted, (topic, found.title), variant.text)
            ranked.append((rank, found.title, found))
    for program in session.scalars(select(Program).where(Program.active)):
        found = Found(
            Subject(content.PROGRAM, program.id), program.name, program.audience, program.topic
        )
        names = (program.id, program.name, *program.aliases)
        ranked.append((_rank(words, wanted, names, program.summary), program.name, found))
    best = sorted((one for one in ranked if one[0]), key=lambda one: (-one[0], one[1]))
    return [found for _, _, found in best[:FOUND_AT_MOST]]


def topic_of(session: Session, subject: Subject) -> str | None:
    """Return the topic whose people may edit this."""
    if subject.kind == content.ANSWER:
        return subject.topic
    program = session.get(Program, subject.name)
    return program.topic if program else None


def current(session: Session, book: AnswerBook, subject: Subject) -> dict[str, Any]:
    """Return the fields that can be edited, as they hold now.

    Raises:
        ContentError: it isn't there any more.
    """
    if subject.kind == content.PROGRAM:
        return programs.fields_of(_program(session, subject))
    variant = _variants(session, book, subject)[subject.variant]
    return {"text": variant["text"], **{k: variant["metadata"].get(k) for k in ANSWER_FIELDS[1:]}}


def version_of(session: Session, subject: Subject) -> int:
    """Return the number of the version that holds, 0 if it is the file's."""
    versions = content.history(session, subject.kind, subject.name)
    return versions[0].id if versions else 0


def problems(subject: Subject, fields: Mapping[str, Any], facts: Sequence[str]) -> list[str]:
    """Return what is wrong with edited fields, one sentence each.

    Args:
        facts: keys that answers may refer to, e.g. `company.hr_phone`.
    """
    found = []
    if subject.kind == content.ANSWER:
        metadata = {k: v for k, v in fields.items() if k != "text" and v}
        variant = {"text": fields["text"], "metadata": {"title": subject.topic, **metadata}}
        found = [p.partition(": ")[2] for p in answer_problems("", variant, set(facts))]
    else:
        missing = [name for name in programs.REQUIRED if not fields.get(name)]
        found = [f"“{name.replace('_', ' ')}” can't be empty." for name in missing]
    link = fields.get("link") or ""
    if link and not link.startswith("https://"):
        found.append("The link must begin with https://.")
    if fields["audience"] != EMPLOYEE and link.startswith(INTERNAL_LINK):
        found.append(f"Outsiders can't open the link {link}; it is for employees only.")
    return found


def save(
    session: Session,
    book: AnswerBook,
    subject: Subject,
    fields: dict[str, Any],
    now: datetime,
    *,
    person_id: str | None,
    seen: int,
    cause: str = content.EDITED,
) -> None:
    """Let edited fields hold at once.

    Args:
        seen: the version that the form showed.
        cause: what the history says of it.

    Raises:
        ContentError: a colleague has changed it since, or it isn't there any more.
    """
    if subject.kind == content.PROGRAM:
        program = _program(session, subject)
        programs.edit(session, program, fields, now, person_id=person_id, seen=seen, cause=cause)
        return
    variants = [dict(one) for one in _variants(session, book, subject)]
    edited = variants[subject.variant]
    metadata = {**edited["metadata"], **{key: fields[key] for key in ANSWER_FIELDS[1:]}}
    variants[subject.variant] = {
        **edited,
        "text": fields["text"],
        "metadata": {key: value for key, value in metadata.items() if value not in (None, "")},
    }
    content.change(
        session,
        now,
        kind=content.ANSWER,
        subject=subject.name,
        content=variants,
        in_file=_in_file(book, subject),
        cause=cause,
        person_id=person_id,
        seen=seen,
    )


def undo(
    session: Session,
    book: AnswerBook,
    subject: Subject,
    now: datetime,
    *,
    person_id: str | None,
    seen: int,
) -> None:
    """Take back the last change. Raises as `save` does, or if there is none."""
    if subject.kind == content.PROGRAM:
        program = _program(session, subject)
        programs.undo(session, program, now, person_id=person_id, seen=seen)
        return
    content.undo(
        session,
        now,
        kind=content.ANSWER,
        subject=subject.name,
        in_file=_in_file(book, subject),
        person_id=person_id,
        seen=seen,
    )


def changes_in(version: ContentVersion, variant: int) -> dict[str, tuple[Any, Any]]:
    """Return which fields a version changed, each with what stood there before and since."""
    before, after = (
        _fields(version.kind, one, variant) for one in (version.before, version.content)
    )
    return {
        name: (before.get(name), after.get(name))
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    }


def _fields(kind: str, stored: Any, variant: int) -> dict[str, Any]:
    if kind == content.PROGRAM:
        return dict(stored or {})
    if not stored or variant >= len(stored):
        return {}
    return {"text": stored[variant]["text"], **stored[variant]["metadata"]}


def _rank(words: str, wanted: Sequence[str], names: Sequence[str], text: str) -> int:
    """Return how well it fits: 4 its very name, 3 a whole name, 2 in names, 1 in the text."""
    lowered = [name.casefold() for name in names]
    plain = [name.replace("_", " ").replace("-", " ") for name in lowered]
    if words.casefold().strip() == lowered[0]:
        return 4
    if " ".join(wanted) in plain:
        return 3
    if all(any(word in name for name in plain) for word in wanted):
        return 2
    return int(all(word in f"{' '.join(plain)} {text.casefold()}" for word in wanted))


def _program(session: Session, subject: Subject) -> Program:
    program = session.get(Program, subject.name, with_for_update=True)
    if program is None:
        raise content.ContentError("That program isn't in the catalogue any more.")
    return program


def _variants(session: Session, book: AnswerBook, subject: Subject) -> list[dict[str, Any]]:
    versions = content.history(session, content.ANSWER, subject.name)
    holds = content.in_force(_in_file(book, subject), versions[0] if versions else None) or []
    if subject.variant >= len(holds):
        raise content.ContentError("That answer isn't there any more.")
    return holds


def _in_file(book: AnswerBook, subject: Subject) -> content.Content | None:
    return content.content_of(book.of_files.get(subject.name))

"""The data that we ship, with a word in every internal text that stands nowhere else.

If an outsider ever sees that word, or the title of a topic that is for employees alone, the
wall has a hole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.db.models import Program
from bot.faq.book import AnswerBook, Variant, load_book
from bot.privacy.audience import CANDIDATE, EMPLOYEE, READERS, may_see
from bot.settings import ROOT

CANARY = "zqxinternal"
_NO_TEXTS = {"audience", "reviewed"}
_TEXTS = (
    "name",
    "summary",
    "gives_text",
    "eligibility_notes",
    "how_to_apply",
    "contact",
    "link",
    "owner",
)


def canaried_book() -> AnswerBook:
    """Return the answer book with the word in whatever is internal."""
    book = load_book(ROOT / "data", ROOT / "domain.yml")
    return AnswerBook(
        {name: tuple(_variants(variants)) for name, variants in book.responses.items()}
    )


def canary_catalogue(session: Session) -> None:
    """Put the word into every text of every internal program."""
    for program in session.scalars(select(Program).where(Program.audience == EMPLOYEE)):
        for column in _TEXTS:
            value = getattr(program, column)
            if value:
                setattr(program, column, f"{value} {CANARY}"[:120])
        for date in program.dates:
            date.name = f"{date.name} {CANARY}"


class Wall:
    """Knows what an outsider may never see."""

    def __init__(self, book: AnswerBook, programs: Iterable[Program]) -> None:
        """Learn it from the book without canaries: the model was trained with its titles."""
        internal, public = set(), set()
        for variants in book.responses.values():
            for variant in variants:
                titles = public if may_see(CANDIDATE, variant.audience) else internal
                titles.add(variant.metadata.get("title"))
        self.topics = set(book.topics()) - book.visible_topics(CANDIDATE)
        self.titles = internal - public
        self.programs = {p.id for p in programs if p.audience == EMPLOYEE}
        self.names = self.topics | self.titles | self.programs

    def holes(self, messages: Any, said: str = "") -> list[str]:
        """Return what in some messages is internal: the word, a title, or what a button means.

        Args:
            said: what somebody wrote; it may come back as a quote, and only that.
        """
        found = []
        for value in _strings(messages):
            for line in said.splitlines():
                value = value.replace(line.strip(), "") if line.strip() else value
            if CANARY in value or value in self.names:
                found.append(value)
        return found


def _variants(variants: tuple[Variant, ...]) -> Iterator[Variant]:
    public = [v for v in variants if all(may_see(reader, v.audience) for reader in READERS)]
    for variant in variants:
        if variant in public:
            yield variant
            continue
        # Where only the internal variant has the title, it is the title of the public one, too.
        is_shared = bool(public) and not any("title" in v.metadata for v in public)
        yield replace(
            variant,
            text=f"{variant.text}\n\n{CANARY}",
            metadata=dict(_metadata(variant.metadata, keeps_title=is_shared)),
            buttons=tuple({**b, "title": f"{b['title']} {CANARY}"} for b in variant.buttons),
        )


def _metadata(metadata: Mapping[str, Any], *, keeps_title: bool) -> Iterator[tuple[str, Any]]:
    for name, value in metadata.items():
        is_text = isinstance(value, str) and name not in _NO_TEXTS
        if is_text and not (name == "title" and keeps_title):
            yield name, f"{value} {CANARY}"
        else:
            yield name, value


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _strings(part)

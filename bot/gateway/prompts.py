"""What people are invited to ask, from data/prompts.yml: by time of year, and by category."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.errors import DataFileError
from bot.faq.book import AnswerBook, load_company_facts, read_yaml
from bot.gateway.replies import MOST_BUTTONS, is_visible

_PROMPT_KEYS = {"topic", "title", "message", "from", "until", "lead"}


@dataclass(frozen=True)
class Season:
    """A time of year, both days included; it may go on into January."""

    first: tuple[int, int]
    last: tuple[int, int]
    lead_days: int = 0

    def includes(self, day: date) -> bool:
        """Say whether it is that time."""
        for year in (day.year - 1, day.year, day.year + 1):
            begins = date(year, *self.first)
            ends = date(year + (self.last < self.first), *self.last)
            if begins - timedelta(days=self.lead_days) <= day <= ends:
                return True
        return False


@dataclass(frozen=True)
class Prompt:
    """Something to ask: what its button says, and what is asked."""

    title: str
    message: str
    topic: str | None = None
    season: Season | None = None


@dataclass(frozen=True)
class Category:
    """A button of the Home tab, and the topics that it offers."""

    title: str
    topics: tuple[str, ...]


@dataclass(frozen=True)
class Prompts:
    """All of data/prompts.yml."""

    prompts: tuple[Prompt, ...]
    categories: Mapping[str, Category]
    book: AnswerBook

    def current(self, reader: str, today: date) -> Iterator[Prompt]:
        """Yield what this reader may ask: those whose time it is, then those of any time."""
        visible = [p for p in self.prompts if is_visible(self.book, p.topic, reader)]
        yield from (p for p in visible if p.season and p.season.includes(today))
        yield from (p for p in visible if p.season is None)

    def topics_of(self, category: str, reader: str) -> list[tuple[str, str]]:
        """Return ids and titles of the topics of a category that this reader may see."""
        known = self.categories.get(category)
        topics = known.topics if known else ()
        visible = [topic for topic in topics if is_visible(self.book, topic, reader)]
        return [(topic, self.book.title_of(topic, reader)) for topic in visible]

    def categories_for(self, reader: str) -> Iterator[tuple[str, str]]:
        """Yield names and titles of the categories in which this reader may see a topic."""
        for name, category in self.categories.items():
            if self.topics_of(name, reader):
                yield name, category.title


def load_prompts(data_dir: Path, book: AnswerBook) -> Prompts:
    """Read data/prompts.yml.

    Raises:
        DataFileError: naming what is wrong with it.
    """
    path = data_dir / "prompts.yml"
    data = read_yaml(path)
    if set(data) != {"prompts", "categories"}:
        raise DataFileError(f"{path}: it needs “prompts” and “categories”, and nothing else.")
    facts = load_company_facts(data_dir)
    prompts = tuple(_prompt(path, row, facts) for row in data["prompts"])
    categories = {name: _category(path, name, row) for name, row in data["categories"].items()}
    for topic in [p.topic for p in prompts] + [t for c in categories.values() for t in c.topics]:
        if f"utter_{topic}" not in book.responses:
            raise DataFileError(f"{path}: there is no topic “{topic}”.")
    return Prompts(prompts, categories, book)


def _prompt(path: Path, row: Any, facts: Mapping[str, str]) -> Prompt:
    if not isinstance(row, dict) or set(row) - _PROMPT_KEYS or not row.get("topic"):
        raise DataFileError(f"{path}: a prompt may hold {', '.join(sorted(_PROMPT_KEYS))}.")
    where = f"{path}, prompt “{row['topic']}”"
    if not row.get("title") or not row.get("message"):
        raise DataFileError(f"{where}: it needs a title and a message.")
    if ("from" in row) != ("until" in row):
        raise DataFileError(f"{where}: “from” and “until” go together.")
    season = None
    if "from" in row:
        first, last = (_day(where, str(row[key]), facts) for key in ("from", "until"))
        season = Season(first, last, int(row.get("lead", 0)))
    return Prompt(row["title"], row["message"], row["topic"], season)


def _day(where: str, text: str, facts: Mapping[str, str]) -> tuple[int, int]:
    try:
        # A year that has a February 29 too.
        day = datetime.strptime(f"{facts.get(text, text)} 2028", "%B %d %Y")
    except ValueError as error:
        raise DataFileError(
            f"{where}: “{text}” is neither a day such as November 2 nor a fact that is one."
        ) from error
    return day.month, min(day.day, 28) if day.month == 2 else day.day


def _category(path: Path, name: str, row: Any) -> Category:
    where = f"{path}, category “{name}”"
    if not isinstance(row, dict) or set(row) != {"title", "topics"}:
        raise DataFileError(f"{where}: it needs a title and topics.")
    if not 0 < len(row["topics"]) <= MOST_BUTTONS:
        raise DataFileError(f"{where}: one to {MOST_BUTTONS} topics fit.")
    return Category(row["title"], tuple(row["topics"]))

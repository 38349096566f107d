"""Looks for planted words wherever something is kept: rows, raw bytes of files, log lines, dumps.

A word that is planted in what somebody says must be found nowhere afterwards (redaction), or
nowhere after they were erased. For what redaction has to take out, every test uses the words
below: tests/conftest.py looks for them in all that a run leaves (see `tests/privacy/left.py`).
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from sqlalchemy import MetaData, String, cast, func, or_, select, text
from sqlalchemy.orm import Session

from bot.db.session import Database

SSN, OTHER_SSN = "523-41-8876", "900-45-1187"
CARD = "4111 1111 1111 1111"
PHONE, OTHER_PHONE = "319-555-0188", "(319) 555-0142"
EMAIL = "robin.reed.private@example.org"
IDENTIFIERS = (SSN, OTHER_SSN, CARD, PHONE, OTHER_PHONE, EMAIL)
"""What redaction must have taken out of everything, in the form in which it was typed."""


def found_in_rows(database: Database, words: Iterable[str]) -> set[str]:
    """Return `word in table.column` for each word in any column of any table, Rasa's too."""
    # JSON columns hold what isn't ASCII escaped.
    forms = {form: word for word in words for form in (word.lower(), _escaped(word))}
    found = set()
    with database.read() as session:
        for table in _tables(database).sorted_tables:
            texts = [func.lower(cast(column, String)) for column in table.columns]
            has = or_(*(text.contains(f, autoescape=True) for text in texts for f in forms))
            for row in session.execute(select(*texts).where(has)):
                for column, text in zip(table.columns, row, strict=True):
                    within = {word for form, word in forms.items() if form in (text or "")}
                    found |= {f"{word} in {table.name}.{column.name}" for word in within}
    return found


def found_in_files(paths: Iterable[Path], words: Iterable[str]) -> set[str]:
    """Return `word in file` for each word that stands in the bytes of a file, as `strings` would
    show it.
    """
    words, found = list(words), set()
    for path in paths:
        content = path.read_bytes().lower()
        for word in words:
            if word.lower().encode() in content or _escaped(word).encode() in content:
                found.add(f"{word} in {path.name}")
    return found


def found_in_text(text: str, words: Iterable[str]) -> set[str]:
    """Return the words that stand in a text, such as log lines."""
    text = text.lower()
    return {word for word in words if word.lower() in text or _escaped(word) in text}


def found_in_database(database: Database, words: Iterable[str]) -> set[str]:
    """Return the words that are in an SQLite database's bytes, or in PostgreSQL's rows."""
    if database.engine.dialect.name == "sqlite":
        return found_in_files(database_files(database), words)
    with database.read() as session:
        in_public = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        tables = filled(session, session.scalars(text(in_public)))
        rows = [row for t in tables for row in session.scalars(text(f"SELECT t::text FROM {t} t"))]
        return found_in_text("\n".join(rows), words)


def filled(session: Session, tables: Iterable[str]) -> list[str]:
    """Return which of these tables have rows, by one query: most tests use few of them."""
    looks = [f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in tables]
    return list(session.scalars(text(" UNION ALL ".join(looks))))


def found_in_dump(url: str, words: Iterable[str]) -> set[str]:
    """Return the words that are in a dump of a PostgreSQL database, or in its rows without one."""
    if shutil.which("pg_dump") is None:
        database = Database(url)
        try:
            return found_in_database(database, words)
        finally:
            database.dispose()
    dumping = ["pg_dump", "--data-only", url]
    dump = subprocess.run(dumping, capture_output=True, text=True, check=True).stdout
    return found_in_text(dump, words)


def database_files(database: Database) -> list[Path]:
    """Return the files of an SQLite database, its log included; none for PostgreSQL."""
    if database.engine.dialect.name != "sqlite":
        return []
    file = Path(database.engine.url.database)
    return sorted(file.parent.glob(f"{file.name}*"))


@lru_cache
def _tables(database: Database) -> MetaData:
    tables = MetaData()
    tables.reflect(database.engine)
    return tables


def _escaped(word: str) -> str:
    return json.dumps(word)[1:-1].lower()

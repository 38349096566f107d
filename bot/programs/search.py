"""Finds programs by what people call them and what they want them for.

The index holds stems and ids only and is kept for half a minute; what it finds is read from
the database, where audience and use are checked, so that a stale index can't leak a program.
"""

from __future__ import annotations

import difflib
import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from weakref import WeakKeyDictionary

from sqlalchemy import event, func, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import Pool
from sqlalchemy.sql import Select

from bot.db.models import Program, ProgramDate
from bot.privacy.audience import AUDIENCES, CANDIDATE, EMPLOYEE, may_see
from bot.programs.words import job_family, stems

INDEX_KEPT_SECONDS = 30
# What a word weighs by where it stands: a name says more than a summary.
NAME, ALIAS, KEYWORD, SUMMARY = 3.0, 2.5, 2.0, 1.0
PHRASE_BONUS = 1.0
# A program for outsiders only comes a little later when an employee asks.
FOR_OTHERS = 0.8
# Shares that separate a program that fits from one that merely shares a word; set by trying
# the searches in tests/programs/test_search.py.
ENOUGH_OF_QUERY = 0.5
ENOUGH_OF_BEST = 0.4


@dataclass(frozen=True)
class Match:
    """A program that a search found. `fits` is False if it only shares a word or two."""

    program: Program
    score: float
    fits: bool


@dataclass(frozen=True)
class Entry:
    """What the index reads of a program."""

    id: str
    name: str
    aliases: list[str]
    keywords: list[str]
    summary: str
    audience: str


class Index:
    """Programs by stem; never changed once built, so that threads may share it."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.audiences: dict[str, str] = {}
        self.names: dict[str, list[tuple[str, ...]]] = {}
        self._postings: dict[str, dict[str, float]] = {}
        self._phrases: dict[str, list[frozenset[str]]] = {}
        for entry in entries:
            self._add(entry)
        self._by_initial: dict[str, list[str]] = defaultdict(list)
        for word in self._postings:
            self._by_initial[word[0]].append(word)

    def _add(self, entry: Entry) -> None:
        names = [tuple(stems(name)) for name in (entry.name, *entry.aliases)]
        keywords = [tuple(stems(keyword)) for keyword in entry.keywords]
        self.audiences[entry.id] = entry.audience
        self.names[entry.id] = [name for name in names if name]
        self._phrases[entry.id] = [frozenset(p) for p in (*names, *keywords) if p]
        weighted = (
            (SUMMARY, [stems(entry.summary)]),
            (KEYWORD, keywords),
            (ALIAS, names[1:]),
            (NAME, names[:1]),
        )
        for weight, phrases in weighted:
            for word in (w for phrase in phrases for w in phrase):
                self._postings.setdefault(word, {})[entry.id] = weight

    def repaired(self, word: str) -> str:
        """Return the known word that this one is most likely a misspelling of, or itself."""
        if word in self._postings or len(word) < 4:
            return word
        near = [w for w in self._by_initial[word[0]] if abs(len(w) - len(word)) <= 2]
        return next(iter(difflib.get_close_matches(word, near, n=1, cutoff=0.8)), word)

    def holders(self, word: str) -> dict[str, float]:
        """Return the programs that have this stem, with its weight in each."""
        return self._postings.get(word, {})

    def rank(self, words: Iterable[str], audience: str) -> list[tuple[str, float, float]]:
        """Return (id, score, share of the query that matched), best first, wall observed."""
        query = list(dict.fromkeys(self.repaired(word) for word in words))
        rarity = {word: self._rarity(word) for word in query}
        scores: dict[str, float] = defaultdict(float)
        matched: dict[str, float] = defaultdict(float)
        for word in query:
            for identifier, weight in self.holders(word).items():
                scores[identifier] += weight * rarity[word]
                matched[identifier] += rarity[word]
        asked = frozenset(query)
        total = sum(rarity.values())
        ranked = []
        for identifier, score in scores.items():
            if not may_see(audience, self.audiences[identifier]):
                continue
            longest = max((len(p) for p in self._phrases[identifier] if p <= asked), default=0)
            weight = 1 + PHRASE_BONUS * longest / len(asked)
            if audience == EMPLOYEE and self.audiences[identifier] == CANDIDATE:
                weight *= FOR_OTHERS
            ranked.append((identifier, score * weight, matched[identifier] / total))
        return sorted(ranked, key=lambda row: (-row[1], row[0]))

    def _rarity(self, word: str) -> float:
        # A word that no program has counts against all of them, but no more than a common one:
        # people tell stories.
        count, size = len(self.holders(word)), len(self.audiences)
        return math.log(1 + (size + 1) / ((count or size / 4) + 0.5))


@dataclass(frozen=True)
class _Kept:
    until: float
    entries: list[Entry]
    index: Index


# By connection pool: that is what all sessions of one database share.
_kept_indexes: WeakKeyDictionary[Pool, _Kept] = WeakKeyDictionary()


def forget_index(session: Session) -> None:
    """Make searches see a changed catalogue at once, in this session and after its commit."""
    pool = session.get_bind().pool
    _kept_indexes.pop(pool, None)
    event.listen(session, "after_commit", lambda _session: _kept_indexes.pop(pool, None), once=True)


def search_programs(session: Session, words: str, audience: str, limit: int = 5) -> list[Match]:
    """Return what fits or nearly fits these words, best first.

    Args:
        words: a name, or a purpose such as "become a charge nurse".
        audience: who asks, `employee` or `candidate`; a candidate sees public programs only.
        limit: at most so many.
    """
    ranked = _index(session).rank(stems(words), audience)
    if not ranked:
        return []
    best = ranked[0][1]
    rows = _programs_by_id(session, [row[0] for row in ranked[: 4 * limit]], audience)
    return [
        Match(
            rows[identifier],
            score,
            fits=share >= ENOUGH_OF_QUERY and score >= ENOUGH_OF_BEST * best,
        )
        for identifier, score, share in ranked
        if identifier in rows
    ][:limit]


def find_programs(session: Session, words: str, audience: str, limit: int = 5) -> list[Program]:
    """Return the programs that fit these words, best first; none if nothing really fits.

    Words that name no purpose ("what programs are there", "programs for CNAs") give programs
    that are open to the people named, or to anyone.
    """
    if names_no_purpose(session, words):
        return browse_programs(session, words, audience, limit)
    return [m.program for m in search_programs(session, words, audience, limit) if m.fits]


def names_no_purpose(session: Session, words: str) -> bool:
    """Tell whether the words ask for programs in general, at most naming people: "for CNAs"."""
    index = _index(session)
    return all(job_family(word) and not index.holders(word) for word in stems(words))


def browse_programs(session: Session, words: str, audience: str, limit: int = 5) -> list[Program]:
    """Return programs open to the job family that the words name, those made for it first."""
    families = {job_family(word) for word in stems(words)} - {None}
    programs = [
        program
        for program in session.scalars(_visible(audience))
        if not families or not program.job_families or families & set(program.job_families)
    ]

    def order(program: Program) -> tuple[bool, bool, str]:
        for_others = audience == EMPLOYEE and program.audience == CANDIDATE
        return for_others, not (families & set(program.job_families)), program.name

    return sorted(programs, key=order)[:limit]


def program_named(session: Session, text: str, audience: str) -> Program | None:
    """Return the one program that a sentence names, by name, alias or a word only it has."""
    index = _index(session)
    words = [index.repaired(word) for word in stems(text)]
    open_to_me = {i for i, named in index.audiences.items() if may_see(audience, named)}
    named = _longest_names(index, words, open_to_me)
    named = named | _telling_words(index, words, NAME) if named else _telling_words(index, words)
    if len(named) != 1:
        return None
    return _programs_by_id(session, named, audience).get(next(iter(named)))


def program_by_id(session: Session, identifier: str, audience: str) -> Program | None:
    """Return the program with this id if it is in use and this audience may see it."""
    return _programs_by_id(session, [identifier], audience).get(identifier)


def program_of_topic(session: Session, topic: str, audience: str) -> Program | None:
    """Return the program that an FAQ topic is about, if there is exactly one."""
    found = list(session.scalars(_visible(audience).where(Program.topic == topic).limit(2)))
    return found[0] if len(found) == 1 else None


def upcoming_deadlines(
    session: Session, audience: str, today: date, limit: int = 5
) -> list[tuple[Program, ProgramDate]]:
    """Return programs with the window that closes next, soonest first; today still counts."""
    soonest = (
        select(ProgramDate.program_id, func.min(ProgramDate.closes).label("closes"))
        .where(ProgramDate.closes >= today)
        .group_by(ProgramDate.program_id)
        .subquery()
    )
    query = (
        _visible(audience)
        .add_columns(ProgramDate)
        .join(soonest, soonest.c.program_id == Program.id)
        .join(
            ProgramDate,
            (ProgramDate.program_id == Program.id) & (ProgramDate.closes == soonest.c.closes),
        )
        .order_by(ProgramDate.closes, Program.name, ProgramDate.id)
        .limit(limit)
    )
    return [(program, window) for program, window in session.execute(query)]


def _longest_names(index: Index, words: list[str], allowed: set[str]) -> set[str]:
    found: dict[str, int] = {}
    for identifier in {i for word in words for i in index.holders(word)} & allowed:
        for name in index.names[identifier]:
            if _stands_in(name, words):
                found[identifier] = max(found.get(identifier, 0), len(name))
    longest = max(found.values(), default=0)
    return {identifier for identifier, length in found.items() if length == longest}


def _stands_in(name: tuple[str, ...], words: list[str]) -> bool:
    size = len(name)
    return any(tuple(words[i : i + size]) == name for i in range(len(words) - size + 1))


def _telling_words(index: Index, words: list[str], at_least: float = ALIAS) -> set[str]:
    """Return the programs in whose names stands a word that no other program has."""
    named: set[str] = set()
    for word in words:
        holders = [i for i, weight in index.holders(word).items() if weight > SUMMARY]
        if len(holders) == 1 and index.holders(word)[holders[0]] >= at_least:
            named.add(holders[0])
    return named


def _index(session: Session, clock: Callable[[], float] = time.monotonic) -> Index:
    pool = session.get_bind().pool
    kept = _kept_indexes.get(pool)
    if kept is not None and clock() < kept.until:
        return kept.index
    columns = (
        Program.id,
        Program.name,
        Program.aliases,
        Program.keywords,
        Program.summary,
        Program.audience,
    )
    rows = session.execute(select(*columns).where(Program.active).order_by(Program.id))
    entries = [Entry(*row) for row in rows]
    index = kept.index if kept is not None and kept.entries == entries else Index(entries)
    _kept_indexes[pool] = _Kept(clock() + INDEX_KEPT_SECONDS, entries, index)
    return index


def _visible(audience: str) -> Select:
    audiences = [named for named in AUDIENCES if may_see(audience, named)]
    return select(Program).where(Program.active, Program.audience.in_(audiences))


def _programs_by_id(
    session: Session, identifiers: Iterable[str], audience: str
) -> dict[str, Program]:
    query = _visible(audience).where(Program.id.in_(list(identifiers)))
    return {program.id: program for program in session.scalars(query)}

"""Finds programs by what people call them and what they want them for.

The words are looked up in an index in memory that is built again when the catalogue has changed;
what it finds is read from the database, where audience and use are checked, so that a stale
index can't leak a program.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from weakref import WeakKeyDictionary

from sqlalchemy import case, event, func, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import Pool
from sqlalchemy.sql import Select

from bot.db.models import Program, ProgramDate
from bot.privacy.audience import AUDIENCES, CANDIDATE, EMPLOYEE, may_see
from bot.programs.index import NAME, Entry, Index, Ranked
from bot.programs.wishes import Amount
from bot.programs.words import job_family, people_named, stems

# Shares that separate a program that fits from one that merely shares a word; set by trying
# the searches in tests/programs/test_search.py.
ENOUGH_OF_QUERY = 0.5
ENOUGH_OF_BEST = 0.4
LISTED_AT_MOST = 50
"""Nobody pages further through what a search found."""


@dataclass(frozen=True)
class Match:
    """A program that a search found. `fits` is False if it only shares a word or two."""

    program: Program
    score: float
    fits: bool


# By connection pool: that is what all sessions of one database share.
_kept_indexes: WeakKeyDictionary[Pool, tuple[tuple[int, int], Index]] = WeakKeyDictionary()
_building = threading.Lock()
_SEEN = "programs_index"


def forget_index(session: Session) -> None:
    """Make searches see a changed catalogue at once, in this session and after its commit."""
    pool = session.get_bind().pool
    _kept_indexes.pop(pool, None)
    session.info.pop(_SEEN, None)
    event.listen(session, "after_commit", lambda _session: _kept_indexes.pop(pool, None), once=True)


def warm_up(session: Session) -> None:
    """Build the index, so that the first search doesn't have to."""
    _index(session)


def search_programs(session: Session, words: str, audience: str, limit: int = 5) -> list[Match]:
    """Return what fits or nearly fits these words, best first.

    Args:
        words: a name, or a purpose such as "become a charge nurse".
        audience: who asks, `employee` or `candidate`; a candidate sees public programs only.
        limit: at most so many.
    """
    ranked = _index(session).rank(stems(words), audience)
    best = ranked[:limit]
    rows = _programs_by_id(session, [one.entry.id for one in best], audience)
    return [
        Match(rows[one.entry.id], one.score, fits=_fits(one, ranked[0]))
        for one in best
        if one.entry.id in rows
    ]


def find_programs(session: Session, words: str, audience: str, limit: int = 5) -> list[Program]:
    """Return the programs that fit these words, best first; none if nothing really fits."""
    return programs_by_ids(session, fitting_ids(session, words, audience)[:limit], audience)


def fitting_ids(session: Session, words: str, audience: str) -> list[str]:
    """Return the ids of all programs that fit these words, best first, up to a bound.

    Words that name no purpose ("what programs are there", "programs for CNAs") give programs
    that are open to the people named, or to anyone.
    """
    index = _index(session)
    if _no_purpose(index, words):
        return _browse(index, words, audience)[:LISTED_AT_MOST]
    ranked = index.rank(stems(words), audience)
    return [one.entry.id for one in ranked if _fits(one, ranked[0])][:LISTED_AT_MOST]


def names_no_purpose(session: Session, words: str) -> bool:
    """Tell whether the words ask for programs in general, for nobody and nothing in particular."""
    return _no_purpose(_index(session), words) and not _families(words)


def browse_programs(session: Session, words: str, audience: str, limit: int = 5) -> list[Program]:
    """Return programs open to the job family that the words name, those made for it first."""
    return programs_by_ids(session, _browse(_index(session), words, audience)[:limit], audience)


def ids_by_amount(session: Session, amount: Amount, words: str, audience: str) -> list[str]:
    """Return programs that give so much money and fit the words (if they name a purpose)."""
    index = _index(session)
    entries = index.open_to(audience)
    if not _no_purpose(index, words):
        entries = [index.by_id[i] for i in fitting_ids(session, words, audience)]
    giving = [
        e
        for e in entries
        if e.amount is not None
        and e.amount >= amount.at_least
        and (amount.at_most is None or e.amount <= amount.at_most)
    ]
    giving.sort(key=lambda e: (-(e.amount or 0), e.name))
    return [e.id for e in giving][:LISTED_AT_MOST]


def entries_for(session: Session, audience: str) -> list[Entry]:
    """Return what the index knows of all programs in use that this audience may see."""
    return _index(session).open_to(audience)


def program_named(session: Session, text: str, audience: str) -> Program | None:
    """Return the one program that a sentence names, by name, alias or a word only it has."""
    index = _index(session)
    words = [index.repaired(word) for word in stems(text)]
    named = index.named_in(words, audience)
    named = named | index.telling(words, NAME) if named else index.telling(words)
    if len(named) != 1:
        return None
    return _programs_by_id(session, named, audience).get(next(iter(named)))


def program_asked_for(
    session: Session, text: str, topic: str | None, audience: str, *, surely: bool, rest: str
) -> Program | None:
    """Return the program by whose name somebody asks to take part, or None if it isn't clear.

    Args:
        text: the whole message.
        topic: the FAQ topic that it was understood as, if any.
        surely: whether it asks for that whatever else it says; else it must be about a program of
            the topic and say nothing else in `rest`.
    """
    named = program_named(session, text, audience)
    if named is None:
        return None
    index = _index(session)
    called = index.named_in([index.repaired(word) for word in stems(text)], audience)
    of_topic = topic is not None and named.topic == topic
    # A word that only one program has may mean something else: "match", "camp".
    if named.id not in called and not of_topic:
        return None
    if surely:
        return named
    known = set(stems(" ".join([named.name, *named.aliases])))
    says_only_name = {index.repaired(word) for word in stems(rest)} <= known
    return named if says_only_name and (of_topic or topic is None) else None


def program_by_id(session: Session, identifier: str, audience: str) -> Program | None:
    """Return the program with this id if it is in use and this audience may see it."""
    return _programs_by_id(session, [identifier], audience).get(identifier)


def programs_by_ids(session: Session, identifiers: Sequence[str], audience: str) -> list[Program]:
    """Return the programs with these ids, in their order, if in use and open to this audience."""
    rows = _programs_by_id(session, identifiers, audience)
    return [rows[identifier] for identifier in identifiers if identifier in rows]


def programs_of_topic(session: Session, topic: str, audience: str) -> list[Program]:
    """Return the programs that an FAQ topic is about, by name."""
    query = _visible(audience).where(Program.topic == topic).order_by(Program.name, Program.id)
    return list(session.scalars(query.limit(LISTED_AT_MOST)))


def program_of_topic(session: Session, topic: str, audience: str) -> Program | None:
    """Return the program that an FAQ topic is about, if there is exactly one."""
    found = programs_of_topic(session, topic, audience)
    return found[0] if len(found) == 1 else None


def upcoming_deadlines(
    session: Session,
    audience: str,
    today: date,
    limit: int = 5,
    *,
    until: date | None = None,
    only: Sequence[str] | None = None,
    open_on: date | None = None,
) -> list[tuple[Program, ProgramDate]]:
    """Return programs with the window that closes next, soonest first; today still counts.

    Args:
        until: the last day on which a window may close.
        only: ids of the programs that are meant, or all.
        open_on: a day on which the window must be open already.
    """
    windows = (
        select(ProgramDate.program_id, func.min(ProgramDate.closes).label("closes"))
        .where(ProgramDate.closes >= today)
        .group_by(ProgramDate.program_id)
    )
    if until is not None:
        windows = windows.where(ProgramDate.closes <= until)
    if only is not None:
        windows = windows.where(ProgramDate.program_id.in_(list(only)))
    if open_on is not None:
        opens = ProgramDate.opens
        windows = windows.where((opens <= open_on) | opens.is_(None))
    soonest = windows.subquery()
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


def _fits(one: Ranked, best: Ranked) -> bool:
    return one.share >= ENOUGH_OF_QUERY and one.score >= ENOUGH_OF_BEST * best.score


def _no_purpose(index: Index, words: str) -> bool:
    _, rest = people_named(words)
    return all(job_family(word) and not index.knows(word) for word in stems(rest))


def _families(words: str) -> set[str]:
    """Return the job families that the words name: "for CNAs", "in nursing support"."""
    families, rest = people_named(words)
    return families | ({job_family(word) for word in stems(rest)} - {None})


def _browse(index: Index, words: str, audience: str) -> list[str]:
    families = _families(words)
    entries = [
        entry
        for entry in index.open_to(audience)
        if not families or not entry.job_families or families & set(entry.job_families)
    ]

    def order(entry: Entry) -> tuple[bool, bool, int, str]:
        for_others = audience == EMPLOYEE and entry.audience == CANDIDATE
        made_for_them = families & set(entry.job_families)
        # The fewer other jobs it is for, the more it is theirs.
        others = len(entry.job_families) if made_for_them else 0
        return for_others, not made_for_them, others, entry.name

    return [entry.id for entry in sorted(entries, key=order)]


def _index(session: Session) -> Index:
    """Return the index that fits the catalogue as this session sees it."""
    if _SEEN not in session.info:
        session.info[_SEEN] = _current_index(session)
    return session.info[_SEEN]


def _current_index(session: Session) -> Index:
    pool = session.get_bind().pool
    revision = _revision(session)
    kept = _kept_indexes.get(pool)
    if kept is not None and kept[0] == revision:
        return kept[1]
    # One builds; who comes meanwhile goes on with the old index, if there is one.
    if not _building.acquire(blocking=kept is None):
        return kept[1]
    try:
        kept = _kept_indexes.get(pool)
        if kept is None or kept[0] != revision:
            kept = (revision, Index(_entries(session)))
            _kept_indexes[pool] = kept
        return kept[1]
    finally:
        _building.release()


def _revision(session: Session) -> tuple[int, int]:
    newest, count = session.execute(select(func.max(Program.revision), func.count())).one()
    return newest or 0, count


def _entries(session: Session) -> list[Entry]:
    rows = session.execute(
        select(
            Program.id,
            Program.name,
            Program.aliases,
            Program.keywords,
            Program.summary,
            Program.audience,
            Program.category,
            case((Program.gives_unit == "USD", Program.gives_amount)),
            Program.employment_types,
            Program.min_fte,
            Program.min_tenure_months,
            Program.job_families,
            Program.sites,
        ).where(Program.active)
    )
    return [Entry(*row) for row in rows]


def _visible(audience: str) -> Select:
    audiences = [named for named in AUDIENCES if may_see(audience, named)]
    return select(Program).where(Program.active, Program.audience.in_(audiences))


def _programs_by_id(
    session: Session, identifiers: Iterable[str], audience: str
) -> dict[str, Program]:
    query = _visible(audience).where(Program.id.in_(list(identifiers)))
    return {program.id: program for program in session.scalars(query)}

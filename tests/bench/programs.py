"""Times the import and the search of a large catalogue, on each kind of database."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.db.migrate import upgrade
from bot.db.session import Database
from bot.programs.catalogue import import_programs
from bot.programs.eligibility import Bounds, JobFacts
from bot.programs.eligibility_replies import eligible_reply
from bot.programs.replies import deadlines_reply, reply_to_search
from bot.programs.search import program_named, warm_up
from tests.bench.catalogue import questions, write_catalogue
from tests.conftest import HAS_POSTGRESQL, new_database

PROGRAMS = 10_000
QUESTIONS = 400
TODAY = date(2026, 11, 23)
NIGHT_NURSE = JobFacts(
    frozenset({"full_time"}), Bounds.exactly(0.9), date(2026, 8, 3), None, frozenset({"nursing"})
)


@dataclass(frozen=True)
class Timed:
    """What was done on which database, how often, and how long it took in milliseconds."""

    what: str
    database: str
    times: list[float]

    @property
    def p50(self) -> float:
        """Return the median in milliseconds."""
        return statistics.median(self.times)

    @property
    def p95(self) -> float:
        """Return the time that 95 of 100 stay below, in milliseconds."""
        return sorted(self.times)[max(int(len(self.times) * 0.95) - 1, 0)]


def time_programs(size: int = PROGRAMS, asked: int = QUESTIONS) -> Iterator[Timed]:
    """Yield what was timed, database by database."""
    for kind in ("sqlite", *(["postgresql"] if HAS_POSTGRESQL else [])):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "programs.yml"
            write_catalogue(path, size)
            with new_database(kind, Path(folder)) as url:
                database = Database(url)
                upgrade(database)
                yield from _time(kind, database, path, list(questions(asked)))
                database.dispose()


def _time(kind: str, database: Database, path: Path, asked: list[str]) -> Iterator[Timed]:
    def bring_in() -> None:
        with database.write() as session:
            import_programs(session, path)

    def read(work: Callable[..., object]) -> Callable[..., None]:
        def run(*arguments: object) -> None:
            with database.read() as session:
                work(session, *arguments)

        return run

    yield Timed("import, new", kind, [_milliseconds(bring_in)])
    yield Timed("import, unchanged", kind, [_milliseconds(bring_in)])
    yield Timed("index built", kind, [_milliseconds(read(warm_up))])
    searches = {
        "search": lambda session, text: reply_to_search(session, text, "employee"),
        "program named": lambda session, text: program_named(session, text, "employee"),
        "deadlines": lambda session, text: deadlines_reply(session, "employee", TODAY),
    }
    for what, work in searches.items():
        run = read(work)
        yield Timed(what, kind, [_milliseconds(run, text) for text in asked])
    everything = read(lambda session: eligible_reply(session, NIGHT_NURSE, "employee", TODAY))
    yield Timed("what can I get", kind, [_milliseconds(everything) for _ in range(10)])


def _milliseconds(work: Callable[..., object], *arguments: object) -> float:
    started = time.perf_counter()
    work(*arguments)
    return (time.perf_counter() - started) * 1000

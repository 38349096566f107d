"""Makes things break as a plan says, side by side, but never twice at once in the same place."""

from __future__ import annotations

import signal
import sqlite3
import threading
import time
from collections import defaultdict
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from bot.sandbox.faults import Fault

from ..conftest import POSTGRESQL
from .plan import Trouble
from .product import Product

AT_ONCE = 3


@dataclass
class Troublemaker:
    """Carries troubles out; `done` are those that are over."""

    product: Product
    done: list[Trouble] = field(default_factory=list)
    _locks: dict[str, threading.Lock] = field(default_factory=lambda: defaultdict(threading.Lock))
    _under_way: list[Future[None]] = field(default_factory=list)
    _free: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(AT_ONCE))
    _hands: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(AT_ONCE))

    def begin(self, trouble: Trouble) -> None:
        """Let it happen in its own time, as soon as not too much else is broken."""
        self._free.acquire()
        self._under_way.append(self._hands.submit(self._happen, trouble))

    def end(self) -> None:
        """Wait until everything has happened, then mend it all."""
        for trouble in self._under_way:
            trouble.result()
        self._hands.shutdown()
        self.product.slack.faults.clear()
        self.product.slack.release_held_events()
        self.product.set_clock(0)
        self.product.make_whole()

    def _happen(self, trouble: Trouble) -> None:
        try:
            self._break(trouble)
        finally:
            self._free.release()

    def _break(self, trouble: Trouble) -> None:
        time.sleep(trouble.delay)
        how, _, what = trouble.kind.partition("_")
        place = trouble.on if how in ("kill", "hang") else how
        with self._locks[place]:
            if how == "slack":
                self._slack(what, trouble)
            else:
                getattr(self, f"_{trouble.kind}")(trouble)
        self.done.append(trouble)

    # Processes

    def _kill(self, trouble: Trouble) -> None:
        self.product.kill(trouble.on)
        time.sleep(trouble.seconds)
        self.product.start(trouble.on)

    def _hang(self, trouble: Trouble) -> None:
        self.product.signal(trouble.on, signal.SIGSTOP)
        time.sleep(trouble.seconds)
        self.product.signal(trouble.on, signal.SIGCONT)

    def _clock_jumps(self, trouble: Trouble) -> None:
        self.product.set_clock(float(trouble.on))
        time.sleep(trouble.seconds)
        self.product.set_clock(0)

    # Database

    def _database_away(self, trouble: Trouble) -> None:
        url = self.product.settings.database_url
        away = _locked if url.startswith("sqlite") else _restarted
        away(url, trouble.seconds)

    def _disk_full(self, trouble: Trouble) -> None:
        self.product.limit_files(True)
        time.sleep(trouble.seconds)
        self.product.limit_files(False)

    # Slack

    def _slack(self, what: str, trouble: Trouble) -> None:
        times, seconds = trouble.times, trouble.seconds
        fault = {
            "rate_limit": Fault("rate_limited", retry_after=1),
            "server_error": Fault("http_error", status=500),
            "error": Fault("error", error="internal_error"),
            "cut": Fault("cut"),
            "hang": Fault("hang", seconds=seconds),
            "silence": Fault("silent", seconds=seconds),
        }[what]
        self.product.slack.faults.fail(trouble.on, fault, times)

    def _duplicates(self, trouble: Trouble) -> None:
        self.product.slack.faults.duplicate_events(trouble.times + 1, times=trouble.times)

    def _reordering(self, trouble: Trouble) -> None:
        self.product.slack.faults.reorder_events(trouble.times + 1)
        time.sleep(2)
        self.product.slack.release_held_events()


def _locked(url: str, seconds: float) -> None:
    """Hold SQLite's write lock."""
    with closing(sqlite3.connect(make_url(url).database, isolation_level=None)) as connection:
        connection.execute("PRAGMA busy_timeout=20000")
        connection.execute("BEGIN IMMEDIATE")
        time.sleep(seconds)
        connection.execute("ROLLBACK")


def _restarted(url: str, seconds: float) -> None:
    """Do to one database what a restart does to all: break connections off, let none in."""
    name = make_url(url).database
    server = create_engine(f"{POSTGRESQL}/postgres", isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'))
        ends = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
        connection.execute(ends, {"name": name})
        time.sleep(seconds)
        connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'))
    server.dispose()

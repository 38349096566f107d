"""The one place that opens database sessions.

`Database.write()` and `Database.read()` give a session that commits (or closes) by itself;
`Database.look()` gives a bare connection, for what is asked often and needs no objects.
SQLite runs in WAL mode; a writing transaction takes its lock at the beginning, so that it
waits its turn instead of failing half-way ("database is locked").
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import OperationalError as SQLiteError
from typing import Any

from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from bot.errors import DatabaseUnreachableError

SQLITE_BUSY_SECONDS = 10


class Database:
    """A database, by SQLAlchemy URL (SQLite or PostgreSQL). Thread-safe."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)
        self._reading = self.engine.execution_options(reading=True)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Give a session whose changes are committed together, or not at all."""
        with Session(self.engine, future=True, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session for reading; it takes no write lock and commits nothing."""
        with Session(self._reading, future=True, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def look(self) -> Iterator[Connection]:
        """Give a connection for reading columns; it costs two thirds of what a session does."""
        with self._reading.connect() as connection:
            yield connection

    def check(self) -> None:
        """See that the database answers.

        Raises:
            DatabaseUnreachableError: if it does not.
        """
        try:
            with self.read() as session:
                session.execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            raise DatabaseUnreachableError(
                f"DATABASE_URL: the database {safe_url(self.url)} does not answer "
                f"({_first_line(error)}). Is it running, and are name and password right?"
            ) from error

    def compact(self) -> bool:
        """Write an SQLite file anew, so that nothing deleted stays anywhere in it or its log.

        Returns:
            False if somebody uses it all the time; True on PostgreSQL, whose own vacuum does this.
        """
        if self.engine.dialect.name == "sqlite":
            try:
                self._on_its_own("VACUUM")
            except SQLiteError:
                return False
        return self.empty_log()

    def empty_log(self) -> bool:
        """Move an SQLite log into its file: what was overwritten there may stand in the log yet.

        Returns:
            False if somebody reads right now, so that the log still holds what was.
        """
        if self.engine.dialect.name != "sqlite":
            return True
        is_busy, *_ = self._on_its_own("PRAGMA wal_checkpoint(TRUNCATE)")
        return not is_busy

    def _on_its_own(self, statement: str) -> tuple[Any, ...]:
        """Run a statement of SQLite's outside of any transaction. Returns its first row."""
        connection = self.engine.raw_connection()
        try:
            return connection.cursor().execute(statement).fetchone() or ()
        finally:
            connection.close()

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def safe_url(url: str) -> str:
    """Return the URL without its password, for messages and logs."""
    return make_url(url).render_as_string(hide_password=True)


def _first_line(error: SQLAlchemyError) -> str:
    cause = error.orig if isinstance(error, OperationalError) and error.orig else error
    lines = str(cause).strip().splitlines()
    return lines[0] if lines else type(cause).__name__


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseUnreachableError(
            f"DATABASE_URL: the folder {folder} can't be made ({error.strerror})."
        ) from error


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(
            url,
            future=True,
            pool_pre_ping=True,
            # Errors are logged; without this they would show what people wrote.
            hide_parameters=True,
            connect_args={"connect_timeout": 5},
        )
    is_file = bool(parsed.database) and parsed.database != ":memory:"
    if is_file:
        _make_folder(Path(parsed.database).parent)
    engine = create_engine(
        url,
        future=True,
        hide_parameters=True,
        connect_args={"timeout": SQLITE_BUSY_SECONDS, "check_same_thread": False},
        # SQLAlchemy 1.4 would open a file anew, pragmas and all, for every transaction.
        **({"poolclass": QueuePool, "pool_size": 10, "max_overflow": 40} if is_file else {}),
    )
    event.listen(engine, "connect", _on_sqlite_connect)
    event.listen(engine, "begin", _on_sqlite_begin)
    return engine


def _on_sqlite_connect(connection: object, _record: object) -> None:
    # pysqlite must leave BEGIN to us: see SQLAlchemy's notes on its SQLite dialect.
    connection.isolation_level = None  # type: ignore[attr-defined]
    cursor = connection.cursor()  # type: ignore[attr-defined]
    # What is deleted is overwritten, too: an erased text must not stay in the file.
    pragmas = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_sqlite_begin(connection: Connection) -> None:
    reading = connection.get_execution_options().get("reading")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

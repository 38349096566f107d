"""Backs a database up while everything runs, and restores it while everything is stopped.

SQLite is copied by its own backup interface, PostgreSQL by pg_dump, pg_restore and psql. A
backup holds what the database holds: sealed addresses stay sealed, so that ENCRYPTION_KEY has to
be kept as well, and elsewhere.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.engine import URL, make_url

from bot.db.migrate import upgrade
from bot.db.queues import look_before_sending
from bot.db.revision import TABLE, known_revisions
from bot.db.session import Database
from bot.errors import HRBotError

IN_USE_SECONDS = 1.0
CONNECTION_OPTIONS = ("host", "sslmode", "sslrootcert", "sslcert", "sslkey")
STOP_FIRST = (
    "The database is in use. Stop the gateways, assistants and actions first (Ctrl-C in "
    "“hrbot run”, or systemctl stop), then restore again."
)


class BackupError(HRBotError):
    """A backup can't be made or restored; the text says why, and that nothing was changed."""


def backup(database: Database, file: Path) -> None:
    """Write a consistent copy of a database in use to `file`, readable by its owner only.

    Raises:
        BackupError: if the file is there already, or the tools of PostgreSQL are missing or fail.
    """
    if file.exists():
        raise BackupError(f"{file} is there already: choose another name.")
    database.check()
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.part")
    try:
        part.touch(mode=0o600)
        url = make_url(database.url)
        if url.get_backend_name() == "sqlite":
            _copy_sqlite(Path(str(url.database)), part)
        else:
            _run(url, "pg_dump", "--format=custom", "--no-owner", f"--file={part}")
        part.rename(file)
    finally:
        part.unlink(missing_ok=True)


def restore(database: Database, file: Path) -> str:
    """Put a backup in the place of all that is in the database, and bring it up to date.

    Nothing else may use the database meanwhile.

    Returns:
        The revision that the backup had.

    Raises:
        BackupError: if `file` is no backup of this kind of database or of a newer version, if
            the database is in use, or if the tools of PostgreSQL are missing or fail; nothing is
            changed then.
    """
    if not file.is_file():
        raise BackupError(f"There is no file {file}.")
    url = make_url(database.url)
    is_sqlite = url.get_backend_name() == "sqlite"
    revision = _revision_in_sqlite(file) if is_sqlite else _revision_in_dump(url, file)
    if revision not in known_revisions():
        raise BackupError(
            f"{file} was made by a newer version of this program (its schema is {revision}, this "
            f"one knows up to {known_revisions()[-1]}): update the program first."
        )
    if is_sqlite:
        database.dispose()
        _replace_sqlite(Path(str(url.database)), file)
    else:
        _require_unused(database)
        _replace_postgresql(database, file)
    upgrade(database)
    with database.write() as session:
        look_before_sending(session)
    return revision


def _copy_sqlite(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        # In one step: it reads one state, and whoever writes meanwhile doesn't make it begin anew.
        live.backup(copy, pages=-1)
        # One file is all there is to carry away.
        copy.execute("PRAGMA journal_mode=DELETE")


def _revision_in_sqlite(file: Path) -> str:
    no_backup = BackupError(f"{file} is no whole backup of an SQLite database of this program.")
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as copy:
            (state,) = copy.execute("PRAGMA integrity_check").fetchone()
            (revision,) = copy.execute(f"SELECT version_num FROM {TABLE}").fetchone()
    except (sqlite3.Error, TypeError) as error:
        raise no_backup from error
    if state != "ok":
        raise no_backup
    return revision


def _replace_sqlite(target: Path, file: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with (
        closing(sqlite3.connect(file)) as copy,
        closing(sqlite3.connect(target, timeout=IN_USE_SECONDS)) as live,
    ):
        try:
            # Whoever has the file open in WAL mode stands in the way of this, even at rest.
            live.execute("PRAGMA journal_mode=DELETE")
            copy.backup(live, pages=-1)
        except sqlite3.OperationalError as error:
            raise BackupError(STOP_FIRST) from error


def _revision_in_dump(url: URL, file: Path) -> str:
    rows = _run(url, "pg_restore", "--data-only", f"--table={TABLE}", "--file=-", str(file))
    lines = rows.splitlines()
    copied = [n for n, line in enumerate(lines) if line.startswith("COPY ") and TABLE in line]
    if not copied:
        raise BackupError(f"{file} is no backup of a PostgreSQL database of this program.")
    return lines[copied[0] + 1].strip()


def _require_unused(database: Database) -> None:
    others = text(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    database.dispose()
    deadline = time.monotonic() + IN_USE_SECONDS
    with database.read() as session:
        # One that has just been closed is counted for a moment.
        while session.scalar(others):
            if time.monotonic() > deadline:
                raise BackupError(STOP_FIRST)
            time.sleep(0.05)
            session.rollback()


def _replace_postgresql(database: Database, file: Path) -> None:
    url = make_url(database.url)
    tables = inspect(database.engine).get_table_names()
    database.dispose()
    names = ", ".join(f'"{name}"' for name in tables)
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "restore.sql"
        _run(url, "pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(file))
        # All in one transaction, the old tables too: what fails leaves everything as it was.
        drop = ["--command", f"DROP TABLE {names} CASCADE"] if tables else []
        # Their triggers went with them, what those call didn't.
        drop += ["--command", "DROP FUNCTION IF EXISTS audit_only_grows()"]
        options = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"]
        _run(url, "psql", *options, *drop, "--file", str(script))


def _run(url: URL, tool: str, *arguments: str) -> str:
    """Run one of PostgreSQL's tools on the database of a URL; return what it wrote."""
    program = shutil.which(tool)
    if program is None:
        raise BackupError(
            f"{tool} is not installed here: install PostgreSQL's client tools (on Debian: "
            "apt-get install postgresql-client), of the server's version or newer."
        )
    done = subprocess.run(
        [program, *arguments], env=_environment(url), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        raise BackupError(f"{tool} failed: {lines[0] if lines else done.returncode}")
    return done.stdout


def _environment(url: URL) -> Mapping[str, str]:
    # In the environment, so that no password shows in the list of processes.
    given = {
        "PGHOST": url.host,
        "PGPORT": url.port,
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
    }
    options = {f"PG{key.upper()}": url.query.get(key) for key in CONNECTION_OPTIONS}
    named = {k: str(v) for settings in (options, given) for k, v in settings.items() if v}
    return {"PATH": os.defpath, **named}

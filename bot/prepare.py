"""Brings everything that a start needs to its current state: database, programs, model."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

from rich.console import Console

from bot.db.migrate import is_current, upgrade
from bot.db.session import Database
from bot.privacy.sealing import Seal
from bot.programs.catalogue import import_programs
from bot.programs.employees import import_employees
from bot.settings import ROOT, Settings
from bot.training import TrainingError, model_path, usable_model

SANDBOX_EMPLOYEES = ROOT / "bot" / "sandbox" / "employees.csv"


def prepare_database(settings: Settings) -> None:
    """Migrate the database and bring the catalogue in, and who works in the local Slack.

    Raises:
        DatabaseUnreachableError: if the database does not answer.
        DataFileError: if the catalogue is wrong; nothing is imported then.
    """
    database = Database(settings.database_url)
    try:
        database.check()
        if not is_current(database):
            upgrade(database)
        with database.write() as session:
            import_programs(session, settings.data_dir / "programs.yml")
            if settings.sandbox:
                seal, now = Seal(settings.encryption_key), datetime.now(timezone.utc)
                import_employees(session, SANDBOX_EMPLOYEES, seal, now)
    finally:
        database.dispose()


def prepare_model(settings: Settings, console: Console, *, newest: bool = False) -> Path:
    """Train the model in a process of its own if its files have changed; return its path.

    Args:
        newest: Train for what HR promoted since, too; else that waits, since it is recognised
            without being learnt.

    Raises:
        TrainingError: if that failed.
    """
    wanted = model_path(settings)
    usable = usable_model(settings)
    if usable is not None and (usable == wanted or not newest):
        return usable
    log_file = settings.var_dir / "logs" / "train.log"
    log_file.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "bot", "train"]
    with (
        console.status("Learning the questions and answers (about half a minute)…"),
        open(log_file, "w") as log,
    ):
        result = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, check=False)
    if result.returncode != 0:
        raise TrainingError(f"The model could not be trained; {log_file} says why.")
    return wanted

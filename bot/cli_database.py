"""The commands of `hrbot db`, and the way to the database for all other commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from bot.errors import HRBotError
from bot.settings import Settings, load_settings

database_app = typer.Typer(help="The database.", no_args_is_help=True)
out = Console(highlight=False)


def open_database(settings: Settings, check: bool = True) -> Any:
    """Return the database.

    Args:
        check: see that its tables are of this version.

    Raises:
        HRBotError: if it does not answer, or has tables of another version.
    """
    from bot.db.revision import fault_of, revision_of
    from bot.db.session import Database

    database = Database(settings.database_url)
    database.check()
    with database.read() as session:
        fault = fault_of(revision_of(session))
    if check and fault:
        raise HRBotError(f"{fault[0].upper()}{fault[1:]}.")
    return database


@database_app.command("upgrade")
def upgrade_database() -> None:
    """Create the tables or bring them up to date."""
    from bot.db.migrate import upgrade

    upgrade(open_database(load_settings(), check=False))
    out.print("The database is up to date.")


@database_app.command("backup")
def backup_database(
    file: Annotated[Path, typer.Argument(help="Where to write it; must not be there yet.")],
) -> None:
    """Copy the database to a file while everything goes on running."""
    from bot.db.backup import backup

    backup(open_database(load_settings(), check=False), file)
    out.print(f"Written: {file}. Keep ENCRYPTION_KEY too, and elsewhere.", soft_wrap=True)


@database_app.command("restore")
def restore_database(
    file: Annotated[Path, typer.Argument(help="What “hrbot db backup” wrote.")],
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
) -> None:
    """Replace all that is in the database by a backup; stop the processes first."""
    from bot.db.backup import restore
    from bot.db.session import Database, safe_url

    settings = load_settings()
    where = safe_url(settings.database_url)
    if not yes:
        typer.confirm(f"Replace all that is in {where}?", abort=True)
    revision = restore(Database(settings.database_url), file)
    out.print(f"Restored from revision {revision}; the database is up to date.", soft_wrap=True)

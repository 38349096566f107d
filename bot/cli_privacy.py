"""The commands of `hrbot` about people's rights: export, erase, audit."""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import datetime, timezone
from typing import Annotated, Any

import typer
from rich.console import Console

from bot.cli_database import open_database
from bot.settings import load_settings

audit_app = typer.Typer(help="Who saw, changed, exported or erased what.", no_args_is_help=True)

out = Console(highlight=False, soft_wrap=True)
STILL_IN_LOG = (
    "Somebody uses the database all the time, so its log may still hold what was removed: run "
    "“hrbot purge” when it is quieter."
)
AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of text.")]
Whom = Annotated[
    str,
    typer.Argument(
        help="An e-mail address, a Slack user id (U…), a person id (p:…) or a conversation id.",
        metavar="PERSON_OR_CONVERSATION",
    ),
]


def add_to(app: typer.Typer) -> None:
    """Make the commands known to `hrbot`."""
    app.command()(export)
    app.command()(erase)
    app.command()(purge)
    app.add_typer(audit_app, name="audit")


def export(whom: Whom, as_json: AsJson = False) -> None:
    """Print all that is kept of a person or a conversation, except anonymous questions."""
    from bot.privacy import audit
    from bot.privacy.export import export as export_rows
    from bot.privacy.sealing import Seal
    from bot.privacy.subjects import find_subject

    settings = load_settings()
    seal = Seal(settings.encryption_key)
    with open_database(settings).write() as session:
        subject = find_subject(session, seal, whom)
        found = export_rows(session, subject, seal, _now(), audit.operator())
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=2, default=str))
        return
    for table, rows in found.items():
        out.print(f"\n[bold]{table}[/bold] ({len(rows)})")
        for row in rows:
            out.print("- " + "; ".join(f"{k}: {_plain(v)}" for k, v in row.items()), markup=False)


def erase(
    whom: Whom,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would go, and leave it.")
    ] = False,
) -> None:
    """Erase all that is kept of a person or a conversation. It can't be undone.

    Cases and the event log keep numbers, dates and topics, without person or text. What Slack
    and backups hold has to be erased there.
    """
    from bot.privacy import audit
    from bot.privacy.erasure import erase as erase_rows
    from bot.privacy.sealing import Seal
    from bot.privacy.subjects import find_subject

    settings = load_settings()
    seal, database = Seal(settings.encryption_key), open_database(settings)
    with database.write() as session:
        subject = find_subject(session, seal, whom)
        counts = erase_rows(session, subject, seal, _now(), audit.operator())
        if dry_run:
            session.rollback()
    out.print("Would be erased:" if dry_run else "Erased:")
    _print_counts(counts)
    if not dry_run and not database.compact():
        out.print(STILL_IN_LOG)


def purge(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would go, and leave it.")
    ] = False,
) -> None:
    """Remove what has been kept as long as the settings RETENTION_…_DAYS say.

    The running gateway does the same every hour.
    """
    from bot.privacy import audit
    from bot.privacy.retention import BATCH
    from bot.privacy.retention import purge as purge_rows

    settings = load_settings()
    database, who = open_database(settings), audit.operator()
    counts: Counter[str] = Counter()
    is_done = False
    while not is_done:
        at_most = sys.maxsize if dry_run else BATCH
        with database.write() as session:
            removed = purge_rows(session, settings.retention, _now(), at_most=at_most, actor=who)
            if dry_run:
                session.rollback()
        counts.update(removed)
        is_done = dry_run or not removed
    out.print("Would be removed:" if dry_run else "Removed:")
    _print_counts(counts)
    if not dry_run and not database.compact():
        out.print(STILL_IN_LOG)


@audit_app.command("list")
def list_audit(
    subject: Annotated[
        str | None, typer.Option(help="Only of this case (HR-1001), person or conversation.")
    ] = None,
    actor: Annotated[str | None, typer.Option(help="Only by this person or operator.")] = None,
    since: Annotated[
        datetime | None, typer.Option(help="Only from this day on (UTC).", formats=["%Y-%m-%d"])
    ] = None,
    limit: Annotated[int, typer.Option(help="At most so many, the latest.", min=1)] = 1000,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List the audit trail, oldest first."""
    from bot.privacy.audit import entries

    start = since.replace(tzinfo=timezone.utc) if since else None
    with open_database(load_settings()).read() as session:
        found = entries(session, subject=subject, actor=actor, since=start, at_most=limit)
    for entry in found:
        row = {
            "at": entry.at.isoformat(timespec="seconds"),
            "actor": entry.actor,
            "action": entry.action,
            "subject": entry.subject,
            "detail": entry.detail,
        }
        if as_json:
            print(json.dumps(row, ensure_ascii=False))
        else:
            *columns, detail = row.values()
            more = ", ".join(f"{name} {_plain(value)}" for name, value in detail.items())
            out.print(f"{'  '.join(columns)}  {more}", markup=False)
    if not found and not as_json:
        out.print("No entries.")


def note_viewed(database: Any, references: list[str], where: str) -> None:
    """Write down that whoever uses the command line reads these cases."""
    from bot.privacy import audit

    who = audit.operator()
    with database.write() as session:
        for reference in references:
            viewed = {"actor": who, "action": audit.VIEWED, "subject": reference}
            audit.write(session, _now(), **viewed, where=where)


def note_imported(session: Any, what: str, counts: dict[str, int]) -> None:
    """Write down that whoever uses the command line brought data in."""
    from bot.privacy import audit

    imported = {"actor": audit.operator(), "action": audit.IMPORTED, "subject": what}
    audit.write(session, _now(), **imported, **counts)


def _print_counts(counts: dict[str, int]) -> None:
    for name, count in counts.items():
        out.print(f"  {count:6}  {name}")
    if not counts:
        out.print("  nothing")


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _now() -> datetime:
    return datetime.now(timezone.utc)

"""Prints how fast things are: `python -m tests.bench`. Read the figures as ratios."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from tests.bench.programs import PROGRAMS, Timed, time_programs
from tests.bench.redaction import time_redaction
from tests.bench.slack import A_SECOND, SECONDS, deliver_many, product, time_questions
from tests.bench.widget import ACTIVE, IDLE, careers_page, crowd

PARTS = ("redaction", "programs", "slack", "widget")


def main(parts: list[str]) -> None:
    """Time these parts, or all, and print a table each."""
    console = Console(highlight=False)
    if "redaction" in parts:
        _print(console, "What every message passes first", time_redaction())
    if "programs" in parts:
        _print(console, f"{PROGRAMS:,} programs", time_programs())
    if "slack" in parts:
        with product() as stack:
            title = f"{A_SECOND} messages a second for {SECONDS} s"
            _print(console, title, time_questions(stack))
            done = deliver_many(stack)
        console.print(
            f"{done.messages} messages to {done.conversations} conversations in"
            f" {done.seconds:.1f} s with {done.refused} calls refused: {done.lost} lost,"
            f" {done.doubled} twice, {done.out_of_order} conversations out of order"
        )
    if "widget" in parts:
        with careers_page() as stack:
            calm, killed = crowd(stack)
        title = f"{IDLE:,} idle and {ACTIVE} active browsers"
        _print(console, title, [calm.turns])
        console.print(f"{calm.kilobytes:.1f} kB of the gateway's memory a connection")
        for when, crowded in (("in calm", calm), ("with a killed gateway", killed)):
            console.print(
                f"{crowded.messages} messages {when}: {crowded.lost} lost, {crowded.doubled}"
                f" twice, {crowded.out_of_order} out of order"
            )
        console.print(
            f"{killed.resumed} of {killed.connections} connections resumed within"
            f" {killed.resumed_within:.1f} s of the kill"
        )


def _print(console: Console, title: str, timed: Iterable[Timed]) -> None:
    table = Table("What", "Database", "Times", "p50 ms", "p95 ms", title=title)
    for one in timed:
        row = (one.what, one.database, str(len(one.times)))
        table.add_row(*row, f"{one.p50:,.2f}", f"{one.p95:,.2f}")
    console.print(table)


if __name__ == "__main__":
    main(sys.argv[1:] or list(PARTS))

"""Prints how fast things are: `python -m tests.bench`. Read the figures as ratios."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from tests.bench.programs import PROGRAMS, time_programs


def main() -> None:
    """Time everything and print a table."""
    table = Table("What", "Database", "Times", "p50 ms", "p95 ms", title=f"{PROGRAMS:,} programs")
    for timed in time_programs():
        row = (timed.what, timed.database, str(len(timed.times)))
        table.add_row(*row, f"{timed.p50:,.1f}", f"{timed.p95:,.1f}")
    Console(highlight=False).print(table)


if __name__ == "__main__":
    main()

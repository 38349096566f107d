"""Lives the whole month once and prints what came of it: `python -m tests.month`."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from random import Random

from . import report
from .count import Count
from .house import open_house
from .month import BEGINNING, FULL, Month
from .test_month import counted, title_of


def main() -> None:
    """See the module."""
    with tempfile.TemporaryDirectory() as folder, open_house(Path(folder), BEGINNING) as house:
        month = Month(house, FULL, Path(folder), Random(9))
        month.live_it()
        tables, count = report.download(house.url), counted(month)
        print(
            f"{month.seconds:.0f} s for {len(month.asked)} questions of {len(month.staff)} people"
        )
        _print_tables(tables, count)
        _print_told(month)


def _print_tables(tables: dict[str, report.Rows], count: Count) -> None:
    for name, rows in tables.items():
        again = getattr(count, name.replace("-", "_"), None)
        verdict = "" if again is None else f" (counted anew: {_verdict(again() == rows)})"
        print(f"\n{name}{verdict}")
        for row in rows[:12]:
            print("  " + " | ".join(row))


def _verdict(is_same: bool) -> str:
    return "the same" if is_same else "DIFFERENT"


def _print_told(month: Month) -> None:
    print(f"\n{len(month.told)} messages that nobody asked for, {month.released} releases")
    for title, number in Counter(map(title_of, month.told)).most_common():
        print(f"  {number:4} {title}")
    for tap, number in Counter(tap for _, tap in month.taps).most_common():
        print(f"  {number:4} answered “{tap}”")
    print(f"\n{len(month.live)} answers promoted, {len(month.refused)} drafts refused first:")
    for why in month.refused.values():
        print(f"  {why}")


if __name__ == "__main__":
    main()

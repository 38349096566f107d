"""Writes results into docs/benchmarks.md, between two markers; the rest of the file is people's."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.settings import ROOT
from tests.bench.nlu.systems import COUNTS, OURS, STOCK, TITLES

FILE = ROOT / "docs" / "benchmarks.md"
BEGIN = "<!-- Understanding: written by make bench-nlu, not by hand -->"
END = "<!-- end of Understanding -->"
HEADING = "## Understanding"


@dataclass(frozen=True)
class Column:
    """A figure in the table: its name in the results, its heading, factor and decimals."""

    name: str
    heading: str
    factor: float = 1.0
    decimals: int = 1


COLUMNS = (
    Column("accuracy", "accuracy %", 100),
    Column("auroc", "out-of-scope AUROC", decimals=3),
    Column("out_of_scope_recall", "recall at 5 % false rejection", 100),
    Column("accuracy_with_typos", "accuracy with typos %", 100),
    Column("p50_ms", "p50 ms"),
    Column("p95_ms", "p95 ms"),
    Column("p50_processor_ms", "(CPU p50 ms)"),
    Column("training_seconds", "training s"),
    Column("training_processor_seconds", "(CPU s)"),
    Column("memory_megabytes", "memory MB", decimals=0),
    Column("first_answer_seconds", "start to first answer s"),
    Column("first_answer_processor_seconds", "(CPU s)"),
)
RATIOS = (
    ("p50_ms", "a message"),
    ("p50_processor_ms", "its CPU"),
    ("training_seconds", "training"),
    ("training_processor_seconds", "its CPU"),
    ("memory_megabytes", "memory"),
    ("first_answer_seconds", "start to first answer"),
    ("first_answer_processor_seconds", "its CPU"),
)

Result = dict[str, Any]
"""What one run left: dataset, system, seed, date, versions, machine, figures."""


def write_section(results: Sequence[Result], file: Path = FILE) -> None:
    """Put a section that shows these results into the file, in place of the one before."""
    text = file.read_text(encoding="utf-8") if file.exists() else "# Benchmarks\n"
    begin, end = text.find(BEGIN), text.find(END)
    if begin < 0 or end < begin:
        text = f"{text.rstrip()}\n\n{HEADING}\n\n{BEGIN}\n{END}\n"
        begin, end = text.find(BEGIN), text.find(END)
    section = f"{BEGIN}\n{section_of(results)}"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text[:begin] + section + text[end:], encoding="utf-8")


def section_of(results: Sequence[Result]) -> str:
    """Return the section as Markdown: how it was measured, then a table for each data set."""
    if not results:
        return "Not measured yet: `make bench-nlu`.\n"
    parts = [_how(results)]
    for dataset in dict.fromkeys(one["dataset"] for one in results):
        parts.append(_table(dataset, [one for one in results if one["dataset"] == dataset]))
    return "\n".join(parts)


def mean_and_spread(values: Sequence[float], column: Column) -> str:
    """Return “92.4 ± 0.3”: the mean, and the standard deviation if there are several."""
    if not values:
        return "–"
    scaled = [column.factor * value for value in values]
    mean = f"{statistics.fmean(scaled):.{column.decimals}f}"
    if len(scaled) == 1:
        return mean
    return f"{mean} ± {statistics.stdev(scaled):.{column.decimals}f}"


def _how(results: Sequence[Result]) -> str:
    dates = sorted({one["date"] for one in results})
    when = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    versions = {name: version for one in results for name, version in one["versions"].items()}
    machines = sorted({one["machine"] for one in results})
    loads = [one["figures"]["load_average"] for one in results]
    return (
        f"`make bench-nlu`, {when}, on {'; '.join(machines)}; load average while asking "
        f"{min(loads):.1f} to {max(loads):.1f}. "
        f"{', '.join(f'{name} {version}' for name, version in versions.items())}.\n\n"
        "Every message goes through `Agent.parse_message` on one thread. ± is the standard "
        "deviation over seeds, which draw the phrasings and what training leaves to chance. "
        "The rejection threshold comes from validation questions in scope. Typos: one or two a "
        "message. Memory is PSS after all messages, in a process that does nothing else. On a busy "
        "machine compare CPU: the clock counts what others do too.\n"
    )


def _table(dataset: str, results: Sequence[Result]) -> str:
    headings = ["system", "seeds", *(column.heading for column in COLUMNS)]
    lines = [f"### {dataset}\n", _row(headings), _row(["---"] * len(headings))]
    for system in (OURS, STOCK, COUNTS):
        figures = [one["figures"] for one in results if one["system"] == system]
        if figures:
            cells = (
                mean_and_spread([one[c.name] for one in figures if c.name in one], c)
                for c in COLUMNS
            )
            lines.append(_row([TITLES[system], str(len(figures)), *cells]))
    ratios = _ratios(results)
    return "\n".join([*lines, *([f"\n{ratios}"] if ratios else []), ""])


def _ratios(results: Sequence[Result]) -> str:
    def mean(system: str, name: str) -> float | None:
        figures = [one["figures"] for one in results if one["system"] == system]
        values = [one[name] for one in figures if name in one]
        return statistics.fmean(values) if values else None

    told = []
    for name, what in RATIOS:
        ours, stock = mean(OURS, name), mean(STOCK, name)
        if ours and stock:
            told.append(f"{what} {stock / ours:.1f}")
    return f"Stock takes, times ours: {', '.join(told)}." if told else ""


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"

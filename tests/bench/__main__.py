"""Prints how fast things are: `python -m tests.bench`. Read the figures as ratios."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from bot.settings import load_settings
from tests.bench.assistants import several_assistants
from tests.bench.beside.run import Footprint, Load, beside_stock
from tests.bench.growth import growth
from tests.bench.programs import PROGRAMS, Timed, time_programs
from tests.bench.redaction import time_redaction
from tests.bench.slack import A_SECOND, SECONDS, deliver_many, product, time_questions
from tests.bench.widget import ACTIVE, IDLE, careers_page, crowd
from tests.e2e.stack import trained_model

PARTS = ("redaction", "programs", "slack", "widget", "beside", "assistants", "growth")


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
    if "beside" in parts:
        _print_beside(console, beside_stock(trained_model(load_settings())))
    if "assistants" in parts:
        for cost in several_assistants(trained_model(load_settings())):
            shares = ", ".join(f"{name} {ms:.1f}" for name, ms in cost.by_process.items())
            console.print(
                f"{cost.assistants} assistants, {cost.messages} messages:"
                f" {cost.together:.1f} ms of CPU each ({shares})"
            )
    if "growth" in parts:
        _print(console, "Longer conversations, more topics, more cases", growth())


def _print_beside(console: Console, found: Iterable[Load | Footprint]) -> None:
    columns = ("System", "What", "People", "p50 ms", "p95 ms", "a second", "CPU ms an answer")
    table = Table(*columns, title="People at once, each asking again when answered")
    for one in found:
        if isinstance(one, Load):
            times = (f"{one.p50:,.0f}", f"{one.p95:,.0f}", f"{one.a_second:.1f}")
            people = str(one.people)
            table.add_row(one.system, one.kind, people, *times, f"{one.processor_ms:.0f}")
        else:
            parts = ", ".join(f"{name} {mb:.0f}" for name, mb in one.megabytes.items())
            console.print(
                f"{one.system}: ready after {one.seconds_to_ready:.1f} s; PSS in MB: {parts},"
                f" together {sum(one.megabytes.values()):.0f}"
            )
    console.print(table)


def _print(console: Console, title: str, timed: Iterable[Timed]) -> None:
    table = Table("What", "Database", "Times", "p50 ms", "p95 ms", title=title)
    for one in timed:
        row = (one.what, one.database, str(len(one.times)))
        table.add_row(*row, f"{one.p50:,.2f}", f"{one.p95:,.2f}")
    console.print(table)


if __name__ == "__main__":
    main(sys.argv[1:] or list(PARTS))

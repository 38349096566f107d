"""`python -m tests.faults --seed 7`: one run of the fault harness, or several, by hand."""

from __future__ import annotations

import logging
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import structlog
import typer

from bot.settings import load_settings

from ..conftest import new_database
from ..e2e.stack import trained_model
from .run import MEDIUM, run


def main(
    seed: int = 1,
    runs: int = 1,
    database: Annotated[str, typer.Option(help="sqlite or postgresql")] = "sqlite",
    messages: int = MEDIUM.messages,
    cases: int = MEDIUM.cases,
    troubles: int = MEDIUM.troubles,
    gateways: int = 1,
    assistants: Annotated[int, typer.Option(help="several need Redis")] = 1,
    folder: Annotated[Path | None, typer.Option(help="where logs stay")] = None,
) -> None:
    """Run the plans of one seed and those after it; exit 1 if anything was lost or doubled."""
    scale = replace(
        MEDIUM,
        messages=messages,
        cases=cases,
        troubles=troubles,
        gateways=gateways,
        assistants=assistants,
        has_disk=database == "sqlite",
    )
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    model = trained_model(load_settings({}, Path("none.env")))
    failed = False
    for number in range(seed, seed + runs):
        kept = folder or Path(tempfile.mkdtemp(prefix="faults-"))
        logs = kept / str(number)
        logs.mkdir(parents=True)
        with new_database(database, logs) as url:
            report = run(number, scale, logs, model, url)
        typer.echo(f"{report}\n  logs: {logs}")
        failed = failed or bool(report.wrong)
    raise typer.Exit(failed)


if __name__ == "__main__":
    typer.run(main)

"""One run: a product, a plan, and the verdict."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from bot.db.session import Database

from .people import People
from .plan import Scale, Trouble, plan, summary
from .product import running_product
from .trouble import Troublemaker
from .verdict import judge

QUICK = Scale(messages=40, cases=5, troubles=14, people=8, longest=8.0)
MEDIUM = Scale(messages=300, cases=45, troubles=40)
FULL = Scale(messages=2000, cases=300, troubles=40)
PATIENCE_SECONDS = 240.0


@dataclass(frozen=True)
class Report:
    """How a run went. `wrong` has a line for everything that should not have been."""

    seed: int
    scale: Scale
    planned: dict[str, int]
    figures: Counter[str]
    wrong: list[str]
    seconds: float

    def __str__(self) -> str:
        lines = [
            f"seed {self.seed}, {self.scale}",
            f"plan: {', '.join(f'{name} {count}' for name, count in self.planned.items())}",
            f"seen: {', '.join(f'{name} {self.figures[name]}' for name in sorted(self.figures))}",
            f"{len(self.wrong)} wrong, {self.seconds:.0f} s",
            *(f"  {line}" for line in self.wrong),
        ]
        return "\n".join(lines)


def run(
    seed: int,
    scale: Scale,
    folder: Path,
    model: Path,
    database_url: str,
    patience: float = PATIENCE_SECONDS,
) -> Report:
    """Run the plan of a seed on a new database.

    Args:
        folder: where logs, and an SQLite database, are left.
        patience: how many seconds people wait for anything.
    """
    steps = plan(seed, scale)
    database = Database(database_url)
    with running_product(folder, model, database_url, scale) as product:
        began = time.monotonic()
        people, troubles = People(product, database, patience), Troublemaker(product)
        for step in steps:
            if isinstance(step, Trouble):
                troubles.begin(step)
            else:
                people.do(step)
        troubles.end()
        people.finish()
        seconds = time.monotonic() - began
    verdict = judge(people, database)
    database.dispose()
    attempts = product.slack.workspace.attempts
    verdict.figures["redeliveries"] = sum(a.number > 0 for a in attempts)
    return Report(seed, scale, summary(steps), verdict.figures, verdict.wrong, seconds)

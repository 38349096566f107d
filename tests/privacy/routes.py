"""The table of routes and answers as SECURITY.md shows it; `python -m tests.privacy.routes`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

FILE = Path(__file__).parent / "routes.yml"
Answers = dict[str, dict[str, dict[str, Any]]]


def expected() -> Answers:
    """Return what each route answers, by process and route."""
    return YAML(typ="safe").load(FILE)


def table() -> str:
    """Return the table in Markdown."""
    lines = [
        "| process | route | without credentials | with wrong ones | another's conversation |",
        "|---|---|---|---|---|",
    ]
    for process, routes in expected().items():
        for route, answers in routes.items():
            says = f", {answers['says']}" if answers.get("says") else ""
            columns = (
                process,
                f"`{route}`",
                f"{answers['nobody']}{says}",
                str(answers["wrong"]),
                answers["anothers"] or "–",
            )
            lines.append(f"| {' | '.join(columns)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())

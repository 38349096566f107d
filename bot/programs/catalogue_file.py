"""Reads a catalogue file such as data/programs.yml and finds every mistake in it, with its line.

It knows the file's format, not the database: see `bot.programs.catalogue` for the import.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml.nodes import Node

from bot.privacy.audience import AUDIENCES, EMPLOYEE
from bot.programs.checked_file import Mistake, any_of, line_of, read_checked, record, text

CATEGORIES = ("education", "certification", "career", "wellbeing", "family", "pay", "start")
UNITS = ("USD", "hours", "weeks", "months", "visits")
EMPLOYMENT_TYPES = ("full_time", "part_time", "per_diem", "resident", "student")
JOB_FAMILIES = (
    "nursing",
    "nursing_support",
    "allied_health",
    "physicians",
    "administration",
    "support_services",
)
SITES = ("medical_center", "riverside", "lakeview")
INTERNAL_LINK = "https://hr."


_GIVES = record(
    {
        "amount": {"type": "number", "exclusiveMinimum": 0},
        "unit": {"enum": list(UNITS)},
        "period": text(60),
        "text": text(500),
    }
) | {
    "anyOf": [{"required": ["amount", "unit"]}, {"required": ["text"]}],
    "description": "an amount with its unit, or a text",
}
CONDITIONS = {
    "employment_types": any_of(EMPLOYMENT_TYPES),
    "min_fte": {"type": "number", "minimum": 0, "maximum": 1},
    "min_tenure_months": {"type": "integer", "minimum": 0},
    "job_families": any_of(JOB_FAMILIES),
    "sites": any_of(SITES),
}
"""What can be said about whom something is for, as schemas."""
_ELIGIBILITY = record({**CONDITIONS, "notes": text(2000)})
_WINDOW = record(
    {
        "name": text(120),
        "opens": {"type": "date"},
        "closes": {"type": "date"},
        "starts": {"type": "date"},
    },
    required=("name", "closes"),
)
_PROGRAM = record(
    {
        "id": {"type": "string", "pattern": "^[a-z][a-z0-9-]{1,59}$"},
        "name": text(120),
        "aliases": {"type": "array", "items": text(120)},
        "keywords": {"type": "array", "items": text(120)},
        "topic": {"type": "string", "pattern": "^[a-z_]+/[a-z0-9_]+$"},
        "category": {"enum": list(CATEGORIES)},
        "audience": {"enum": list(AUDIENCES)},
        "summary": text(2000),
        "gives": _GIVES,
        "eligibility": _ELIGIBILITY,
        "dates": {"type": "array", "items": _WINDOW},
        "how_to_apply": text(2000),
        "contact": text(120),
        "link": {"type": "string", "pattern": "^https://", "maxLength": 300},
        "owner": text(120),
        "reviewed": {"type": "date"},
        "review_by": {"type": "date"},
    },
    required=("id", "name", "category", "audience", "summary", "gives", "how_to_apply", "owner"),
)
_SCHEMA = {"type": "array", "items": _PROGRAM, "minItems": 1}


def read_catalogue(path: Path) -> list[dict[str, Any]]:
    """Return the programs of a catalogue file, as checked plain values.

    Raises:
        DataFileError: with every mistake of the file, each with its line.
    """
    return read_checked(
        path,
        _SCHEMA,
        hints=_PATTERN_HINTS,
        across=_across_fields,
        holds="a list of programs",
        consequence="nothing was imported",
    )


_PATTERN_HINTS = {
    "id": "small letters, digits and hyphens",
    "topic": "a topic id like development/tuition_assistance",
    "link": "an address that begins with https://",
}


def _across_fields(root: Node, programs: Any) -> Iterator[Mistake]:
    """Find what a schema can't: names used twice, dates in a wrong order, internal links."""
    if not isinstance(programs, list):
        return
    ids: set[str] = set()
    owners: dict[str, str] = {}
    for node, program in zip(root.value, programs, strict=True):
        if not isinstance(program, dict) or not isinstance(program.get("id"), str):
            continue
        if program["id"] in ids:
            yield Mistake(line_of(node, "id"), f"another program has the id “{program['id']}” too.")
        ids.add(program["id"])
        yield from _names_of_others(node, program, owners)
        yield from _wrong_windows(node, program)
        if program.get("audience") != EMPLOYEE:
            yield from _internal_links(node, program)


def _names_of_others(
    node: Node, program: dict[str, Any], owners: dict[str, str]
) -> Iterator[Mistake]:
    aliases = program.get("aliases")
    named = [("name", program.get("name"))]
    named += [("aliases", alias) for alias in aliases] if isinstance(aliases, list) else []
    for field, name in named:
        owner = owners.setdefault(str(name).casefold(), program["id"])
        if isinstance(name, str) and owner != program["id"]:
            yield Mistake(line_of(node, field), f"“{name}” is a name of {owner} already.")


def _wrong_windows(node: Node, program: dict[str, Any]) -> Iterator[Mistake]:
    windows = program.get("dates")
    if not isinstance(windows, list):
        return
    names: set[str] = set()
    for index, window in enumerate(windows):
        if not isinstance(window, dict):
            continue
        line = line_of(node, "dates", index)
        opens, closes, name = window.get("opens"), window.get("closes"), window.get("name")
        if isinstance(opens, date) and isinstance(closes, date) and closes < opens:
            yield Mistake(line, f"“{name}” closes before it opens.")
        if name in names:
            yield Mistake(line, f"two windows are called “{name}”.")
        names.add(name)


def _internal_links(node: Node, program: dict[str, Any]) -> Iterator[Mistake]:
    for field in ("summary", "how_to_apply", "link"):
        if INTERNAL_LINK in str(program.get(field)):
            yield Mistake(
                line_of(node, field), f"“{field}” of a public program links to an internal page."
            )

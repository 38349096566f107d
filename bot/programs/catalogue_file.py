"""Reads a catalogue file such as data/programs.yml and finds every mistake in it, with its line.

It knows the file's format, not the database: see `bot.programs.catalogue` for the import.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, ValidationError, validators
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bot.errors import DataFileError
from bot.privacy.audience import AUDIENCES, EMPLOYEE

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


def _text(longest: int) -> dict[str, Any]:
    return {"type": "string", "minLength": 1, "maxLength": longest}


def _any_of(names: tuple[str, ...]) -> dict[str, Any]:
    return {"type": "array", "items": {"enum": list(names)}, "uniqueItems": True}


def _record(properties: dict[str, Any], required: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


_GIVES = _record(
    {
        "amount": {"type": "number", "exclusiveMinimum": 0},
        "unit": {"enum": list(UNITS)},
        "period": _text(60),
        "text": _text(500),
    }
) | {"anyOf": [{"required": ["amount", "unit"]}, {"required": ["text"]}]}
_ELIGIBILITY = _record(
    {
        "employment_types": _any_of(EMPLOYMENT_TYPES),
        "min_fte": {"type": "number", "minimum": 0, "maximum": 1},
        "min_tenure_months": {"type": "integer", "minimum": 0},
        "job_families": _any_of(JOB_FAMILIES),
        "sites": _any_of(SITES),
        "notes": _text(2000),
    }
)
_WINDOW = _record(
    {
        "name": _text(120),
        "opens": {"type": "date"},
        "closes": {"type": "date"},
        "starts": {"type": "date"},
    },
    required=("name", "closes"),
)
_PROGRAM = _record(
    {
        "id": {"type": "string", "pattern": "^[a-z][a-z0-9-]{1,59}$"},
        "name": _text(120),
        "aliases": {"type": "array", "items": _text(120)},
        "keywords": {"type": "array", "items": _text(120)},
        "topic": {"type": "string", "pattern": "^[a-z_]+/[a-z0-9_]+$"},
        "category": {"enum": list(CATEGORIES)},
        "audience": {"enum": list(AUDIENCES)},
        "summary": _text(2000),
        "gives": _GIVES,
        "eligibility": _ELIGIBILITY,
        "dates": {"type": "array", "items": _WINDOW},
        "how_to_apply": _text(2000),
        "contact": _text(120),
        "link": {"type": "string", "pattern": "^https://", "maxLength": 300},
        "owner": _text(120),
        "reviewed": {"type": "date"},
        "review_by": {"type": "date"},
    },
    required=("id", "name", "category", "audience", "summary", "gives", "how_to_apply", "owner"),
)
_SCHEMA = {"type": "array", "items": _PROGRAM, "minItems": 1}

_Validator = validators.extend(
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine(
        "date", lambda _checker, value: isinstance(value, date)
    ),
)

_PLAIN_TYPES = {
    "array": "a list",
    "object": "a block of “key: value” lines",
    "string": 'text (in "double quotes" if it looks like a number or a date)',
    "number": "a number",
    "integer": "a whole number",
    "date": "a date like 2026-12-15",
}


@dataclass(frozen=True)
class Mistake:
    """Something wrong in a file: its line, counted from 1, and what it is."""

    line: int
    text: str


def read_catalogue(path: Path) -> list[dict[str, Any]]:
    """Return the programs of a catalogue file, as checked plain values.

    Raises:
        DataFileError: with every mistake of the file, each with its line.
    """
    root = _compose(path)
    mistakes: list[Mistake] = []
    programs = _plain(root, mistakes)
    for error in _Validator(_SCHEMA).iter_errors(programs):
        mistakes.append(Mistake(_line_of(root, error), _in_plain_words(error)))
    if isinstance(programs, list):
        mistakes += _across_fields(root, programs)
    if mistakes:
        raise DataFileError(_report(path, mistakes))
    return programs


def _report(path: Path, mistakes: list[Mistake]) -> str:
    found = sorted(set(mistakes), key=lambda m: (m.line, m.text))
    count = "1 mistake" if len(found) == 1 else f"{len(found)} mistakes"
    lines = "".join(f"\n{path}, line {m.line}: {m.text}" for m in found)
    return f"{path} has {count}; nothing was imported.{lines}"


def _compose(path: Path) -> Node:
    try:
        root = YAML(typ="safe").compose(path)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = error.problem or error.context or "it is not YAML"
        raise DataFileError(_report(path, [Mistake(line, f"{problem}.")])) from error
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise DataFileError(f"{path} can't be read: {error}") from error
    if root is None:
        raise DataFileError(f"{path} is empty; it needs a list of programs.")
    return root


def _plain(node: Node, mistakes: list[Mistake]) -> Any:
    """Turn YAML nodes into values; a date that doesn't exist stays text, for the schema to find."""
    if isinstance(node, SequenceNode):
        return [_plain(item, mistakes) for item in node.value]
    if isinstance(node, MappingNode):
        record: dict[str, Any] = {}
        for key, value in node.value:
            if key.value in record:
                text = f"“{key.value}” stands twice in this block."
                mistakes.append(Mistake(key.start_mark.line + 1, text))
            record[key.value] = _plain(value, mistakes)
        return record
    return _scalar(node)


def _scalar(node: ScalarNode) -> Any:
    kind = node.tag.rpartition(":")[2]
    try:
        if kind == "int":
            return int(node.value)
        if kind == "float":
            return float(node.value)
        if kind == "timestamp":
            return date.fromisoformat(node.value)
    except ValueError:
        return node.value
    if kind == "bool":
        return node.value.lower() == "true"
    return None if kind == "null" else node.value


def _line_of(root: Node, error: ValidationError) -> int:
    if error.validator != "additionalProperties":
        return _line(root, *error.absolute_path)
    node = root
    for step in error.absolute_path:
        node = _child(node, step)
    unknown = _unknown_keys(error)
    return next(key.start_mark.line + 1 for key, _ in node.value if key.value in unknown)


def _child(node: Node, step: str | int) -> Node:
    if isinstance(node, SequenceNode):
        return node.value[step]
    return next(value for key, value in node.value if key.value == step)


def _unknown_keys(error: ValidationError) -> list[str]:
    return sorted(set(error.instance) - set(error.schema["properties"]))


def _in_plain_words(error: ValidationError) -> str:
    field = next((s for s in reversed(error.absolute_path) if isinstance(s, str)), "")
    where = f"“{field}”" if field else "This"
    value, wanted = error.instance, error.validator_value
    if error.validator == "required":
        missing = ", ".join(f"“{k}”" for k in wanted if k not in value)
        return f"{missing} is missing{f' in {where}' if field else ''}."
    if error.validator == "additionalProperties":
        return f"nothing here is called {', '.join(f'“{k}”' for k in _unknown_keys(error))}."
    if error.validator == "enum":
        return f"{where} can't be “{value}”; it must be one of {', '.join(wanted)}."
    if error.validator == "type":
        return f"{where} must be {_PLAIN_TYPES[wanted]}."
    if error.validator == "anyOf":
        return f"{where} needs an amount with its unit, or a text."
    if error.validator == "pattern":
        return f"{where} is “{value}”, which does not look right ({_PATTERN_HINTS[field]})."
    if error.validator in ("minLength", "minItems"):
        return f"{where} is empty."
    if error.validator == "maxLength":
        return f"{where} is too long: {len(value)} characters, {wanted} at most."
    if error.validator == "uniqueItems":
        return f"{where} names something twice."
    return f"{where} can't be {value}."


_PATTERN_HINTS = {
    "id": "small letters, digits and hyphens",
    "topic": "a topic id like development/tuition_assistance",
    "link": "an address that begins with https://",
}


def _across_fields(root: Node, programs: list[Any]) -> Iterator[Mistake]:
    """Find what a schema can't: names used twice, dates in a wrong order, internal links."""
    ids: set[str] = set()
    owners: dict[str, str] = {}
    for node, program in zip(root.value, programs, strict=True):
        if not isinstance(program, dict) or not isinstance(program.get("id"), str):
            continue
        if program["id"] in ids:
            yield Mistake(_line(node, "id"), f"another program has the id “{program['id']}” too.")
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
            yield Mistake(_line(node, field), f"“{name}” is a name of {owner} already.")


def _line(node: Node, *steps: str | int) -> int:
    for step in steps:
        node = _child(node, step)
    return node.start_mark.line + 1


def _wrong_windows(node: Node, program: dict[str, Any]) -> Iterator[Mistake]:
    windows = program.get("dates")
    if not isinstance(windows, list):
        return
    names: set[str] = set()
    for index, window in enumerate(windows):
        if not isinstance(window, dict):
            continue
        line = _line(node, "dates", index)
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
                _line(node, field), f"“{field}” of a public program links to an internal page."
            )

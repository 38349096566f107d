"""Reads a YAML file against a schema and finds every mistake in it, with its line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, ValidationError, validators
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bot.errors import DataFileError

Schema = dict[str, Any]


@dataclass(frozen=True)
class Mistake:
    """Something wrong in a file: its line, counted from 1, and what it is."""

    line: int
    text: str


Across = Callable[[Node, Any], Iterable[Mistake]]
"""Finds what a schema can't, in a file's nodes and its plain values."""

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
    "boolean": "true or false",
    "date": "a date like 2026-12-15",
}


def text(longest: int) -> Schema:
    """Return the schema of a text that isn't empty."""
    return {"type": "string", "minLength": 1, "maxLength": longest}


def any_of(names: tuple[str, ...]) -> Schema:
    """Return the schema of a list of some of these names."""
    return {"type": "array", "items": {"enum": list(names)}, "uniqueItems": True}


def record(properties: Schema, required: tuple[str, ...] = ()) -> Schema:
    """Return the schema of a block with these keys and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def read_checked(
    path: Path,
    schema: Schema,
    *,
    hints: Mapping[str, str],
    across: Across,
    holds: str,
    consequence: str,
) -> Any:
    """Return a file's content as checked plain values.

    Args:
        hints: by field with a pattern, what it should look like.
        holds: what the file should hold, for the one that is empty: "a list of programs".
        consequence: "nothing was imported".

    Raises:
        DataFileError: with every mistake of the file, each with its line.
    """
    root = _compose(path, holds, consequence)
    mistakes: list[Mistake] = []
    values = _plain(root, mistakes)
    for error in _Validator(schema).iter_errors(values):
        mistakes.append(Mistake(_line_of(root, error), _in_plain_words(error, hints)))
    mistakes += across(root, values)
    if mistakes:
        raise DataFileError(_report(path, mistakes, consequence))
    return values


def line_of(node: Node, *steps: str | int) -> int:
    """Return the line on which a value stands that these keys and indexes lead to."""
    for step in steps:
        node = _child(node, step)
    return node.start_mark.line + 1


def _report(path: Path, mistakes: list[Mistake], consequence: str) -> str:
    found = sorted(set(mistakes), key=lambda m: (m.line, m.text))
    count = "1 mistake" if len(found) == 1 else f"{len(found)} mistakes"
    lines = "".join(f"\n{path}, line {m.line}: {m.text}" for m in found)
    return f"{path} has {count}; {consequence}.{lines}"


def _compose(path: Path, holds: str, consequence: str) -> Node:
    try:
        root = YAML(typ="safe").compose(path)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = error.problem or error.context or "it is not YAML"
        raise DataFileError(_report(path, [Mistake(line, f"{problem}.")], consequence)) from error
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise DataFileError(f"{path} can't be read: {error}") from error
    if root is None:
        raise DataFileError(f"{path} is empty; it needs {holds}.")
    return root


def _plain(node: Node, mistakes: list[Mistake]) -> Any:
    """Turn YAML nodes into values; a date that doesn't exist stays text, for the schema to find."""
    if isinstance(node, SequenceNode):
        return [_plain(item, mistakes) for item in node.value]
    if isinstance(node, MappingNode):
        block: dict[str, Any] = {}
        for key, value in node.value:
            if key.value in block:
                said = f"“{key.value}” stands twice in this block."
                mistakes.append(Mistake(key.start_mark.line + 1, said))
            block[key.value] = _plain(value, mistakes)
        return block
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
        return line_of(root, *error.absolute_path)
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


def _in_plain_words(error: ValidationError, hints: Mapping[str, str]) -> str:
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
        return f"{where} needs {error.schema['description']}."
    if error.validator == "pattern":
        return f"{where} is “{value}”, which does not look right ({hints[field]})."
    if error.validator in ("minLength", "minItems"):
        return f"{where} is empty."
    if error.validator == "maxLength":
        return f"{where} is too long: {len(value)} characters, {wanted} at most."
    if error.validator == "uniqueItems":
        return f"{where} names something twice."
    return f"{where} can't be {value}."

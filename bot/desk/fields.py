"""Fields of forms: one line, one choice, a day. Block id and action id are the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.desk.views import Block, option, plain


def line_input(
    block: str,
    label: str,
    initial: str | None,
    *,
    kind: str = "plain_text_input",
    optional: bool = False,
    longest: int | None = None,
) -> Block:
    """Return a field for one line of text, or for an address (`url_text_input`)."""
    element: Block = {"type": kind, "action_id": block}
    if longest:
        element["max_length"] = longest
    if initial:
        element["initial_value"] = initial
    return _field(block, label, element, optional)


def choice_input(
    block: str,
    label: str,
    choices: Sequence[tuple[str, str]],
    initial: str | None,
    *,
    kind: str = "static_select",
    optional: bool = False,
) -> Block:
    """Return a field in which one of some values is chosen.

    Args:
        choices: value and text of each.
    """
    options = {value: option(text, value) for value, text in choices}
    element: Block = {"type": kind, "action_id": block, "options": list(options.values())}
    if initial in options:
        element["initial_option"] = options[initial]
    return _field(block, label, element, optional)


def day_input(block: str, label: str, initial: date | None, *, optional: bool = False) -> Block:
    """Return a field in which a day is picked."""
    element: Block = {"type": "datepicker", "action_id": block}
    if initial is not None:
        element["initial_date"] = initial.isoformat()
    return _field(block, label, element, optional)


def _field(block: str, label: str, element: Block, optional: bool) -> Block:
    return {
        "type": "input",
        "block_id": block,
        "optional": optional,
        "label": plain(label),
        "element": element,
    }

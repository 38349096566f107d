"""What a person enters into Block Kit elements, in the shape that payloads carry it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.blocks import elements_of
from bot.sandbox.model import RefusedError

Json = dict[str, Any]

REQUIRED = "Please complete this required field."

_TEXTS = {"plain_text_input", "email_text_input", "url_text_input", "number_input"}
_ONE_OPTION = {"static_select", "external_select", "radio_buttons", "overflow"}
_MANY_OPTIONS = {"multi_static_select", "multi_external_select", "checkboxes"}
_PICKED = {
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "users_select": ("selected_user", "initial_user"),
    "channels_select": ("selected_channel", "initial_channel"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "rich_text_input": ("rich_text_value", "initial_value"),
}


@dataclass(frozen=True)
class Form:
    """`values` as `view.state.values`; `errors` by block id, what Slack's own client objects to."""

    values: Json
    errors: dict[str, str]


def read_form(blocks: list[Json], entered: Mapping[str, Any]) -> Form:
    """Fill in the stateful elements of a view or message.

    Args:
        blocks: blocks that have ids.
        entered: by action id or block id: a text, a date, or options by value or visible text.

    Raises:
        RefusedError: `no_such_option`, or `no_such_field` for a name that no element has.
    """
    values: Json = {}
    errors: dict[str, str] = {}
    known: set[str] = set()
    for block in blocks:
        for element in elements_of(block):
            if not _is_stateful(element):
                continue
            block_id, action_id = block["block_id"], element["action_id"]
            known |= {block_id, action_id}
            given = entered.get(action_id, entered.get(block_id))
            state = _state_of(element, given)
            values.setdefault(block_id, {})[action_id] = state
            if block["type"] == "input":
                fault = _fault_of(element, state, is_optional=bool(block.get("optional")))
                if fault:
                    errors[block_id] = fault
    if set(entered) - known:
        raise RefusedError("no_such_field", names=sorted(set(entered) - known))
    return Form(values, errors)


def action_of(element: Json, block_id: str, choice: str | None, action_ts: str) -> Json:
    """The entry of `actions` for clicking or choosing something.

    Args:
        element: the element, with its action id.
        block_id: of the block around it.
        choice: an option by value or visible text, a date, a feedback button; None for a button.
        action_ts: when it happened.
    """
    kind = element["type"]
    action = {
        "type": kind,
        "action_id": element["action_id"],
        "block_id": block_id,
        "action_ts": action_ts,
    }
    if kind == "button":
        for key in ("text", "value", "style", "url"):
            if key in element:
                action[key] = element[key]
    elif kind == "feedback_buttons":
        chosen = _matching(_feedback_options(element), choice)
        action |= {"value": chosen["value"], "text": chosen["text"]}
    else:
        action |= {k: v for k, v in _state_of(element, choice).items() if k != "type"}
    return action


def choices_of(element: Json) -> list[Json]:
    """What one can pick in an element, as options; a button is its own only choice."""
    kind = element.get("type")
    if kind == "button":
        return [element]
    if kind == "feedback_buttons":
        return _feedback_options(element)
    return _options_of(element)


def matches(option: Json, wanted: str) -> bool:
    """Whether an option or button has this value or this visible text."""
    return wanted in (option.get("value"), option.get("text", {}).get("text"))


def _is_stateful(element: Json) -> bool:
    kind = element.get("type")
    return kind in _TEXTS | _ONE_OPTION - {"overflow"} | _MANY_OPTIONS | set(_PICKED)


def _state_of(element: Json, given: Any) -> Json:
    kind = element["type"]
    if kind in _TEXTS:
        value = element.get("initial_value") if given is None else given
        return {"type": kind, "value": value or None}
    if kind in _ONE_OPTION:
        option = element.get("initial_option")
        if given is not None:
            option = _matching(_options_of(element), given) if given else None
        return {"type": kind, "selected_option": option}
    if kind in _MANY_OPTIONS:
        options = element.get("initial_options", [])
        if given is not None:
            names = [given] if isinstance(given, str) else given
            options = [_matching(_options_of(element), name) for name in names if name]
        return {"type": kind, "selected_options": options}
    if kind in _PICKED:
        selected, initial = _PICKED[kind]
        return {"type": kind, selected: given or element.get(initial)}
    return {"type": kind}


def _fault_of(element: Json, state: Json, *, is_optional: bool) -> str | None:
    value = next((v for k, v in state.items() if k != "type"), None)
    if not value:
        return None if is_optional else REQUIRED
    shortest, longest = element.get("min_length", 0), element.get("max_length", 3000)
    if element["type"] == "plain_text_input" and len(value) < shortest:
        return f"Please enter at least {shortest} characters."
    if element["type"] == "plain_text_input" and len(value) > longest:
        return f"Please enter no more than {longest} characters."
    return None


def _options_of(element: Json) -> list[Json]:
    grouped = [o for group in element.get("option_groups", []) for o in group["options"]]
    return [*element.get("options", []), *grouped]


def _feedback_options(element: Json) -> list[Json]:
    return [element["positive_button"], element["negative_button"]]


def _matching(options: list[Json], wanted: Any) -> Json:
    for option in options:
        if matches(option, str(wanted)):
            return option
    raise RefusedError("no_such_option", wanted=str(wanted))


def choice_in(element: Json, text: str | None, value: str | None) -> tuple[bool, str | None]:
    """Whether the element offers this, and under which value it is chosen."""
    options = choices_of(element)
    if element.get("type") in ("image", "mrkdwn", "plain_text"):
        return False, None
    if not options:
        return value is not None and text is None, value
    for option in options:
        wanted = [w for w in (text, value) if w is not None]
        if all(matches(option, w) for w in wanted) and (wanted or element["type"] == "button"):
            return True, option.get("value")
    return False, None

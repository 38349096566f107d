"""Refuses the Block Kit that Slack refuses: what slack_sdk's models check, and the rest."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block, BlockElement
from slack_sdk.models.views import View

Json = dict[str, Any]

MESSAGE_BLOCKS_MAX = 50
VIEW_BLOCKS_MAX = 100
OPTIONS_MAX = {"radio_buttons": 10, "checkboxes": 10, "overflow": 5}
OPTIONS_DEFAULT_MAX = 100
OPTION_TEXT_MAX = 75
OPTION_VALUE_MAX = 150
INPUT_LENGTH_MAX = 3000
TEXT_KINDS = ("mrkdwn", "plain_text")

_EVERYWHERE = {
    "section",
    "divider",
    "image",
    "actions",
    "context",
    "header",
    "input",
    "rich_text",
    "video",
}
BLOCKS_ON = {
    "message": _EVERYWHERE | {"markdown", "context_actions", "file", "table"},
    "modal": _EVERYWHERE | {"file"},
    "home": _EVERYWHERE,
}

_SELECTS = {
    f"{many}{kind}_select"
    for many in ("", "multi_")
    for kind in ("static", "external", "users", "conversations", "channels")
}
_CHOICES = _SELECTS | {"radio_buttons", "checkboxes", "datepicker", "timepicker", "datetimepicker"}
ELEMENTS_IN = {
    "section": _CHOICES | {"button", "image", "overflow", "workflow_button"},
    "actions": _CHOICES | {"button", "overflow", "workflow_button"},
    "context": {"image", "mrkdwn", "plain_text"},
    "context_actions": {"feedback_buttons", "icon_button"},
    "input": _CHOICES
    | {
        "plain_text_input",
        "email_text_input",
        "url_text_input",
        "number_input",
        "rich_text_input",
        "file_input",
    },
}
_WITH_OPTIONS = {"static_select", "multi_static_select", "radio_buttons", "checkboxes", "overflow"}

VIEW_KEYS = {
    "type",
    "title",
    "blocks",
    "close",
    "submit",
    "private_metadata",
    "callback_id",
    "clear_on_close",
    "notify_on_close",
    "external_id",
    "submit_disabled",
}


def check_message_blocks(blocks: Any) -> list[str]:
    """What Slack would say against the blocks of a message.

    Args:
        blocks: what the app sent, parsed from JSON.

    Returns:
        `[ERROR] …` lines with a JSON pointer each, empty when all is well.
    """
    return [_line(pointer, fault) for pointer, fault in _faults_of_blocks(blocks, "message")]


def check_view(view: Any) -> list[str]:
    """What Slack would say against a modal or Home tab, as `check_message_blocks` does."""
    return [_line("/view" + pointer, fault) for pointer, fault in _faults_of_view(view)]


def with_ids(blocks: Iterable[Json], new_id: Any) -> list[Json]:
    """A copy of the blocks in which every block and interactive element has an id, as Slack does.

    Args:
        blocks: checked blocks.
        new_id: a function that returns a new id.
    """
    named = copy.deepcopy(list(blocks))
    for block in named:
        block.setdefault("block_id", new_id())
        for element in elements_of(block):
            if element.get("type") not in ("image", "mrkdwn", "plain_text"):
                element.setdefault("action_id", new_id())
    return named


def elements_of(block: Json) -> list[Json]:
    """The elements inside a block, wherever its type keeps them."""
    if block.get("type") == "section":
        found = [block.get("accessory")]
    elif block.get("type") == "input":
        found = [block.get("element")]
    elif block.get("type") in ("actions", "context", "context_actions"):
        found = block.get("elements") or []
    else:
        found = []
    return [element for element in found if isinstance(element, dict)]


def _line(pointer: str, fault: str) -> str:
    return f"[ERROR] {fault} [json-pointer:{pointer}]"


Faults = Iterator[tuple[str, str]]


def _faults_of_view(view: Any) -> Faults:
    if not isinstance(view, dict):
        yield "", "must be an object"
        return
    kind = view.get("type")
    if kind not in ("modal", "home"):
        yield "/type", "must be a valid enum value: modal, home"
        return
    for key in sorted(set(view) - VIEW_KEYS):
        yield "", f"invalid additional property: {key}"
    for key in ("title", "submit", "close"):
        if key in view:
            yield from _faults_of_text(view[key], f"/{key}", {"plain_text"})
    if "blocks" not in view:
        yield "", "missing required field: blocks"
        return
    if kind == "home" and "title" in view:
        yield "/title", "home view cannot have a title"
    if kind == "modal":
        if "title" not in view:
            yield "", "missing required field: title"
        blocks = view["blocks"] if isinstance(view["blocks"], list) else []
        has_input = any(isinstance(b, dict) and b.get("type") == "input" for b in blocks)
        if has_input and "submit" not in view:
            yield "", "missing required field: submit (a modal with an input needs one)"
    yield from _faults_of_blocks(view["blocks"], kind)
    # The blocks are checked above, each with its own pointer.
    without_blocks = {**copy.deepcopy(view), "blocks": [{"type": "divider"}]}
    yield from _faults_by_sdk(lambda: View(**without_blocks), "")


def _faults_of_blocks(blocks: Any, surface: str) -> Faults:
    if not isinstance(blocks, list):
        yield "/blocks", "must be an array"
        return
    limit = MESSAGE_BLOCKS_MAX if surface == "message" else VIEW_BLOCKS_MAX
    if len(blocks) > limit:
        yield "/blocks", f"no more than {limit} items allowed [was: {len(blocks)}]"
    if not blocks:
        yield "/blocks", "must provide at least 1 block"
    for index, block in enumerate(blocks):
        yield from _faults_of_block(block, f"/blocks/{index}", surface)
    yield from _duplicates(blocks)


def _duplicates(blocks: list[Any]) -> Faults:
    block_ids: set[str] = set()
    action_ids: set[str] = set()
    for index, block in enumerate(blocks):
        if not isinstance(block, dict):
            continue
        block_id = block.get("block_id")
        if block_id in block_ids:
            yield f"/blocks/{index}/block_id", f"block_id `{block_id}` already exists"
        for element in elements_of(block):
            action_id = element.get("action_id")
            if action_id in action_ids:
                yield f"/blocks/{index}", f"action_id `{action_id}` already exists"
            if isinstance(action_id, str):
                action_ids.add(action_id)
        if isinstance(block_id, str):
            block_ids.add(block_id)


def _faults_of_block(block: Any, pointer: str, surface: str) -> Faults:
    kind = block.get("type") if isinstance(block, dict) else None
    if kind not in BLOCKS_ON[surface]:
        yield f"{pointer}/type", f"unsupported type: {kind}"
        return
    if kind == "section":
        if "text" in block:
            yield from _faults_of_text(block["text"], f"{pointer}/text")
        for index, field in enumerate(block.get("fields") or []):
            yield from _faults_of_text(field, f"{pointer}/fields/{index}", limit=2000)
    if kind == "header":
        yield from _faults_of_text(block.get("text"), f"{pointer}/text", {"plain_text"})
    if kind == "input":
        yield from _faults_of_text(block.get("label"), f"{pointer}/label", {"plain_text"})
        if "hint" in block:
            yield from _faults_of_text(block["hint"], f"{pointer}/hint", {"plain_text"})
        if "element" not in block:
            yield pointer, "missing required field: element"
            return
    if kind in ("actions", "context", "context_actions") and not block.get("elements"):
        yield f"{pointer}/elements", "must provide at least 1 element"
    for element_pointer, element in _pointed_elements(block, pointer):
        yield from _faults_of_element(element, element_pointer, ELEMENTS_IN[kind])
    yield from _faults_by_sdk(lambda: Block.parse(copy.deepcopy(block)), pointer)


def _pointed_elements(block: Json, pointer: str) -> Iterator[tuple[str, Any]]:
    for key in ("accessory", "element"):
        if key in block and block["type"] in ("section", "input"):
            yield f"{pointer}/{key}", block[key]
    if block["type"] in ("actions", "context", "context_actions"):
        for index, element in enumerate(block.get("elements") or []):
            yield f"{pointer}/elements/{index}", element


def _faults_of_element(element: Any, pointer: str, allowed: set[str]) -> Faults:
    kind = element.get("type") if isinstance(element, dict) else None
    if kind not in allowed:
        yield f"{pointer}/type", f"unsupported type: {kind}"
        return
    if kind in ("mrkdwn", "plain_text"):
        yield from _faults_of_text(element, pointer)
        return
    if kind == "button":
        yield from _faults_of_text(element.get("text"), f"{pointer}/text", {"plain_text"})
        url = element.get("url")
        if url is not None and not str(url).startswith(("http://", "https://", "mailto:", "tel:")):
            yield f"{pointer}/url", "must be a valid URL"
    if "placeholder" in element:
        yield from _faults_of_text(element["placeholder"], f"{pointer}/placeholder", {"plain_text"})
    if "confirm" in element:
        yield from _faults_of_confirm(element["confirm"], f"{pointer}/confirm")
    if kind in _WITH_OPTIONS:
        yield from _faults_of_options(element, pointer, kind)
    for key in ("min_length", "max_length"):
        value = element.get(key)
        if kind == "plain_text_input" and value is not None and not 0 <= value <= INPUT_LENGTH_MAX:
            yield f"{pointer}/{key}", f"must be between 0 and {INPUT_LENGTH_MAX}"
    unknown = _unknown_keys(element)
    for key in unknown:
        yield pointer, f"invalid additional property: {key}"
    if not unknown:
        yield from _faults_by_sdk(lambda: BlockElement.parse(copy.deepcopy(element)), pointer)


def _unknown_keys(element: Json) -> list[str]:
    try:
        parsed = BlockElement.parse(copy.deepcopy(element))
    except (TypeError, AttributeError):
        return []
    known = set(parsed.attributes) if parsed else set(element)
    return sorted(set(element) - known - {"type", "action_id"})


def _faults_of_confirm(confirm: Any, pointer: str) -> Faults:
    if not isinstance(confirm, dict):
        yield pointer, "must be an object"
        return
    for key in ("title", "confirm", "deny"):
        yield from _faults_of_text(confirm.get(key), f"{pointer}/{key}", {"plain_text"})
    yield from _faults_of_text(confirm.get("text"), f"{pointer}/text")


def _faults_of_options(element: Json, pointer: str, kind: str) -> Faults:
    groups = element.get("option_groups")
    options = element.get("options")
    if groups and kind in ("static_select", "multi_static_select"):
        options = [option for group in groups for option in group.get("options", [])]
    if not isinstance(options, list) or not options:
        yield f"{pointer}/options", "must provide at least 1 option"
        return
    limit = OPTIONS_MAX.get(kind, OPTIONS_DEFAULT_MAX)
    if groups:
        # What counts is each group by itself.
        limit *= len(groups)
        if any(len(group.get("options", [])) > OPTIONS_DEFAULT_MAX for group in groups):
            yield f"{pointer}/option_groups", f"no more than {OPTIONS_DEFAULT_MAX} items a group"
    kinds = TEXT_KINDS if kind in ("radio_buttons", "checkboxes") else ("plain_text",)
    if len(options) > limit:
        yield f"{pointer}/options", f"no more than {limit} items allowed [was: {len(options)}]"
    for index, option in enumerate(options):
        if not isinstance(option, dict) or not isinstance(option.get("value"), str):
            yield f"{pointer}/options/{index}", "missing required field: value"
            continue
        if len(option["value"]) > OPTION_VALUE_MAX:
            yield (
                f"{pointer}/options/{index}/value",
                f"must be less than {OPTION_VALUE_MAX + 1} characters",
            )
        for key in ("text", "description"):
            if key in option or key == "text":
                yield from _faults_of_text(
                    option.get(key), f"{pointer}/options/{index}/{key}", kinds, OPTION_TEXT_MAX
                )
    chosen = [element["initial_option"]] if "initial_option" in element else []
    for option in [*chosen, *element.get("initial_options", [])]:
        if option not in options:
            yield f"{pointer}/initial_option", "must be one of the provided options"


def _faults_of_text(
    text: Any,
    pointer: str,
    kinds: Iterable[str] = TEXT_KINDS,
    limit: int = INPUT_LENGTH_MAX,
) -> Faults:
    if not isinstance(text, dict):
        yield pointer, "must be a text object"
        return
    kind = text.get("type")
    if kind not in kinds:
        yield f"{pointer}/type", f"must be a valid enum value: {', '.join(sorted(kinds))}"
        return
    known = {"type", "text", "emoji" if kind == "plain_text" else "verbatim"}
    for key in sorted(set(text) - known):
        yield pointer, f"invalid additional property: {key}"
    content = text.get("text")
    if not isinstance(content, str) or not content:
        yield f"{pointer}/text", "must be more than 0 characters"
    elif len(content) > limit:
        yield f"{pointer}/text", f"must be less than {limit + 1} characters"


def _faults_by_sdk(parse: Any, pointer: str) -> Faults:
    """What slack_sdk's own model says: mostly lengths and required attributes."""
    try:
        model = parse()
        if model is not None:
            model.to_dict()
    except SlackObjectFormationError as error:
        yield pointer, str(error)
    except (TypeError, AttributeError) as error:
        yield pointer, f"missing or malformed field ({error})"

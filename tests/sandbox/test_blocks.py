from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.blocks import check_message_blocks, check_view, with_ids

from .block_kit import actions, button, modal, mrkdwn, plain, section, text_input

Json = dict[str, Any]


def option(text: str = "Yes", value: str = "y") -> Json:
    return {"text": plain(text), "value": value}


def select(*options: Json, **members: Any) -> Json:
    return {"type": "static_select", "action_id": "s", "options": list(options), **members}


def header(text: str) -> Json:
    return {"type": "header", "text": plain(text)}


def confirm(**members: Any) -> Json:
    return {
        "title": plain("Sure?"),
        "text": plain("Really."),
        "confirm": plain("Yes"),
        "deny": plain("No"),
        **members,
    }


GOOD = [
    header("HR-1001"),
    section("text", fields=[mrkdwn("*a*"), plain("b")]),
    section("text", accessory=button(action_id="accessory", url="https://x.example")),
    {"type": "divider"},
    {"type": "context", "elements": [mrkdwn("small"), plain("print")]},
    actions(
        button(style="primary", value="v" * 2000, confirm=confirm(style="danger")),
        select(option(), initial_option=option(), placeholder=plain("Pick")),
        {"type": "datepicker", "action_id": "d", "initial_date": "2026-01-31"},
        {"type": "overflow", "action_id": "o", "options": [option(), option("No", "n")]},
    ),
    text_input(),
    {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": "f",
                "positive_button": {"text": plain("Good"), "value": "1"},
                "negative_button": {"text": plain("Bad"), "value": "0"},
            }
        ],
    },
    {"type": "markdown", "text": "**bold**"},
    {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "hi"}]}],
    },
]

BAD_BLOCKS = {
    "not a list": ("hello", "must be an array"),
    "unknown block": ([{"type": "banner"}], "unsupported type: banner"),
    "no type": ([{}], "unsupported type: None"),
    "not an object": (["text"], "unsupported type"),
    "51 blocks": ([{"type": "divider"}] * 51, "no more than 50 items"),
    "unknown element": ([actions({"type": "slider"})], "unsupported type: slider"),
    "input in actions": (
        [actions({"type": "plain_text_input", "action_id": "x"})],
        "unsupported type: plain_text_input",
    ),
    "button in input": ([text_input(element=button())], "unsupported type: button"),
    "unknown accessory": ([section(accessory={"type": "slider"})], "unsupported type"),
    "button in context": ([{"type": "context", "elements": [button()]}], "unsupported type"),
    "section empty": ([{"type": "section"}], "text or fields"),
    "section text empty": ([section("")], "more than 0 characters"),
    "section text bare": ([{"type": "section", "text": "hi"}], "must be a text object"),
    "section text long": ([section("x" * 3001)], "less than 3001 characters"),
    "section field long": (
        [{"type": "section", "fields": [mrkdwn("x" * 2001)]}],
        "less than 2001 characters",
    ),
    "11 fields": ([{"type": "section", "fields": [mrkdwn("x")] * 11}], "10 items"),
    "header long": ([header("x" * 151)], "150 characters"),
    "header mrkdwn": ([{"type": "header", "text": mrkdwn("*x*")}], "valid enum value: plain_text"),
    "button text long": ([actions(button("x" * 76))], "75 characters"),
    "button text mrkdwn": (
        [actions(button() | {"text": mrkdwn("x")})],
        "valid enum value: plain_text",
    ),
    "button text missing": ([actions({"type": "button"})], "must be a text object"),
    "button value long": ([actions(button(value="x" * 2001))], "2000 characters"),
    "button url long": ([actions(button(url="https://x.example/" + "x" * 3000))], "3000"),
    "button url no link": ([actions(button(url="javascript:alert(1)"))], "valid URL"),
    "button style": ([actions(button(style="loud"))], "style"),
    "button action id long": ([actions(button(action_id="x" * 256))], "255 characters"),
    "unknown property": ([actions(button(colour="red"))], "invalid additional property: colour"),
    "unknown text property": (
        [section(text="x") | {"text": mrkdwn("x") | {"emoji": True}}],
        "invalid additional property: emoji",
    ),
    "no actions": ([actions()], "at least 1 element"),
    "26 actions": ([actions(*(button(action_id=str(n)) for n in range(26)))], "25 elements"),
    "11 in context": ([{"type": "context", "elements": [mrkdwn("x")] * 11}], "10 elements"),
    "same action id in a block": ([actions(button(), button())], "action_id `go` already exists"),
    "same action id in two": (
        [actions(button()), section(accessory=button())],
        "action_id `go` already exists",
    ),
    "same block id": (
        [section(block_id="a"), section(block_id="a")],
        "block_id `a` already exists",
    ),
    "block id long": ([section(block_id="x" * 256)], "255 characters"),
    "no options": ([actions(select())], "at least 1 option"),
    "101 options": ([actions(select(*[option()] * 101))], "no more than 100 items"),
    "11 radio buttons": (
        [actions({"type": "radio_buttons", "action_id": "r", "options": [option()] * 11})],
        "no more than 10 items",
    ),
    "option text long": ([actions(select(option("x" * 76)))], "less than 76 characters"),
    "option value long": ([actions(select(option(value="x" * 151)))], "less than 151 characters"),
    "option text mrkdwn": (
        [actions(select({"text": mrkdwn("x"), "value": "x"}))],
        "valid enum value: plain_text",
    ),
    "option without value": ([actions(select({"text": plain("x")}))], "field: value"),
    "initial option unknown": (
        [actions(select(option(), initial_option=option("No", "n")))],
        "one of the provided options",
    ),
    "placeholder long": (
        [actions(select(option(), placeholder=plain("x" * 151)))],
        "150 characters",
    ),
    "confirm title long": (
        [actions(button(confirm=confirm(title=plain("x" * 101))))],
        "100 characters",
    ),
    "confirm incomplete": ([actions(button(confirm={"title": plain("x")}))], "text object"),
    "confirm no object": ([actions(button(confirm="sure?"))], "must be an object"),
    "input without label": ([{"type": "input", "element": text_input()["element"]}], "text object"),
    "input without element": ([{"type": "input", "label": plain("x")}], "field: element"),
    "input label long": ([text_input("x" * 2001)], "2000 characters"),
    "input hint mrkdwn": ([text_input(hint=mrkdwn("x"))], "valid enum value: plain_text"),
    "input length": (
        [text_input(element={"type": "plain_text_input", "action_id": "a", "max_length": 3001})],
        "between 0 and 3000",
    ),
}


def test_good_blocks_pass() -> None:
    assert check_message_blocks(GOOD) == []


@pytest.mark.parametrize("case", BAD_BLOCKS)
def test_what_slack_refuses_in_a_message(case: str) -> None:
    blocks, expected = BAD_BLOCKS[case]
    faults = check_message_blocks(blocks)
    assert any(expected in fault for fault in faults), faults
    assert all(f.startswith("[ERROR] ") and "[json-pointer:/blocks" in f for f in faults)


BAD_VIEWS = {
    "not an object": ("x", "must be an object"),
    "unknown type": (modal(type="popup"), "valid enum value: modal, home"),
    "no title": ({"type": "modal", "blocks": [section()]}, "field: title"),
    "title long": (modal(title=plain("x" * 25)), "24 characters"),
    "title mrkdwn": (modal(title=mrkdwn("x")), "valid enum value: plain_text"),
    "submit long": (modal(submit=plain("x" * 25)), "24 characters"),
    "close long": (modal(close=plain("x" * 25)), "24 characters"),
    "private metadata long": (modal(private_metadata="x" * 3001), "3000 characters"),
    "callback id long": (modal(callback_id="x" * 256), "255 characters"),
    "no blocks": ({"type": "modal", "title": plain("x")}, "field: blocks"),
    "empty blocks": ({"type": "modal", "title": plain("x"), "blocks": []}, "at least 1 block"),
    "101 blocks": (modal(*[{"type": "divider"}] * 101), "no more than 100 items"),
    "copied back": (modal(state={"values": {}}), "invalid additional property: state"),
    "input without submit": (
        {"type": "modal", "title": plain("x"), "blocks": [text_input()]},
        "field: submit",
    ),
    "home with submit": (
        {"type": "home", "submit": plain("x"), "blocks": [section()]},
        "home view cannot have submit",
    ),
    "home with title": (
        {"type": "home", "title": plain("x"), "blocks": [section()]},
        "cannot have a title",
    ),
    "markdown in a modal": (modal({"type": "markdown", "text": "x"}), "unsupported type"),
    "wrong block": (modal(section("")), "/view/blocks/0/text"),
}


@pytest.mark.parametrize("case", BAD_VIEWS)
def test_what_slack_refuses_in_a_view(case: str) -> None:
    view, expected = BAD_VIEWS[case]
    faults = check_view(view)
    assert any(expected in fault for fault in faults), faults


@pytest.mark.parametrize(
    "view",
    [
        modal(),
        modal(section(), *[{"type": "divider"}] * 99, private_metadata="x" * 3000),
        {"type": "modal", "title": plain("No input"), "blocks": [section()]},
        {"type": "home", "blocks": [section(accessory=button())]},
    ],
)
def test_good_views_pass(view: Json) -> None:
    assert check_view(view) == []


def test_ids_are_filled_in_where_they_are_missing() -> None:
    given = [section(accessory={"type": "button", "text": plain("x")}), section(block_id="mine")]
    named = with_ids(given, iter("abcdef").__next__)
    assert named[0]["block_id"] == "a"
    assert named[0]["accessory"]["action_id"] == "b"
    assert named[1]["block_id"] == "mine"
    assert "block_id" not in given[0]

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.gateway.slack.messages import fallback, render, with_feedback
from bot.sandbox.blocks import check_message_blocks

ANSWER = {
    "text": "**Half** of it, see [the guide](https://a.example).",
    "buttons": [{"title": "Yes", "choice": "choice:1"}],
    "metadata": {
        "audience": "employee",
        "source": "Benefits <guide>",
        "link": "https://b.example",
        "reviewed": "2026-09-05",
    },
}


def of_kind(blocks: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [block for block in blocks if block["type"] == kind]


def test_an_answer_shows_text_source_and_buttons() -> None:
    text, blocks = render({"messages": [ANSWER]})
    assert check_message_blocks(blocks) == []
    assert text == (
        "Half of it, see the guide (https://a.example).\n\n"
        "Source: Benefits <guide>, checked on September 5, 2026. You can choose: Yes."
    )
    (section,), (context,), (actions,) = (
        of_kind(blocks, kind) for kind in ("section", "context", "actions")
    )
    assert section["text"]["text"] == "*Half* of it, see <https://a.example|the guide>."
    assert context["elements"][0]["text"] == (
        "<https://b.example|Benefits &lt;guide&gt;> · checked on September 5, 2026"
    )
    (button,) = actions["elements"]
    assert (button["action_id"], button["value"]) == ("choice:0", "choice:1")


def test_without_a_source_nothing_is_said_of_one() -> None:
    _, blocks = render({"messages": [{"text": "Hello", "metadata": {"audience": "both"}}]})
    assert of_kind(blocks, "context") == []
    _, blocks = render({"messages": [{"text": "Hello", "metadata": {"source": "Guide"}}]})
    assert of_kind(blocks, "context")[0]["elements"][0]["text"] == "Guide"


def test_several_messages_are_one_with_five_buttons_at_most() -> None:
    messages = [
        {"text": f"Part {n}", "buttons": [{"title": "B", "choice": f"c{n}{i}"} for i in "abc"]}
        for n in range(3)
    ]
    text, blocks = render({"messages": messages})
    assert text == "Part 0\n\nPart 1\n\nPart 2\n\nYou can choose: B; B; B; B; B."
    (actions,) = of_kind(blocks, "actions")
    assert [e["value"] for e in actions["elements"]] == ["c0a", "c0b", "c0c", "c1a", "c1b"]
    assert check_message_blocks(blocks) == []


def test_an_answer_ends_with_related_questions_and_one_feedback_ask() -> None:
    payload = {
        "messages": [ANSWER],
        "related": [{"title": name, "choice": f"choice:{name}"} for name in "abc"],
        "feedback": {"turn": "turn:1", "helped": "This helped", "not_helped": "Didn't help"},
    }
    text, blocks = render(payload)
    assert check_message_blocks(blocks) == []
    assert text.endswith("You can choose: Yes. Related questions: a; b; c.")
    _, related, feedback = of_kind(blocks, "actions")
    assert [e["action_id"] for e in related["elements"]] == ["choice:1", "choice:2", "choice:3"]
    assert [(e["action_id"], e["value"]) for e in feedback["elements"]] == [
        ("feedback:helped", "turn:1"),
        ("feedback:not_helped", "turn:1"),
    ]


def test_the_last_word_is_marked_and_can_be_changed() -> None:
    payload = {
        "messages": [ANSWER],
        "feedback": {"turn": "turn:1", "helped": "This helped", "not_helped": "Didn't help"},
    }
    _, blocks = render(payload)
    once = with_feedback(blocks, "helped")
    twice = with_feedback(once, "not_helped")
    for marked, titles in (
        (once, ["✓ This helped", "Didn't help"]),
        (twice, ["This helped", "✓ Didn't help"]),
    ):
        assert check_message_blocks(marked) == []
        assert marked[:-1] == blocks[:-1]
        assert [button["text"]["text"] for button in marked[-1]["elements"]] == titles
        assert sum("style" in button for button in marked[-1]["elements"]) == 1


@pytest.mark.parametrize("limit", [3000, 30_000])
def test_a_long_text_is_cut_but_keeps_its_source(limit: int) -> None:
    said = fallback({"messages": [{**ANSWER, "text": "word " * 10_000}]}, limit)
    assert len(said) <= limit
    assert said.endswith("checked on September 5, 2026. You can choose: Yes.")


def test_the_text_alone_says_the_same() -> None:
    said = fallback({"messages": [{**ANSWER, "buttons": []}, {"text": "And **more**."}]})
    assert said == (
        "Half of it, see the guide (https://a.example).\n\nAnd more.\n\n"
        "Source: Benefits <guide>, checked on September 5, 2026."
    )


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=80).map(lambda text: text * 60), min_size=1, max_size=3))
def test_whatever_is_said_slack_takes_it(texts: list[str]) -> None:
    messages = [{"text": said, "metadata": {"source": said[:50]}} for said in texts]
    text, blocks = render({"messages": messages})
    assert len(text) <= 3000
    if blocks:
        assert check_message_blocks(blocks) == []


def test_a_day_is_picked_with_a_choice_of_its_own() -> None:
    asked = {**ANSWER, "date": {"label": "My first day <here>", "choice": "choice:7"}}
    text, blocks = render({"messages": [asked]})
    assert "You can pick a day: My first day <here>." in text
    assert check_message_blocks(blocks) == []
    picker = of_kind(blocks, "section")[-1]
    assert picker["text"]["text"] == "My first day &lt;here&gt;"
    assert picker["accessory"]["type"] == "datepicker"
    assert picker["accessory"]["action_id"] == "date:choice:7"
    assert blocks.index(picker) < blocks.index(of_kind(blocks, "actions")[0])

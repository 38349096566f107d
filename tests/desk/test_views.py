from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.db.models import Case
from bot.desk import views
from bot.desk.views import CardView, answer_modal, answer_to_asker, card, text_blocks
from bot.sandbox.blocks import check_message_blocks, check_view

VIEW = CardView("<@U1>", "Dental", "<@U2>", None)
texts = st.text(max_size=60) | st.text(st.sampled_from("ab \n&<>*"), max_size=200).map(
    lambda text: text * 40
)


def case(status: str = "open", **more: Any) -> Case:
    values = {"id": 1, "question": "Is a crown paid?", "answer": None, **more}
    asked = datetime(2026, 11, 23, 3, 0, tzinfo=timezone.utc)
    return Case(status=status, created_at=asked, **values)


def actions(blocks: list[dict[str, Any]]) -> list[str]:
    return [e["action_id"] for b in blocks if b["type"] == "actions" for e in b["elements"]]


def shown(blocks: list[dict[str, Any]]) -> str:
    return "\n".join(
        part.get("text", "") if isinstance(part.get("text"), str) else part["text"]["text"]
        for block in blocks
        for part in [block, *block.get("fields", []), *block.get("elements", [])]
        if "text" in part
    )


@pytest.mark.parametrize(
    ("status", "buttons"),
    [
        ("open", [views.CLAIM, views.ANSWER, views.RESOLVE]),
        ("claimed", [views.ANSWER, views.RESOLVE]),
        ("answered", [views.RESOLVE]),
        ("resolved", []),
    ],
)
def test_a_card_offers_what_can_be_done(status: str, buttons: list[str]) -> None:
    _, blocks = card(case(status), VIEW)
    assert actions(blocks) == buttons
    assert check_message_blocks(blocks) == []


def test_a_card_shows_what_hr_needs() -> None:
    fallback, blocks = card(case("answered", answer="Half of it."), VIEW)
    seen = shown(blocks)
    for words in ("HR-1001", "> Is a crown paid?", "<@U1>", "Dental", "by <@U2>", "Half of it."):
        assert words in seen
    assert "2026-11-23 03:00 UTC" in seen
    assert fallback == "HR-1001 (Answered): Is a crown paid?"


def test_a_link_is_shown_only_where_there_is_one() -> None:
    assert "thread" not in shown(card(case(), VIEW)[1])
    linked = CardView("<@U1>", None, None, "https://a.example/p1")
    seen = shown(card(case(), linked)[1])
    assert "<https://a.example/p1|" in seen
    assert "nothing I know" in seen


def test_what_somebody_asked_rings_nobody() -> None:
    _, blocks = card(case(question="<!channel> *hi* <@U9>"), VIEW)
    assert "<!channel>" not in shown(blocks)
    assert "<@U9>" not in shown(blocks)


def test_the_modal_is_one_that_slack_takes() -> None:
    view = answer_modal(case(), "C0HR")
    assert check_view(view) == []
    assert view["private_metadata"] == "1:C0HR"
    assert "word for word" in str(view)


def test_the_answer_is_shown_word_for_word() -> None:
    _, blocks = answer_to_asker(
        case(), "**not bold** <http://x|y>", "HR answered:", "Did it help?", "Yes", "No"
    )
    assert "**not bold** &lt;http://x|y&gt;" in shown(blocks)
    assert actions(blocks) == [views.HELPFUL, views.REOPEN]


@settings(max_examples=30, deadline=None)
@given(question=texts, text=texts)
def test_whatever_people_write_slack_takes_it(question: str, text: str) -> None:
    one = case("answered", question=question, answer=text)
    for _, blocks in (
        card(one, VIEW),
        answer_to_asker(one, text, "HR:", "Help?", "Yes", "No"),
        text_blocks(text),
    ):
        if blocks:
            assert check_message_blocks(blocks) == []
    assert check_view(answer_modal(one, "C0HR")) == []


@settings(max_examples=30)
@given(st.text(st.sampled_from("ab \n"), min_size=2, max_size=100).map(lambda text: text * 100))
def test_long_texts_are_cut_without_losing_anything(text: str) -> None:
    _, blocks = text_blocks(text)
    whole = "".join(block["text"]["text"] for block in blocks)
    assert whole.replace("\n", "").split() == text.replace("\n", "").split() or (
        whole.replace("\n", "").replace(" ", "") == text.replace("\n", "").replace(" ", "")
    )
    assert all(len(block["text"]["text"]) <= 3000 for block in blocks)

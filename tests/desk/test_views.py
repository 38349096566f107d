from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.desk import asker_views as asker
from bot.desk import card, modals
from bot.desk.card import CardView
from bot.desk.modals import Form, Suggestion
from bot.desk.queue_views import (
    Listing,
    history_blocks,
    history_modal,
    listing_blocks,
    queue_blocks,
)
from bot.desk.views import text_blocks
from bot.faq.book import load_book
from bot.sandbox.blocks import check_message_blocks, check_view
from bot.settings import ROOT

from .made import (
    ASKED,
    LONG,
    SAY,
    STATES,
    actions,
    case,
    entry,
    every_case,
    every_event,
    mention,
    shown,
)

FULL = os.environ.get("HRBOT_TEST_FULL") == "1"
VIEW = CardView("<@U1>", "Dental", "<@U2>", None)
FORM = Form(1, "C0HR", 3)
texts = st.text(max_size=60) | st.text(st.sampled_from("ab \n&<>*"), max_size=200).map(
    lambda text: text * 40
)


# Cards


@pytest.mark.parametrize(
    ("state", "buttons"),
    [
        ("open", [card.CLAIM, card.ANSWER, card.RESOLVE, card.MORE]),
        ("claimed", [card.ANSWER, card.RESOLVE, card.MORE]),
        ("snoozed", [card.CLAIM, card.ANSWER, card.RESOLVE, card.MORE]),
        ("answered", [card.RESOLVE, card.NOTE_BUTTON]),
        ("closed", []),
    ],
)
def test_a_card_offers_what_can_be_done(state: str, buttons: list[str]) -> None:
    _, blocks = card.card(case(state), VIEW, SAY)
    assert actions(blocks) == buttons
    menus = [e for b in blocks if b["type"] == "actions" for e in b["elements"] if "options" in e]
    for menu in menus:
        names = [option["value"] for option in menu["options"]]
        assert names == ["assign:1", "ask_back:1", "note:1", "move:1", "snooze:1"]


def test_a_card_shows_what_hr_needs() -> None:
    entries = (entry("addition"), entry("note", "Call the plan"), entry("question", "Which plan?"))
    view = CardView("<@U1>", "Dental", "<@U2>", None, entries)
    fallback, blocks = card.card(case("answered"), view, SAY)
    seen = shown(blocks)
    for words in ("HR-1001", "> Is a crown paid?", "<@U1>", "Dental", "by <@U2>", "Half of it."):
        assert words in seen
    for words in ("for my son", "Call the plan", "Which plan?", "2026-11-23 03:00 UTC"):
        assert words in seen
    assert fallback == "HR-1001 (Answered): Is a crown paid?"


def test_a_link_is_shown_only_where_there_is_one() -> None:
    assert "thread" not in shown(card.card(case(), VIEW, SAY)[1])
    linked = CardView("<@U1>", None, None, "https://a.example/p1")
    seen = shown(card.card(case(), linked, SAY)[1])
    assert "<https://a.example/p1|" in seen
    assert "no topic that I know" in seen


def test_an_anonymous_card_shows_a_day_and_nobody() -> None:
    _, blocks = card.card(case(anonymous=True), CardView(None, "Dental", None, None), SAY)
    seen = shown(blocks)
    assert "anonymous" in seen
    assert "November 23, 2026" in seen
    assert "<!date" not in seen
    assert "<@" not in seen


def test_what_somebody_asked_rings_nobody() -> None:
    words = "<!channel> *hi* <@U9>"
    view = CardView("<@U1>", None, None, None, (entry("addition", words), entry("note", words)))
    for blocks in (
        card.card(case("answered", question=words, answer=words), view, SAY)[1],
        asker.answer_to_asker(case(question=words), words, SAY)[1],
    ):
        assert "<!channel>" not in shown(blocks)
        assert "<@U9>" not in shown(blocks)


# What the asker sees


def test_the_answer_is_shown_word_for_word() -> None:
    _, blocks = asker.answer_to_asker(case(), "**not bold** <http://x|y>", SAY)
    assert "**not bold** &lt;http://x|y&gt;" in shown(blocks)
    assert actions(blocks) == [asker.HELPFUL, asker.REOPEN]


def test_thanks_ask_once_how_it_was() -> None:
    _, blocks = asker.told_to_asker(case("helpful"), "case_thanks", SAY)
    assert actions(blocks) == [f"{asker.RATE}:{score}" for score in (5, 4, 3, 2, 1)]
    assert actions(asker.told_to_asker(case("rated"), "case_thanks", SAY)[1]) == []


def test_only_what_waits_can_be_added_to_changed_or_taken_back() -> None:
    _, blocks = asker.own_cases([case(), case("answered", id=2)], SAY, "Yours:")
    assert actions(blocks) == ["case_add:1", "case_edit:1", "case_withdraw:1"]


@pytest.mark.parametrize("state", list(STATES))
def test_where_a_case_stands_is_said_in_words(state: str) -> None:
    line = asker.case_line(case(state), SAY)
    assert line.startswith("HR-1001: ")
    assert line.endswith("“Is a crown paid?”")
    assert "November 23, 2026" in line or "waits for your reply" in line or "taken back" in line


# Forms


def test_the_answer_form_offers_each_near_answer_with_one_tap() -> None:
    near = [Suggestion(f"benefits/{n}", n.title(), f"About {n}.") for n in ("dental", "vision")]
    view = modals.answer_modal(case(), FORM, [entry("addition")], near, SAY, typed="Half")
    assert check_view(view) == []
    buttons = [b["accessory"] for b in view["blocks"] if "accessory" in b]
    assert [b["value"] for b in buttons] == ["benefits/dental", "benefits/vision"]
    assert "for my son" in shown(view["blocks"])
    assert Form.read(view["private_metadata"]) == FORM
    field, tick = [b for b in view["blocks"] if b["type"] == "input"]
    assert tick["element"]["type"] == "checkboxes"
    assert tick["optional"]
    assert field["element"]["initial_value"] == "Half"


def test_an_excerpt_of_an_approved_answer_keeps_its_bullets() -> None:
    near = [Suggestion("pay/payday", "Payday", "Two ways:\n\n- by bank\n- by card")]
    view = modals.answer_modal(case(), FORM, [], near, SAY)
    assert "Two ways: • by bank • by card" in shown(view["blocks"])


def test_a_field_that_gets_a_text_inserted_has_a_new_name() -> None:
    names = []
    for inserts in (0, 1):
        view = modals.answer_modal(case(), Form(1, "C", 3, inserts), [], [], SAY)
        names += [b["block_id"] for b in view["blocks"] if b["type"] == "input"]
    assert len({name for name in names if name.startswith("answer")}) == 2


def test_a_preview_has_no_buttons_that_do_something() -> None:
    _, blocks = asker.answer_to_asker(case(), "Half of it.", SAY)
    view = modals.preview_modal(blocks, SAY)
    assert actions(view["blocks"]) == []
    assert "Half of it." in shown(view["blocks"])


# Lists


def test_a_list_turns_its_pages() -> None:
    ten = [case(id=number) for number in range(1, 11)]
    _, blocks = listing_blocks(Listing("Open", "search a b", ten, 25, 1), mention, SAY)
    pages = [e["value"] for b in blocks if b["type"] == "actions" for e in b["elements"]]
    assert pages == ["0:search a b", "2:search a b"]
    assert actions(listing_blocks(Listing("Open", "open", ten, 10, 0), mention, SAY)[1]) == []


def test_ones_own_cases_come_first_in_app_home() -> None:
    cases = [case(id=1), case("claimed", id=2), case("claimed", id=3, assignee_id="p:dana")]
    seen = shown(queue_blocks(cases, "p:dana", mention, SAY))
    assert seen.index("HR-1003") < seen.index("HR-1001") < seen.index("HR-1002")


# Everything


def test_whatever_state_and_topic_slack_takes_it() -> None:
    book = load_book(ROOT / "data", ROOT / "domain.yml")
    topics = book.topics() if FULL else book.topics()[::25]
    entries = tuple(entry(kind, LONG) for kind in ("addition", "note", "question") * 5)
    near = [Suggestion(topic, book.title_of(topic), LONG) for topic in topics[:3]]
    checked = 0
    for number, one in enumerate(every_case(topics)):
        title = book.title_of(one.topic)
        view = CardView(mention("U1"), title, mention("U2"), "https://a.example/p1", entries)
        for blocks in (
            card.card(one, view, SAY)[1],
            asker.answer_to_asker(one, one.answer or LONG[:3000], SAY)[1],
            asker.question_to_asker(one, LONG[:3000], SAY)[1],
            asker.opened_to_asker(one, SAY)[1],
            asker.closed_to_asker(one, SAY)[1],
            asker.followup_to_asker(one, SAY)[1],
        ):
            assert check_message_blocks(blocks) == [], (number, one.status)
            checked += 1
    assert checked > (50_000 if FULL else 1_400)
    for one in every_case(topics[:1]):
        states = [
            modals.answer_modal(one, FORM, entries, near, SAY, typed="a", remark="b"),
            modals.preview_modal(asker.answer_to_asker(one, LONG[:3000], SAY)[1], SAY),
            modals.preview_modal([], SAY),
            modals.too_late_modal(one, FORM, "<@U2>", LONG[:3000], SAY),
            modals.ask_back_modal(one, FORM, entries, SAY),
            modals.note_modal(one, FORM, SAY),
            modals.assign_modal(one, FORM, SAY),
            modals.move_modal(one, FORM, [("pay", "Pay")], SAY),
            modals.move_modal(one, FORM, [], SAY),
            modals.resolve_modal(one, FORM, SAY),
            modals.snooze_modal(one, FORM, ASKED.date(), SAY),
            asker.add_modal(one, SAY),
            asker.edit_modal(one, SAY),
            history_modal(
                one,
                history_blocks(one, every_event(), entries, mention, str.title, SAY),
                SAY,
            ),
        ]
        for view in states:
            assert check_view(view) == [], view["callback_id"]
        for says in ("case_thanks", "case_added", "case_rated"):
            assert check_message_blocks(asker.told_to_asker(one, says, SAY, entry=3)[1]) == []
    ten = [case(state, id=n) for n, state in enumerate(list(STATES)[:10], 1)]
    assert check_message_blocks(asker.own_cases(ten, SAY, "Yours:")[1]) == []
    assert check_message_blocks(card.moved_card(case(), "Pay", SAY)[1]) == []
    for listing in (Listing("Open", "open", ten, 30, 1), Listing("Open", "open", [], 0, 0)):
        assert check_message_blocks(listing_blocks(listing, mention, SAY)[1]) == []
    home = {"type": "home", "blocks": queue_blocks(ten * 3, "p:sam", mention, SAY)}
    assert "HR-1001" in shown(home["blocks"])


@settings(max_examples=30, deadline=None)
@given(question=texts, text=texts)
def test_whatever_people_write_slack_takes_it(question: str, text: str) -> None:
    one = case("answered", question=question, answer=text)
    entries = (entry("addition", text), entry("note", text))
    view = CardView("<@U1>", "Dental", "<@U2>", None, entries)
    for _, blocks in (
        card.card(one, view, SAY),
        asker.answer_to_asker(one, text, SAY),
        asker.own_cases([one], SAY, "Yours:"),
        text_blocks(text),
    ):
        if blocks:
            assert check_message_blocks(blocks) == []
    assert check_view(modals.answer_modal(one, FORM, entries, [], SAY)) == []
    assert check_view(asker.edit_modal(one, SAY)) == []


@settings(max_examples=30)
@given(st.text(st.sampled_from("ab \n"), min_size=2, max_size=100).map(lambda text: text * 100))
def test_long_texts_are_cut_without_losing_anything(text: str) -> None:
    _, blocks = text_blocks(text)
    whole = "".join(block["text"]["text"] for block in blocks)
    assert whole.replace("\n", "").split() == text.replace("\n", "").split() or (
        whole.replace("\n", "").replace(" ", "") == text.replace("\n", "").replace(" ", "")
    )
    assert all(len(block["text"]["text"]) <= 3000 for block in blocks)

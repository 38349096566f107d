"""The draft's form and the card: nothing that Slack would refuse, nothing that is missing."""

from __future__ import annotations

from datetime import date

import pytest

from bot.db.answers import PromotedPhrasing, Promotion
from bot.desk import promotion_views as views
from bot.desk.promotion_views import DraftForm, Filled, NearTopic
from bot.faq.book import load_book
from bot.sandbox.blocks import check_message_blocks, check_view, with_ids
from bot.sandbox.forms import read_form
from bot.settings import ROOT

from .made import ASKED, LONG, SAY, actions, case, mention, shown

BOOK = load_book(ROOT / "data", ROOT / "domain.yml")
TOPICS = [(topic, BOOK.title_of(topic)) for topic in BOOK.topics()]
FORM = DraftForm(7, "C0HR")
NEAR = [NearTopic("pay/payday", "Payday", "when do we get paid")]
FILLED = Filled(
    ("can i charge my car",), "Eight.", None, "", "pay", "employee", "", "", date(2027, 1, 1)
)


def promotion(status: str, **more: object) -> Promotion:
    values = {"answer": "Eight chargers.", "case_id": 1, **more}
    return Promotion(
        id=3,
        status=status,
        topic="pay/cars",
        title="Electric cars",
        audience="both",
        owner="Facilities",
        review_by=date(2027, 11, 6),
        proposer_id="p:sam",
        decider_id="p:dana",
        proposed_at=ASKED,
        phrasings=[PromotedPhrasing(text="can i charge <my> car")],
        **values,
    )


@pytest.mark.parametrize("topic", [None, "pay/payday", "pay/gone"])
@pytest.mark.parametrize("near", [[], NEAR])
def test_the_form_takes_what_is_filled_in(topic: str | None, near: list[NearTopic]) -> None:
    filled = Filled(**{**vars(FILLED), "topic": topic, "answer": LONG[:2900]})
    view = views.draft_modal(FORM, filled, near, TOPICS, SAY)
    assert check_view(view) == []
    ids = iter(range(99))
    read = read_form(with_ids(view["blocks"], lambda: str(next(ids))), {})
    missing = {views.OWNER, views.LINK}
    assert set(read.errors) == missing
    chosen = read.values[views.TOPIC][views.TOPIC]["selected_option"]["value"]
    assert chosen == ("pay/payday" if topic == "pay/payday" else "new")
    assert DraftForm.read(view["private_metadata"]) == FORM


def test_every_topic_can_be_chosen_once() -> None:
    view = views.draft_modal(FORM, FILLED, NEAR, TOPICS, SAY)
    element = next(b for b in view["blocks"] if b.get("block_id") == views.TOPIC)["element"]
    values = [option["value"] for group in element["option_groups"] for option in group["options"]]
    assert sorted(values) == sorted(["new", *(topic for topic, _ in TOPICS)])
    assert values[1] == "pay/payday"


@pytest.mark.parametrize(
    ("status", "buttons"),
    [
        ("waiting", [views.APPROVE, views.SEND_BACK]),
        ("live", [views.WITHDRAW]),
        ("sent_back", [views.REVISE]),
        ("withdrawn", []),
    ],
)
def test_a_card_offers_what_can_be_done(status: str, buttons: list[str]) -> None:
    text, blocks = views.promotion_card(promotion(status), "Electric cars", mention, SAY)
    assert check_message_blocks(blocks) == []
    assert actions(blocks) == buttons
    assert "P-3" in text
    assert "can i charge &lt;my&gt; car" in shown(blocks)
    assert "<@p:sam>" in shown(blocks)
    assert ("<@p:dana>" in shown(blocks)) == (status != "waiting")


def test_a_card_says_why_it_came_back_and_that_the_answer_stays() -> None:
    back = promotion("sent_back", remark="Too long.", answer=None)
    _, blocks = views.promotion_card(back, "Electric cars", mention, SAY)
    assert "Too long." in shown(blocks)
    assert "the answer that the topic has" in shown(blocks)


def test_who_else_asked_is_shown_with_one_button() -> None:
    cases = [case(id=number, question=f"Question {number}?") for number in range(1, 13)]
    text, blocks = views.offer_view(promotion("live"), cases, SAY)
    assert check_message_blocks(blocks) == []
    assert "12 open" in text
    assert "Question 10?" in shown(blocks)
    assert "and 2 more" in shown(blocks)
    (button,) = blocks[-1]["elements"]
    assert button["value"] == "3:" + ",".join(str(number) for number in range(1, 13))


def test_the_form_for_sending_back_is_one_that_slack_takes() -> None:
    assert check_view(views.send_back_modal(promotion("waiting"), "C0HR", SAY)) == []
    text, blocks = views.answered_all("P-3", ["HR-1001", "HR-1002"], SAY)
    assert check_message_blocks(blocks) == []
    assert "HR-1001, HR-1002" in text

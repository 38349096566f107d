"""Messages and views in every state: nothing that Slack refuses, and texts that stand alone."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import product
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from bot.db.models import Program
from bot.db.telling import Campaign
from bot.programs.catalogue_file import CATEGORIES
from bot.sandbox.blocks import check_message_blocks, check_view
from bot.telling import campaign_views as views
from bot.telling.audience import LATER_ON, REASONS
from bot.telling.dry_run import DryRun
from bot.telling.message import TAPS, Answered, Content, message
from bot.telling.wishes_views import wishes_blocks

from ..desk.made import SAY, actions, shown
from .conftest import House, spec

TODAY = date(2026, 11, 30)
LONG = "A sentence that says a little more than it should. " * 29
STATES = [
    Answered(asks=True),
    Answered(asks=False),
    Answered(asks=True, knew=True),
    Answered(asks=True, knew=False, response="later", again_on=date(2026, 12, 7)),
    Answered(asks=True, response="not_for_me"),
    Answered(asks=True, stopped=True),
]
STATUSES = ["draft", "waiting", "running", "paused", "stopped"]


def programs(house: House) -> list[Program]:
    with house.database.read() as session:
        found = list(session.scalars(select(Program)))
        for program in found:
            assert program.dates is not None
        return found


def campaign(status: str = "running", **more: object) -> Campaign:
    values = {**vars(spec()), **more}
    return Campaign(origin="slack", status=status, **values)


@pytest.mark.parametrize("answered", STATES)
def test_every_program_makes_a_message_that_slack_takes(house: House, answered: Answered) -> None:
    for program in programs(house):
        for deadline in (None, date(2026, 12, 15)):
            content = Content("<News> & more", LONG[:1500], None, program, ("you work",), deadline)
            text, blocks = message("17", content, answered, TODAY, SAY)
            assert check_message_blocks(blocks) == [], program.id
            assert "<News>" in text
            assert "&lt;News&gt;" in shown(blocks)
            assert len(text) < 1000
            first = program.summary.split(". ")[0]
            assert first[:40] in text
            assert bool(program.link) == (program.link is not None and program.link in text)


@pytest.mark.parametrize("link", [None, "https://hr.cedarvalley.example/x"])
def test_a_message_of_its_own_makes_sense_too(link: str | None) -> None:
    content = Content("Ask HR", "You can ask **me** anything, at any hour.", link)
    text, blocks = message("17", content, Answered(asks=False), TODAY, SAY)
    assert check_message_blocks(blocks) == []
    assert text.startswith("Ask HR. You can ask me anything, at any hour.")
    assert ("telling_apply" in actions(blocks)) == bool(link)


def test_what_was_said_takes_the_buttons_place(house: House) -> None:
    program = next(p for p in programs(house) if p.id == "tuition-assistance")
    content = Content("School", None, None, program)
    everything = {*TAPS, "home_details:tuition-assistance"}
    offered = [set(actions(message("1", content, state, TODAY, SAY)[1])) for state in STATES]
    before, wishes = (
        {"telling_knew", "telling_new"},
        {
            "telling_later",
            "telling_not_for_me",
            "telling_stop",
        },
    )
    assert offered == [
        everything,
        everything - before,
        everything - before,
        everything - before - wishes,
        everything - wishes,
        everything - wishes,
    ]
    assert "Dec" in shown(message("1", content, STATES[3], TODAY, SAY)[1])


@pytest.mark.parametrize("status", STATUSES)
def test_the_list_offers_what_can_be_done(status: str) -> None:
    many = [
        campaign(
            status,
            id=f"c{n}",
            title="T" * 120,
            repeat_days=14,
            reminder_days=[7, 3],
            conditions={"sites": ["lakeview"], "min_fte": 0.5, "min_tenure_months": 6},
        )
        for n in range(30)
    ]
    text, blocks = views.overview(many, {"c1": 7}, SAY)
    assert check_message_blocks(blocks) == []
    assert "7 told so far" in shown(blocks)
    assert "and 18 more" in shown(blocks)
    offered = {
        "draft": {views.STOP},
        "waiting": {views.RELEASE, views.STOP},
        "running": {views.PAUSE, views.STOP},
        "paused": {views.GO_ON, views.STOP},
        "stopped": set(),
    }
    assert {action.partition(":")[0] for action in actions(blocks)} == {
        views.NEW,
        views.SHOW,
        *offered[status],
    }
    assert check_message_blocks(views.overview([], {}, SAY)[1]) == []
    assert text


def test_the_form_is_one_that_slack_takes_and_offers_every_program(house: House) -> None:
    view = views.form_modal(programs(house), TODAY, SAY)
    assert check_view(view) == []
    select_ = next(b for b in view["blocks"] if b.get("block_id") == views.PROGRAM)["element"]
    values = [o["value"] for group in select_["option_groups"] for o in group["options"]]
    assert sorted(values) == sorted([views.NO_PROGRAM, *(p.id for p in programs(house))])


@pytest.mark.parametrize(("status", "most"), product(STATUSES, [None, 2]))
def test_the_dry_run_says_how_many_who_and_why_not(status: str, most: int | None) -> None:
    people = tuple(f"p:{n}" for n in range(30))
    run = DryRun(
        people[:25],
        people[25:],
        Counter(dict.fromkeys(LATER_ON, 3)),
        Counter({reason: 4 for reason in REASONS if reason not in LATER_ON}),
    )
    content = Content("School", LONG[:1500], "https://hr.cedarvalley.example")
    _, blocks = message("test", content, Answered(asks=True), TODAY, SAY)
    view = views.dry_run_modal(
        campaign(status), run, blocks, most, lambda p: f"<@{p}>", SAY, remark="Sent <it>"
    )
    assert check_view(view) == []
    everything = shown(view["blocks"])
    assert "30 people get this" in everything
    assert "<@p:19>" in everything
    assert "and 10 more" in everything
    assert everything.count(": 4") == len(REASONS) - len(LATER_ON)
    assert actions(view["blocks"]) == [views.TEST]
    assert ("submit" in view) == (status == "draft")
    needs_second = "second person of HR has to release" in everything
    assert needs_second == (status == "draft" and most is not None)


def test_a_dry_run_that_reaches_nobody_is_a_view_too() -> None:
    run = DryRun((), (), Counter(), Counter())
    view = views.dry_run_modal(campaign(), run, [], 50, str, SAY)
    assert check_view(view) == []
    assert "0 people get this" in shown(view["blocks"])


@pytest.mark.parametrize("status", STATUSES)
def test_the_card_asks_as_long_as_it_waits(status: str) -> None:
    run = SimpleNamespace(reached=230)
    text, blocks = views.release_card(campaign(status), run, "<@U0SAM>", SAY)
    assert check_message_blocks(blocks) == []
    assert "would tell 230 people" in text
    assert "U0SAM" not in text
    assert (f"{views.RELEASE}:0" in actions(blocks)) == (status == "waiting")


@pytest.mark.parametrize("stopped", [True, False])
@pytest.mark.parametrize("off", [(), ("pay", "family"), CATEGORIES])
@pytest.mark.parametrize("set_aside", [0, 3])
def test_wishes_are_a_part_of_a_home_tab(
    stopped: bool, off: tuple[str, ...], set_aside: int
) -> None:
    blocks = wishes_blocks(
        stopped=stopped, categories_off=off, set_aside=set_aside, a_week=1, say=SAY
    )
    assert check_view({"type": "home", "blocks": blocks}) == []
    everything = shown(blocks)
    assert ("Show them again" in everything) == (bool(set_aside) and not stopped)
    assert ("1 a week at most" in everything) != stopped

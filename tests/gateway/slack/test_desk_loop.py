"""Everything HR and askers do with a case, over real signed requests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from bot.db.models import Case, InboxRow, OutboxRow
from bot.sandbox.model import Message
from bot.sandbox.seed import CASEY, DANA, HR_CHANNEL, HR_SENSITIVE_CHANNEL, ROBIN, SAM

from .desk_loop import DeskLoop, desk_loop, shown


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskLoop]:
    with desk_loop(tmp_path_factory.mktemp("desk")) as running:
        yield running


@pytest.fixture(autouse=True)
def _no_forms_left(loop: DeskLoop) -> None:
    for user in (ROBIN, CASEY, SAM, DANA):
        loop.slack.workspace.clear_modals(user)


def make_stale(loop: DeskLoop, card: Message, case: Case) -> None:
    """Show a card with its claim button again, as if its update were still on the way."""
    claim = {
        "type": "button",
        "text": {"type": "plain_text", "text": "Claim"},
        "action_id": "case_claim",
        "value": str(case.id),
    }
    with loop.slack.workspace.changing():
        live = loop.now(card)
        live.blocks = [
            *live.blocks[:-1],
            {"type": "actions", "block_id": "case", "elements": [claim]},
        ]


def test_a_claim_shows_and_a_second_one_is_told_whose_it_is(loop: DeskLoop) -> None:
    case, card = loop.ask("May I keep bees on the roof?")
    loop.do(card, "Claim")
    loop.idle()
    assert f"claimed by <@{SAM}>" in shown(loop.now(card))
    make_stale(loop, card, case)
    loop.do(card, "Claim", user=DANA)
    whispered = loop.whispered(f"claimed by <@{SAM}>", user=DANA)
    assert case.reference in whispered.text
    loop.idle()
    assert "case_claim" not in shown(loop.now(card)), "the card shows what is so now"
    assert loop.history(case.id) == ["opened", "claimed"]


def test_a_double_click_counts_once(loop: DeskLoop) -> None:
    case, card = loop.ask("Is there a swing on the terrace?")
    for _ in range(3):
        make_stale(loop, card, case)
        loop.do(card, "Claim")
    loop.idle()
    assert loop.history(case.id) == ["opened", "claimed"]
    assert loop.slack.workspace.ephemerals(SAM) == []


def test_a_case_is_given_to_somebody_of_the_queue_only(loop: DeskLoop) -> None:
    case, card = loop.ask("Who trims the bonsai in the lobby?")
    loop.do(card, "Assign…")
    refused = loop.slack.submit({"choice": CASEY}, user=SAM)
    assert "isn't one of the people" in str(refused.errors)
    assert loop.slack.submit({"choice": DANA}, user=SAM).errors == {}
    loop.idle()
    assert f"claimed by <@{DANA}>" in shown(loop.now(card))
    assert [m for m in loop.slack.workspace.replies(HR_CHANNEL, card.ts) if DANA in shown(m)]
    assert loop.history(case.id) == ["opened", "assigned"]


def test_hr_asks_back_and_the_next_words_are_the_reply(loop: DeskLoop) -> None:
    case, card = loop.ask("How do I get a locker for my tuba?")
    loop.do(card, "Ask back…")
    loop.slack.submit({"text": "Which building?"}, user=SAM)
    loop.told("Which building?")
    loop.idle()
    assert "waiting for the asker" in shown(loop.now(card))
    before = len(loop.assistant.received)
    loop.slack.say("The one by the river")
    loop.told(f"Added to {case.reference}")
    loop.idle()
    assert loop.entries(case.id) == [
        ("question", "Which building?"),
        ("addition", "The one by the river"),
    ]
    assert "by the river" in shown(loop.now(card))
    assert "waiting for the asker" not in shown(loop.now(card))
    assert len(loop.assistant.received) == before
    loop.slack.say("when is payday?")
    loop.told("&gt; ")
    loop.slack.wait_for(lambda _: len(loop.assistant.received) == before + 1)


def test_a_reply_that_was_none_goes_to_the_assistant_instead(loop: DeskLoop) -> None:
    case, card = loop.ask("Are there kites in the gift shop?")
    loop.do(card, "Ask back…")
    loop.slack.submit({"text": "Which shop?"}, user=SAM)
    loop.told("Which shop?")
    loop.idle()
    loop.slack.say("when is payday?")
    loop.told(f"Added to {case.reference}")
    loop.idle()
    before = len(loop.assistant.received)
    loop.slack.click("It wasn't for HR")
    loop.slack.wait_for(lambda _: len(loop.assistant.received) == before + 1)
    assert loop.assistant.received[-1]["text"] == "when is payday?"
    loop.idle()
    assert loop.entries(case.id) == [("question", "Which shop?")]


def test_the_button_and_the_thread_take_a_reply_as_well(loop: DeskLoop) -> None:
    case, card = loop.ask("Can I bring a samovar?")
    loop.do(card, "Ask back…")
    loop.slack.submit({"text": "Electric or coal?"}, user=SAM)
    asked = loop.told("Electric or coal?")
    loop.idle()
    loop.slack.click("Reply", ts=asked.ts, channel=asked.channel)
    loop.slack.submit({"text": "Electric."})
    loop.told(f"Added to {case.reference}")
    loop.slack.say("Made of brass.", thread_ts=asked.ts)
    loop.slack.wait_for(lambda _: len(loop.entries(case.id)) == 3)
    assert [text for _, text in loop.entries(case.id)][1:] == ["Electric.", "Made of brass."]


def test_words_of_danger_are_never_a_reply(loop: DeskLoop) -> None:
    case, card = loop.ask("Who oversees the aquarium?")
    loop.do(card, "Ask back…")
    loop.slack.submit({"text": "Which one?"}, user=SAM)
    loop.told("Which one?")
    before = len(loop.assistant.received)
    loop.slack.say("i don't want to live anymore")
    loop.slack.wait_for(lambda _: len(loop.assistant.received) == before + 1)
    loop.idle()
    assert [kind for kind, _ in loop.entries(case.id)] == ["question"]


def test_no_path_sends_a_note_out(loop: DeskLoop) -> None:
    case, card = loop.ask("May I paint my cubicle plum?")
    loop.slack.say(
        "Xylograph one: call facilities first", user=SAM, channel=HR_CHANNEL, thread_ts=card.ts
    )
    bot = loop.slack.workspace.app.bot_user_id
    loop.slack.say(
        f"<@{bot}> xylograph two: ask the painter", user=DANA, channel=HR_CHANNEL, thread_ts=card.ts
    )
    loop.slack.wait_for(lambda _: len(loop.entries(case.id)) == 2)
    loop.do(card, "Note")
    loop.slack.submit({"text": "xylograph three: plum is out"}, user=SAM)
    loop.idle()
    assert [kind for kind, _ in loop.entries(case.id)] == ["note"] * 3
    assert "xylograph three" in shown(loop.now(card))
    # The rest of the case's life, with every message that it makes.
    loop.do(card, "Ask back…")
    loop.slack.submit({"text": "Which plum?"}, user=SAM)
    loop.told("Which plum?")
    loop.slack.say("A dark one")
    loop.told(f"Added to {case.reference}")
    loop.do(card, "Answer")
    loop.slack.submit({"text": "No plum, sorry."}, user=SAM)
    loop.told("No plum, sorry.")
    loop.slack.click("No, not yet")
    loop.told("is open again")
    loop.idle()
    loop.do(card, "Answer")
    loop.slack.submit({"text": "Still no plum."}, user=SAM)
    loop.told("Still no plum.")
    loop.slack.click("Yes, it helped")
    loop.told("Glad it helped")
    loop.idle()
    with loop.database.read() as session:
        for row in session.scalars(select(OutboxRow)):
            assert "xylograph" not in str(row.payload).lower()
    with loop.database.read() as session:
        assert "xylograph" not in str(session.scalars(select(InboxRow.text)).all()).lower()
    assert "xylograph" not in str(loop.assistant.received + loop.assistant.told).lower()
    for channel in loop.slack.workspace.channels.values():
        for message in loop.slack.workspace.messages(channel.id):
            if channel.id != HR_CHANNEL:
                assert "xylograph" not in shown(message).lower()
    marked = [m for m in loop.slack.workspace.replies(HR_CHANNEL, card.ts) if m.reactions]
    assert len(marked) == 2


def test_a_case_moves_and_leaves_a_pointer(loop: DeskLoop) -> None:
    case, card = loop.ask("Is my otter insured?", topic="benefits/dental")
    assert case.queue == "benefits"
    loop.do(card, "Move…")
    assert loop.slack.submit({"choice": "relations"}, user=SAM).errors == {}
    loop.idle()
    assert "was moved to Employee relations" in shown(loop.now(card))
    there = loop.card("otter", HR_SENSITIVE_CHANNEL, DANA)
    assert case.reference in there.text
    loop.do(there, "Move…", user=DANA)
    view = loop.slack.open_view(user=DANA)
    assert "no other queue" in str(view.content), "what was sensitive never widens"
    assert loop.slack.workspace.from_bot(HR_SENSITIVE_CHANNEL)[-1].ts == there.ts
    assert loop.history(case.id) == ["opened", "moved"]


def test_closing_without_an_answer_needs_a_reason_that_the_asker_is_told(loop: DeskLoop) -> None:
    case, card = loop.ask("Why is the sky blue?")
    loop.do(card, "Resolve")
    loop.slack.submit({"choice": "not for HR"}, user=SAM)
    loop.told("isn't something HR can answer")
    loop.idle()
    assert f"resolved by <@{SAM}>: not for HR" in shown(loop.now(card))
    loop.slack.click("I still need help")
    loop.told("is open again")
    assert loop.case(case.id).status == "claimed"


@pytest.mark.parametrize("until", ["until tomorrow", "for three days", "until next week"])
def test_a_case_is_put_aside(loop: DeskLoop, until: str) -> None:
    case, card = loop.ask(f"Can I nap {until} in the library?")
    loop.do(card, "Snooze…")
    assert loop.slack.submit({"choice": until}, user=SAM).errors == {}
    loop.idle()
    assert "snoozed until" in shown(loop.now(card))
    loop.do(card, "Claim")
    loop.idle()
    assert loop.case(case.id).snoozed_until is None


def test_a_day_that_is_past_is_refused(loop: DeskLoop) -> None:
    _, card = loop.ask("Where is the croquet lawn?")
    loop.do(card, "Snooze…")
    refused = loop.slack.submit({"choice": "until the date below", "day": "2020-02-02"}, user=SAM)
    assert "still to come" in str(refused.errors)


def test_a_near_answer_is_inserted_below_what_is_typed_and_previewed(loop: DeskLoop) -> None:
    _, card = loop.ask(
        "Do my teeth get gold?",
        topic="benefits/dental",
        candidates=["benefits/dental", "benefits/vision"],
    )
    loop.do(card, "Answer")
    view = loop.slack.open_view(user=SAM)
    near = [b["accessory"]["value"] for b in view.content["blocks"] if "accessory" in b]
    assert near == ["benefits/dental", "benefits/vision"]
    loop.slack.click(
        user=SAM, action_id="desk_insert:0", value="benefits/dental", state={"text": "Dear asker,"}
    )
    view = loop.slack.open_view(user=SAM)
    field, _ = [b for b in view.content["blocks"] if b["type"] == "input"]
    typed = field["element"]["initial_value"]
    assert typed.startswith("Dear asker,\n\n")
    assert "Prairie Dental" in typed
    loop.slack.click("Preview", user=SAM)
    preview = loop.slack.open_view(user=SAM)
    assert "As the asker sees it" in str(preview.content["title"])
    assert "Prairie Dental" in str(preview.content["blocks"])
    loop.slack.close(user=SAM)
    assert loop.slack.submit(user=SAM).errors == {}
    assert "Dear asker," in loop.told("Prairie Dental").text


def test_who_answers_second_sees_by_whom_and_keeps_their_text(loop: DeskLoop) -> None:
    case, card = loop.ask("Is there an orrery in the atrium?")
    loop.do(card, "Answer", user=SAM)
    loop.do(card, "Answer", user=DANA)
    loop.slack.submit({"text": "Yes, from 1790."}, user=SAM)
    second = loop.slack.submit({"text": "No, none."}, user=DANA)
    assert second.is_open
    view = str(loop.slack.open_view(user=DANA).content)
    for words in (f"<@{SAM}>", "Yes, from 1790.", "No, none."):
        assert words in view
    loop.slack.submit(user=DANA)
    loop.idle()
    assert loop.entries(case.id) == [("note", "No, none.")]
    assert [
        row.payload["text"] for row in loop.rows(OutboxRow, case.id) if row.kind == "case_answer"
    ] == ["Yes, from 1790."]


def test_somebody_outside_hr_gets_nowhere(loop: DeskLoop) -> None:
    case, card = loop.ask("May I see the vault?")
    shared = loop.slack.workspace.dm(CASEY).id
    posted = loop.slack.sandbox.bot_message(shared, text=card.text, blocks=loop.now(card).blocks)
    loop.slack.workspace.add_message(posted)
    for what in ("Claim", "Answer", "Resolve", "Assign…", "Ask back…", "Note", "Move…", "Snooze…"):
        loop.slack.click(what, user=CASEY, channel=shared, ts=posted.ts)
        assert loop.slack.open_view(user=CASEY) is None
        told = loop.slack.workspace.ephemerals(CASEY)[-1]
        assert "Only the people of this queue" in told.text
    loop.slack.command("/hr-desk", "open", user=CASEY)
    assert "Only people of HR" in loop.whispered("Only people of HR", user=CASEY).text
    assert loop.history(case.id) == ["opened"]


def test_the_asker_adds_changes_and_takes_back(loop: DeskLoop) -> None:
    case, card = loop.ask("Do we have falcons?")
    loop.slack.click("Add something")
    loop.slack.submit({"text": "For the pigeons."})
    loop.told(f"Added to {case.reference}")
    loop.slack.say("add to my question: there are many pigeons")
    loop.slack.wait_for(lambda _: len(loop.entries(case.id)) == 2)
    loop.slack.click("Change it")
    loop.slack.submit({"text": "Do we have hawks?"})
    loop.told("Changed. HR sees")
    loop.idle()
    assert "hawks" in shown(loop.now(card))
    assert "many pigeons" in shown(loop.now(card))
    loop.slack.click("Take it back")
    loop.told("is taken back")
    loop.idle()
    assert "taken back by the asker" in shown(loop.now(card))
    assert loop.history(case.id) == ["opened", "added", "added", "edited", "withdrawn"]


def test_after_closing_it_is_asked_once_whether_it_is_solved_and_how_it_was(
    loop: DeskLoop,
) -> None:
    case, card = loop.ask("Can I park a tandem?")
    loop.do(card, "Answer")
    loop.slack.submit({"text": "Yes, by the gate."}, user=SAM)
    loop.told("by the gate")
    loop.idle()
    loop.do(card, "Resolve")
    asked = loop.told("Did the answer solve it?")
    assert loop.case(case.id).feedback is None
    loop.slack.click("Yes, solved", channel=asked.channel, ts=asked.ts)
    thanks = loop.told(f"Glad it helped. {case.reference}")
    loop.slack.click("😊 Good", channel=thanks.channel, ts=thanks.ts)
    loop.told("helps HR to get better")
    assert (loop.case(case.id).feedback, loop.case(case.id).csat) == ("helpful", 4)


def test_the_desk_lists_searches_and_shows(loop: DeskLoop) -> None:
    case, card = loop.ask("Is there a marmalade subsidy?")
    loop.do(card, "Claim")
    loop.idle()
    loop.slack.command("/hr-desk", "search MARMALADE subsidy", user=SAM)
    found = loop.whispered("Cases found: 1")
    assert case.reference in shown(found)
    loop.slack.click("Show", user=SAM, channel=found.channel, ts=found.ts)
    view = str(loop.slack.open_view(user=SAM).content)
    assert "claimed" in view
    assert "marmalade" in view
    loop.slack.command("/hr-desk", "mine", user=SAM)
    loop.whispered("Claimed by you: ")
    loop.slack.command("/hr-desk", case.reference, user=SAM)
    loop.whispered("History")
    loop.slack.command("/hr-desk", "breached", user=SAM)
    loop.whispered("Overdue cases: ")
    loop.slack.command("/hr-desk", "what is this", user=SAM)
    loop.whispered("What /hr-desk can do")
    loop.slack.command("/hr-desk", "HR-999999", user=SAM)
    loop.whispered("I don't know that case")
    loop.slack.command("/hr-desk", "open", user=SAM)
    first = loop.whispered("Open cases: ")
    loop.slack.click("More", user=SAM, channel=first.channel, ts=first.ts)
    assert "Back" in shown(loop.slack.workspace.ephemeral(first.ts))


def test_the_home_tab_shows_hr_its_queue_and_others_their_own(loop: DeskLoop) -> None:
    case, card = loop.ask("Who waters the ferns?")
    for user in (SAM, ROBIN):
        loop.slack.open_home(user=user)
        loop.slack.wait_for(lambda workspace, user=user: workspace.home(user))
    assert "HR's queue" in str(loop.slack.workspace.home(SAM).content)
    assert "HR's queue" not in str(loop.slack.workspace.home(ROBIN).content)
    assert f"{case.reference}: waiting for somebody in HR" in str(
        loop.slack.workspace.home(ROBIN).content
    )
    loop.do(card, "Claim")
    loop.slack.wait_for(
        lambda workspace: (
            f"{case.reference}: somebody in HR is on it" in str(workspace.home(ROBIN).content)
        )
    )

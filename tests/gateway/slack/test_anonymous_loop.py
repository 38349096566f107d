"""Anonymous cases over real signed requests: both ways, and nothing that leads back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.db.models import (
    Base,
    Case,
    CaseEvent,
    CasePlace,
    Choice,
    Conversation,
    InboxRow,
    OutboxRow,
    TurnLog,
)
from bot.desk.anonymous import forget_way_back
from bot.sandbox.seed import CASEY, GENERAL, HR_CHANNEL, ROBIN, SAM

from ..servers import reply
from .desk_loop import DeskLoop, desk_loop, shown


@pytest.fixture
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskLoop]:
    with desk_loop(tmp_path_factory.mktemp("anonymous")) as running:
        yield running


def all_rows(loop: DeskLoop) -> list[str]:
    """Return every row of every table as text."""
    found = []
    with loop.database.read() as session:
        for table in Base.metadata.sorted_tables:
            found += [
                f"{table.name}: {dict(row)}" for row in session.execute(select(table)).mappings()
            ]
    return found


def test_it_works_both_ways_and_the_way_back_is_forgotten(loop: DeskLoop) -> None:
    case, card = loop.ask("My manager hums in meetings. Is that allowed?", anonymous=True)
    assert (case.person_id, case.anonymous) == (None, True)
    assert "anonymous" in shown(card)
    loop.told(f"Sent to HR as {case.reference}, without your name")
    loop.do(card, "Ask back…")
    loop.slack.submit({"text": "How loud?"}, user=SAM)
    asked = loop.told("How loud?")
    loop.idle()
    loop.slack.say("Rather loud")
    loop.told(f"Added to {case.reference}")
    loop.slack.say("and off-key", thread_ts=asked.ts)
    loop.slack.wait_for(lambda _: len(loop.entries(case.id)) == 3)
    loop.slack.say(f"add to {case.reference}: on Mondays")
    loop.slack.wait_for(lambda _: len(loop.entries(case.id)) == 4)
    loop.slack.click("Reply", ts=asked.ts, channel=asked.channel)
    loop.slack.submit({"text": "and whistles"})
    loop.slack.wait_for(lambda _: len(loop.entries(case.id)) == 5)
    assert "It wasn't for HR" not in str(loop.slack.messages())
    loop.do(card, "Answer")
    loop.slack.submit({"text": "Humming is allowed."}, user=SAM)
    loop.told("Humming is allowed.")
    loop.slack.click("No, not yet")
    loop.told("is open again")
    loop.idle()
    loop.do(card, "Answer")
    loop.slack.submit({"text": "We will talk to them."}, user=SAM)
    loop.told("We will talk to them.")
    loop.slack.click("Yes, it helped")
    loop.told("Glad it helped")
    loop.slack.click("😊 Good")
    loop.told("helps HR to get better")
    loop.idle()
    assert (loop.case(case.id).status, loop.case(case.id).csat) == ("resolved", 4)

    with loop.database.write() as session:
        assert session.scalars(select(CasePlace)).all()
        assert forget_way_back(session, loop.case(case.id).updated_at, 14) == 1
        assert forget_way_back(session, loop.case(case.id).updated_at, 14) == 0
        back = session.get(Conversation, case.conversation_id)
        assert back.address_sealed == ""
        assert session.scalars(select(CasePlace)).all() == []
    loop.slack.click("No, not yet")
    assert "Only the person who asked" in loop.whispered("Only the person", user=ROBIN).text


def test_nobody_else_acts_as_the_asker(loop: DeskLoop) -> None:
    case, _ = loop.ask("Is the sauna haunted?", anonymous=True)
    told = loop.told("without your name")
    copy = loop.slack.sandbox.bot_message(loop.slack.dm(CASEY), text=told.text, blocks=told.blocks)
    loop.slack.workspace.add_message(copy)
    for what in ("Add something", "Change it", "Take it back"):
        loop.slack.click(what, user=CASEY, channel=copy.channel, ts=copy.ts)
        assert loop.slack.open_view(user=CASEY) is None
        assert "Only the person who asked" in loop.slack.workspace.ephemerals(CASEY)[-1].text
    loop.slack.say(f"add to {case.reference}: boo", user=CASEY)
    loop.told("no question with HR that I could add to", user=CASEY)
    assert loop.history(case.id) == ["opened"]


def test_a_second_click_sends_nothing_more(loop: DeskLoop) -> None:
    offer = loop.offer("May I knit during calls?")
    buttons = [e for b in offer.blocks if b["type"] == "actions" for e in b["elements"]]
    for _ in range(2):
        loop.slack.click("Send anonymously", channel=offer.channel, ts=offer.ts)
    loop.card("knit during calls")
    loop.idle()
    with loop.database.read() as session:
        assert len(session.scalars(select(Case)).all()) == 1
        assert len(session.scalars(select(Conversation)).all()) == 2
    assert loop.slack.workspace.ephemerals(ROBIN) == []
    loop.slack.click("Send to HR", channel=offer.channel, ts=offer.ts)
    assert "expired" in loop.whispered("expired", user=ROBIN).text
    assert len(buttons) == 2


def test_what_slack_delivers_once_more_is_not_taken_in_anew(loop: DeskLoop) -> None:
    loop.ask("Is the piano tuned?", anonymous=True)
    asked = len(loop.assistant.received)
    said = next(m for m in loop.slack.messages() if not m.is_from_bot)
    attempts = len(loop.slack.workspace.attempts)
    loop.slack.deliver_again(said)
    loop.slack.wait_for(lambda workspace: len(workspace.attempts) > attempts)
    assert loop.slack.workspace.attempts[-1].status == 200
    with loop.database.read() as session:
        assert session.scalars(select(InboxRow)).all() == []
    assert len(loop.assistant.received) == asked


def test_what_went_by_name_is_not_taken_as_anonymous_too(loop: DeskLoop) -> None:
    case, _ = loop.ask("May I knit during calls?")
    offer = loop.offer("May I knit during calls?")
    loop.slack.click("Send anonymously", channel=offer.channel, ts=offer.ts)
    told = loop.whispered("other words", user=ROBIN).text
    assert case.reference in told
    loop.idle()
    with loop.database.read() as session:
        assert [one.anonymous for one in session.scalars(select(Case))] == [False]


def test_where_others_read_along_it_is_not_offered_as_anonymous(loop: DeskLoop) -> None:
    bot = loop.slack.workspace.app.bot_user_id
    loop.assistant.answer = lambda body: {
        **reply("Shall I send it?"),
        "messages": [
            {
                "text": "Shall I send it?",
                "buttons": [
                    {
                        "title": "Send anonymously",
                        "meaning": {
                            "gateway": "open_case",
                            "anonymous": True,
                            "question": "Is it haunted?",
                            "turns": [],
                        },
                    }
                ],
                "metadata": {"audience": "employee"},
            }
        ],
    }
    loop.slack.say(f"<@{bot}> is it haunted?", channel=GENERAL)
    offer = loop.slack.wait_for_message("Shall I send it?", channel=GENERAL, timeout=20)
    loop.slack.click("Send anonymously", channel=GENERAL, ts=offer.ts)
    assert "direct message" in loop.whispered("direct message", user=ROBIN).text
    with loop.database.read() as session:
        assert session.scalars(select(Case)).all() == []


def test_what_moved_from_a_channel_is_not_taken_as_anonymous(loop: DeskLoop) -> None:
    question = "Is the sauna haunted?"

    def answer(body: dict[str, Any]) -> dict[str, Any]:
        offered = reply("Shall I send it?", kind="sensitive", decision="handover")
        meaning = {"gateway": "open_case", "anonymous": True, "question": question}
        offered["messages"][0]["buttons"] = [
            {"title": "Send anonymously", "meaning": {**meaning, "turns": [body["turn_id"]]}}
        ]
        return offered

    loop.assistant.answer = answer
    bot = loop.slack.workspace.app.bot_user_id
    loop.slack.say(f"<@{bot}> {question}", channel=GENERAL)
    offer = loop.told("Shall I send it?")
    loop.slack.click("Send anonymously", channel=offer.channel, ts=offer.ts)
    assert "Others have seen" in loop.whispered("Others have seen", user=ROBIN).text
    with loop.database.read() as session:
        assert session.scalars(select(Case)).all() == []


def test_the_asker_sees_their_anonymous_questions_and_no_row_of_theirs_does(
    loop: DeskLoop,
) -> None:
    case, card = loop.ask("Can the gong be quieter?", anonymous=True)
    nothing = reply("You have no questions waiting.", audience="both")
    nothing["messages"][0]["metadata"]["own_cases"] = "none"
    loop.assistant.answer = lambda body: nothing
    loop.slack.say("where is my question?")
    listed = loop.told("Sent without your name:")
    assert f"{case.reference}: waiting for somebody in HR" in shown(listed)
    assert "no questions waiting" not in shown(listed)
    loop.slack.say("where is my question?", user=CASEY)
    assert "gong" not in shown(loop.told("no questions waiting", user=CASEY))
    loop.idle()
    for row in all_rows(loop):
        if row.startswith(("outbox", "turns", "inbox")):
            assert case.reference not in row
    loop.do(card, "Resolve")
    loop.slack.submit({"choice": "no_answer"}, user=SAM)
    loop.told("they have no answer to it")


def test_nothing_in_any_table_joins_the_case_with_who_asked(loop: DeskLoop) -> None:
    question = "Does the quartz clock in ward nine run late?"
    case, card = loop.ask(question, anonymous=True, topic="policies/dress_code")
    loop.do(card, "Ask back…")
    loop.slack.submit({"text": "Which clock?"}, user=SAM)
    loop.told("Which clock?")
    loop.idle()
    loop.slack.say("The quartz one by the lift")
    loop.told("Added to")
    loop.idle()
    loop.assistant.answer = lambda body: reply()
    loop.slack.say("when is payday?")
    loop.slack.wait_for(lambda _: "payday" in str(loop.assistant.received[-1]))
    loop.idle()

    rows = all_rows(loop)
    with loop.database.read() as session:
        (asker,) = session.scalars(select(Conversation).where(Conversation.person_id.isnot(None)))
        events = session.scalars(select(CaseEvent).where(CaseEvent.actor == "asker")).all()
        # By person and conversation.
        assert case.person_id is None
        assert case.conversation_id != asker.id
        assert all(event.person_id is None for event in events)
        # By id: no value that identifies something stands on both sides.
        mine = [r for r in rows if asker.id in r or asker.person_id in r]
        for value in (case.conversation_id, case.turn_id, case.reference, "quartz"):
            assert not [row for row in mine if value in row], value
        # By text: what was asked and added stands with the case alone.
        for table in (InboxRow, TurnLog, Choice, OutboxRow):
            for row in session.scalars(select(table)):
                if getattr(row, "case_id", None) is None:
                    assert "quartz" not in str(vars(row)).lower(), table
        # By time: whatever the asker did has a day, and rows that were sent are gone.
        day = case.created_at
        assert (day.hour, day.minute, day.second, day.microsecond) == (0, 0, 0, 0)
        assert all(event.at == day for event in events)
        assert session.get(Conversation, case.conversation_id).created_at == day
        of_case = session.scalars(select(OutboxRow).where(OutboxRow.case_id == case.id)).all()
        assert of_case == []
        sealed = session.get(Conversation, case.conversation_id).address_sealed
        assert sealed.startswith("gAAAAAAAAAAA"), "the token's clear time is zero"
    # The assistant is told to forget, and not told of the case.
    forgotten = [body for route, body in loop.assistant.told if route == "forget"]
    assert [body["conversation"] for body in forgotten] == [asker.id]
    assert not [body for route, body in loop.assistant.told if route == "events"]
    # HR's side names nobody, and no message of the case shows who asked.
    for message in loop.slack.workspace.messages(HR_CHANNEL):
        assert ROBIN not in f"{shown(message)} {message.metadata}"
        assert "Robin" not in shown(message)


def test_two_cases_of_one_person_have_nothing_in_common(loop: DeskLoop) -> None:
    first, _ = loop.ask("Is the piano tuned?", anonymous=True)
    second, _ = loop.ask("Is the harp tuned?", anonymous=True)
    with loop.database.read() as session:
        one, two = (session.get(Conversation, c.conversation_id) for c in (first, second))
        assert one.address_hash != two.address_hash
        assert one.address_sealed != two.address_sealed


@pytest.mark.parametrize(("days", "forgotten"), [(13, 0), (15, 1)])
def test_a_closed_case_forgets_after_some_days(loop: DeskLoop, days: int, forgotten: int) -> None:
    case, card = loop.ask("Are the lawn chairs new?", anonymous=True)
    loop.do(card, "Resolve")
    loop.slack.submit({"choice": "other"}, user=SAM)
    loop.told("without a written answer")
    loop.idle()
    later = loop.case(case.id).resolved_at + timedelta(days=days)
    with loop.database.write() as session:
        assert forget_way_back(session, later, 14) == forgotten

"""One question, answered by HR once: for who asked, for who asked the same, for who asks later."""

from __future__ import annotations

import json
import time

from sqlalchemy import select

from bot.db.answers import ContentVersion, Promotion
from bot.db.models import Case
from bot.sandbox.model import Message
from bot.sandbox.seed import CASEY, DANA, HR_CHANNEL, ROBIN, SAM
from tests.e2e.stack import Stack

LIVE_WITHIN_SECONDS = 10
QUESTION = "Is there a place to charge my electric car in the garage?"
LIKE_IT = "where can i charge my electric car in the garage"
LATER = "are there ev chargers in the parking garage"
ANSWER = "Yes, there are eight chargers on level 2 of the garage. They are free for staff."


def to_hr(stack: Stack, user: str, question: str) -> Message:
    """Let somebody send a question that has no answer; return its card."""
    stack.ask(question, user=user, channel=stack.slack.dm(user))
    stack.slack.click("Send to HR", user=user)
    return stack.slack.wait_for_message(question[:30], channel=HR_CHANNEL, user=SAM)


def answered_with(stack: Stack, user: str, question: str, part: str) -> Message | None:
    """Ask until the reply has this part, at most as long as it may take to be live."""
    deadline = time.monotonic() + LIVE_WITHIN_SECONDS
    while True:
        reply = stack.ask(question, user=user, channel=stack.slack.dm(user))
        if part in reply.text or time.monotonic() > deadline:
            return reply if part in reply.text else None


def test_hr_answers_a_new_question_once(stack: Stack) -> None:
    slack = stack.slack
    other = to_hr(stack, CASEY, LIKE_IT)
    card = to_hr(stack, ROBIN, QUESTION)

    # HR answers, with the tick, and makes it ready for others.
    slack.click("Answer", user=SAM, channel=HR_CHANNEL, ts=card.ts)
    sent = slack.submit({"text": ANSWER, "share": ["others"]}, user=SAM)
    assert (sent.errors, sent.is_open) == ({}, True)
    slack.wait_for_message("eight chargers", user=ROBIN)
    form = slack.open_view(user=SAM)
    assert "Near to it" in json.dumps(form.content)
    stolen = {"draft_topic": "new", "draft_title": "Electric cars", "draft_category": "pay"}
    stolen |= {"draft_owner": "Facilities", "draft_link": "https://hr.cedarvalley.example/cars"}
    refused = slack.submit({**stolen, "draft_questions": "when do we get paid"}, user=SAM)
    assert "instead of “Paydays" in refused.errors["draft_questions"]
    assert slack.submit({**stolen, "draft_questions": QUESTION}, user=SAM).errors == {}

    # A second person approves; the first one can't.
    draft = slack.wait_for_message("Waiting for approval", channel=HR_CHANNEL, user=SAM)
    slack.click("Approve", user=SAM, channel=HR_CHANNEL, ts=draft.ts)
    slack.wait_for(
        lambda w: [m for m in w.ephemerals(SAM) if "Somebody else has to approve" in m.text], 10
    )
    assert "eight chargers" not in stack.ask(LATER).text
    slack.click("Approve", user=DANA, channel=HR_CHANNEL, ts=draft.ts)
    approved = time.monotonic()
    slack.wait_for_message("Live for others", channel=HR_CHANNEL, user=DANA, timeout=10)

    # Who asks later, in other words, has it within seconds, with who it is from.
    reply = answered_with(stack, ROBIN, LATER, "eight chargers")
    assert reply is not None
    assert time.monotonic() - approved < LIVE_WITHIN_SECONDS
    assert "Answered by HR (" in json.dumps(reply.blocks)
    assert stack.turn_log()[-1].topic == "pay/electric_cars"

    # Who has asked it already gets it with one tap, once.
    offer = slack.wait_for_message("also answers 1 open", channel=HR_CHANNEL, user=DANA, timeout=15)
    slack.click("Answer them all", user=DANA, channel=HR_CHANNEL, ts=offer.ts)
    slack.wait_for_message("eight chargers", channel=slack.dm(CASEY), user=CASEY)
    stack.wait_until_idle()
    told = [m for m in slack.messages(slack.dm(CASEY), user=CASEY) if "eight chargers" in m.text]
    assert len(told) == 1
    with stack.database.read() as session:
        case = session.scalar(select(Case).where(Case.question == LIKE_IT))
        assert case.status == "answered"
        assert case.card_ts == other.ts

    # HR edits it; then takes it back, and nobody gets it any more.
    slack.command("/hr-desk", "edit electric cars", user=SAM)
    slack.click("Edit", user=SAM)
    edited = slack.submit({"text": f"{ANSWER} Four hours at most."}, user=SAM)
    assert edited.errors == {}
    assert answered_with(stack, ROBIN, LATER, "Four hours at most") is not None
    live = slack.wait_for_message("Live for others", channel=HR_CHANNEL, user=SAM)
    slack.click("Take back", user=SAM, channel=HR_CHANNEL, ts=live.ts)
    slack.wait_for_message("Taken back", channel=HR_CHANNEL, user=SAM)
    deadline = time.monotonic() + LIVE_WITHIN_SECONDS
    while "chargers on level 2" in stack.ask(LATER).text:
        assert time.monotonic() < deadline
    with stack.database.read() as session:
        assert session.scalar(select(Promotion.status)) == "withdrawn"
        causes = list(session.scalars(select(ContentVersion.cause).order_by(ContentVersion.id)))
    assert causes == ["promoted", "edited", "withdrawn"]

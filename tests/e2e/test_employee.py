"""What employees see and do in Slack, over real signed HTTP; Socket Mode is at the end."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.db.models import Case, Choice, InboxRow, Person
from bot.sandbox.blocks import elements_of
from bot.sandbox.model import Message
from bot.sandbox.seed import BOT, CASEY, GENERAL, GUEST, HR_CHANNEL, PARTNERS, ROBIN, SAM
from tests.e2e.stack import Stack, running_stack
from tests.privacy.planted import PHONE


@pytest.fixture(scope="module", params=["http", "socket"])
def stack(
    request: pytest.FixtureRequest, model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """Give a running product, once over HTTP and once over Socket Mode."""
    socket = {"SLACK_APP_TOKEN": "xapp-sandbox"} if request.param == "socket" else {}
    with running_stack(tmp_path_factory.mktemp("employee"), model, **socket) as running:
        if socket:
            running.slack.wait_for(lambda _workspace: running.slack.sandbox.hub.is_connected, 20)
        yield running


def titles(message: Any) -> list[str]:
    """Return the titles of all buttons of a message or view."""
    blocks = message.content["blocks"] if hasattr(message, "content") else message.blocks
    return [
        e["text"]["text"] for block in blocks for e in elements_of(block) if e["type"] == "button"
    ]


def wait(stack: Stack, channel: str, user: str, fits: Callable[[Message], bool]) -> Message:
    """Wait for a message of the bot that fits, in a channel as a user sees it."""

    def newest(workspace: Any) -> Message | None:
        seen = workspace.seen_by(user, channel)
        return next((m for m in reversed(seen) if m.is_from_bot and fits(m)), None)

    return stack.slack.wait_for(newest, 30)


def public(stack: Stack, said: Message) -> list[Message]:
    """Return what the bot has said for all to see after a message in its channel."""
    return [m for m in stack.said_by_bot_after(said) if not m.is_ephemeral]


# Answers and feedback


def test_an_answer_shows_source_related_questions_and_one_feedback_ask(stack: Stack) -> None:
    reply = stack.ask("is dental covered?")
    assert titles(reply)[-2:] == ["This helped", "Didn't help"]
    assert 3 <= len(titles(reply)) <= 5
    assert "Source: " in reply.text
    assert "Related questions: " in reply.text
    assert "checked on" in json.dumps(reply.blocks)


def test_the_last_word_on_an_answer_counts(stack: Stack) -> None:
    reply = stack.ask("school help money")
    stack.slack.click("This helped", ts=reply.ts)
    stack.slack.wait_for(lambda _workspace: "✓ This helped" in titles(reply), 5)
    assert stack.turn_log()[-1].feedback == "helped"
    stack.slack.click("Didn't help", ts=reply.ts)
    missing = stack.slack.wait_for_message("What was missing?")
    assert "✓ Didn't help" in titles(reply)
    assert len(titles(missing)) == 4
    stack.slack.click("Too general", ts=missing.ts)
    near = stack.slack.wait_for_message("Perhaps it is one of these?")
    row = stack.turn_log()[-1]
    assert (row.feedback, row.feedback_detail) == ("not_helped", "too_general")
    assert titles(near)[-1] == "I want a person"
    stack.slack.click("I want a person", ts=near.ts)
    offer = stack.slack.wait_for_message("A person in HR can take it from here")
    assert "> school help money" in html.unescape(offer.text)
    stack.slack.click("Send to HR", ts=offer.ts)
    stack.slack.wait_for_message("Sent to HR as HR-")
    stack.slack.wait_for_message("school help money", channel=HR_CHANNEL, user=SAM)


def test_nobody_else_says_whether_an_answer_helped(stack: Stack) -> None:
    stack.ask("when is payday?")
    turn = stack.turn_log()[-1].turn_id
    assert stack.click_forged(CASEY, stack.slack.dm(CASEY), "feedback:helped", turn) == 200
    assert stack.turn_log()[-1].feedback is None


# The command


def test_the_command_answers_in_direct_messages_with_the_question_above(stack: Stack) -> None:
    done = stack.slack.command("/hr", "is there dental coverage?", user=CASEY, channel=GENERAL)
    assert "direct messages" in done.body["text"]
    reply = wait(stack, stack.slack.dm(CASEY), CASEY, lambda m: "Prairie Dental" in m.text)
    assert html.unescape(reply.text).startswith("> is there dental coverage?")
    assert not [m for m in stack.slack.messages(GENERAL, user=SAM) if "dental coverage" in m.text]


def test_the_command_alone_gives_help(stack: Stack) -> None:
    done = stack.slack.command("/hr", "  ")
    assert "/hr when is payday?" in done.body["text"]


# The Assistant pane


def test_the_pane_suggests_thinks_and_names_its_thread(stack: Stack) -> None:
    root = stack.slack.open_assistant()
    key = (root.channel, root.ts)
    thread = stack.slack.wait_for(
        lambda workspace: (
            workspace.assistant_threads[key].get("prompts") and workspace.assistant_threads[key]
        )
    )
    assert 1 <= len(thread["prompts"]) <= 4
    prompt = thread["prompts"][-1]
    said = stack.slack.say(f"{prompt['message']} Call me at {PHONE}.", thread_ts=root.ts)
    stack.reply_after(said)
    stack.wait_until_idle()
    reply, told = stack.replies_after(said)
    assert "removed a phone number" in told.text
    assert reply.thread_ts == root.ts
    statuses = [c.arguments["status"] for c in stack.slack.calls("assistant.threads.setStatus")]
    assert statuses[-1]
    assert thread["status"] == ""
    assert thread["title"].startswith(prompt["message"][:20])
    assert PHONE not in thread["title"]


# The Home tab


def home(stack: Stack, fits: Callable[[str], bool], user: str = ROBIN) -> Any:
    """Wait for a Home tab whose blocks fit."""
    return stack.slack.wait_for(
        lambda workspace: (
            workspace.home(user)
            and fits(json.dumps(workspace.home(user).content))
            and workspace.home(user)
        ),
        20,
    )


def test_the_home_tab_shows_what_to_ask_and_what_became_of_questions(stack: Stack) -> None:
    stack.slack.open_home()
    view = home(stack, lambda text: "Programs closing soon" in text)
    assert {"Benefits", "Pay", "Time off and leave"} <= set(titles(view))
    stack.slack.click("Benefits", action_id="home_category:benefits")
    offer = stack.slack.wait_for_message("What would you like to know about benefits?")
    assert len(titles(offer)) == 5
    stack.slack.click(titles(offer)[1], ts=offer.ts)
    reply = stack.reply_after(offer)
    assert "Prairie Dental" in reply.text

    stack.ask("Is there a snail race on the ward?")
    stack.slack.click("Send to HR")
    stack.slack.wait_for_message("HR has your question as")
    home(stack, lambda text: "snail race" in text and "waiting for somebody" in text)
    card = stack.slack.wait_for_message("snail race", channel=HR_CHANNEL, user=SAM)
    stack.slack.click("Answer", user=SAM, channel=HR_CHANNEL, ts=card.ts)
    stack.slack.submit({"text": "Every Friday, slowly."}, user=SAM)
    home(stack, lambda text: "Every Friday, slowly." in text)


def test_a_program_in_the_home_tab_is_told_about_in_direct_messages(stack: Stack) -> None:
    stack.slack.open_home()
    view = home(stack, lambda text: "home_details" in text)
    action = next(
        e["action_id"]
        for block in view.content["blocks"]
        for e in elements_of(block)
        if e["action_id"].startswith("home_details:")
    )
    stack.slack.click("Details", action_id=action)
    stack.slack.wait_for_message("How to apply", timeout=20)


# Channels


def test_a_plain_answer_stays_in_the_thread(stack: Stack) -> None:
    said = stack.slack.say(f"<@{BOT}> when is payday?", channel=GENERAL, user=CASEY)
    reply = wait(stack, GENERAL, CASEY, lambda m: m.thread_ts == said.ts)
    assert "Friday" in reply.text


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("my manager keeps touching me, what can I do", "Employee Relations"),
        ("where do i see my pto balance", "PTO"),
        ("am I eligible for tuition assistance?", "uition"),
        ("where is my question?", ""),
    ],
)
def test_what_is_personal_is_answered_in_private_with_a_pointer(
    stack: Stack, question: str, answer: str
) -> None:
    stack.wait_until_idle()
    said = stack.slack.say(f"<@{BOT}> {question}", channel=GENERAL, user=CASEY)
    pointer = wait(stack, GENERAL, CASEY, lambda m: m.is_ephemeral and m.ts > said.ts)
    assert "direct messages" in pointer.text
    reply = wait(stack, stack.slack.dm(CASEY), CASEY, lambda m: question in html.unescape(m.text))
    assert answer in reply.text
    stack.wait_until_idle()
    assert public(stack, said) == []
    assert not [m for m in stack.slack.messages(GENERAL, user=SAM) if m.ts == pointer.ts]


def test_danger_in_a_channel_shows_nothing_there(stack: Stack) -> None:
    stack.kill("assistant")
    said = stack.slack.say(f"<@{BOT}> i want to kill myself", channel=GENERAL, user=CASEY)
    dm = stack.slack.dm(CASEY)
    wait(stack, dm, CASEY, lambda m: "988" in m.text and float(m.ts) > float(said.ts))
    assert public(stack, said) == []
    stack.start("assistant")
    stack.wait_until_ready()
    stack.wait_until_idle()
    assert public(stack, said) == []


# Guests and shared channels


def test_a_guest_gets_public_answers_only_and_no_way_to_hr(stack: Stack) -> None:
    dm = stack.slack.dm(GUEST)

    def ask(text: str) -> Message:
        stack.wait_until_idle()
        said = stack.slack.say(text, user=GUEST)
        return wait(stack, dm, GUEST, lambda m: float(m.ts) > float(said.ts))

    assert "apply" in ask("how do I apply for a job?").text
    with stack.database.read() as session:
        before = len(session.scalars(select(Case)).all())
    for question in (
        "how much is the night shift differential",
        "Which violin strings sound best?",
        "I want to talk to a person",
        "yes",
    ):
        reply = ask(question)
        assert "can't pass anything on to HR" in reply.text, question
        assert titles(reply) == []
    stack.wait_until_idle()
    with stack.database.read() as session:
        assert len(session.scalars(select(Case)).all()) == before
        guests = session.scalars(select(Person).where(Person.is_outsider)).all()
    assert len(guests) == 1


def test_slack_is_asked_once_a_day_who_somebody_is(stack: Stack) -> None:
    stack.ask("when is payday?")
    before = len(stack.slack.calls("users.info"))
    stack.ask("is dental covered?")
    assert len(stack.slack.calls("users.info")) == before


def test_a_shared_channel_hears_public_answers_and_employees_the_rest_in_private(
    stack: Stack,
) -> None:
    said = stack.slack.say(f"<@{BOT}> how do I apply for a job?", channel=PARTNERS, user=CASEY)
    assert "apply" in wait(stack, PARTNERS, CASEY, lambda m: m.thread_ts == said.ts).text
    question = "how much is the night shift differential"
    said = stack.slack.say(f"<@{BOT}> {question}", channel=PARTNERS, user=CASEY)
    wait(stack, PARTNERS, CASEY, lambda m: m.is_ephemeral and m.ts > said.ts)
    reply = wait(stack, stack.slack.dm(CASEY), CASEY, lambda m: question in html.unescape(m.text))
    assert "$4.50" in reply.text
    assert public(stack, said) == []


# The shortcut


def test_a_picked_message_is_shown_before_it_is_asked(stack: Stack) -> None:
    said = stack.slack.say(f"is dental covered? text me at {PHONE}", channel=GENERAL, user=CASEY)
    stack.slack.shortcut("ask_hr_about_message", channel=GENERAL, ts=said.ts)
    preview = stack.slack.wait_for_message("Shall I take it as your question?")
    assert titles(preview) == ["Ask this", "No, thanks"]
    assert "[phone]" in preview.text
    assert "555-0123" not in preview.text
    assert public(stack, said) == []
    with stack.database.read() as session:
        asked = len(session.scalars(select(InboxRow)).all())
    stack.slack.click("No, thanks", ts=preview.ts)
    stack.slack.wait_for_message("I haven't asked anything")
    with stack.database.read() as session:
        assert len(session.scalars(select(InboxRow)).all()) == asked
        assert session.scalars(select(Choice).where(Choice.title == "Ask this")).first()
    for _ in range(2):
        stack.slack.click("Ask this", ts=preview.ts)
    reply = wait(
        stack,
        stack.slack.dm(),
        ROBIN,
        lambda m: "Prairie Dental" in m.text and float(m.ts) > float(preview.ts),
    )
    stack.wait_until_idle()
    after = [m for m in stack.replies_after(preview) if "Prairie Dental" in m.text]
    assert after == [reply]
    assert public(stack, said) == []

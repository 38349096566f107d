"""Processes are killed in the middle of turns; nothing acknowledged is lost or said twice."""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox.seed import HR_CHANNEL, SAM
from tests.e2e.stack import HOLDING, Stack, running_stack

RESTART_SECONDS = 60


@pytest.fixture(scope="module")
def stack(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Give a running product that may be broken."""
    with running_stack(tmp_path_factory.mktemp("faults"), model) as running:
        yield running


@pytest.fixture(autouse=True)
def _whole_again(stack: Stack) -> None:
    stack.slack.faults.clear()
    for name, child in stack.children.items():
        if child.poll() is not None:
            stack.start(name)
    stack.wait_until_ready()


def expect_holding_then_one_reply(stack: Stack, said: object, contains: str) -> None:
    """See one holding notice and one final reply, and nothing more."""
    reply = stack.reply_after(said, RESTART_SECONDS)
    stack.wait_until_idle()
    everything = stack.said_by_bot_after(said)
    assert contains in reply.text
    assert [HOLDING in message.text for message in everything] == [True, False]


@pytest.mark.parametrize(
    ("victim", "question", "contains"),
    [
        ("assistant", "is dental covered?", "Prairie Dental"),
        ("actions", "which programs help me pay for my RN?", "Tuition assistance"),
    ],
)
def test_a_killed_process_costs_a_holding_notice_and_no_more(
    stack: Stack, victim: str, question: str, contains: str
) -> None:
    stack.kill(victim)
    said = stack.slack.say(question)
    stack.wait_for_holding_notice(said)
    stack.start(victim)
    expect_holding_then_one_reply(stack, said, contains)


def test_a_message_acknowledged_by_a_killed_gateway_is_answered_by_the_next(stack: Stack) -> None:
    stack.kill("assistant")
    said = stack.slack.say("when is payday?")
    # The holding notice comes from the inbox, so the message was acknowledged before.
    stack.wait_for_holding_notice(said)
    stack.kill("gateway")
    stack.start("gateway")
    stack.start("assistant")
    expect_holding_then_one_reply(stack, said, "every other Friday")


def test_messages_of_one_person_are_answered_in_order(stack: Stack) -> None:
    stack.kill("assistant")
    questions = ["when is payday?", "is dental covered?", "how long is parental leave"]
    first = stack.slack.say(questions[0])
    for question in questions[1:]:
        stack.slack.say(question)
    stack.start("assistant")
    stack.slack.wait_for(
        lambda _workspace: len(stack.replies_after(first)) == len(questions), RESTART_SECONDS
    )
    replies = stack.replies_after(first)
    assert "Friday" in replies[0].text
    assert "Prairie Dental" in replies[1].text
    assert "Birth, adoptive" in replies[2].text


@pytest.mark.parametrize("fault", ["rate_limit", "server_error", "cut"])
def test_slack_in_trouble_gets_each_message_once(stack: Stack, fault: str) -> None:
    getattr(stack.slack.faults, fault)("chat.postMessage", times=2)
    said = stack.slack.say("when is payday?")
    stack.reply_after(said)
    stack.wait_until_idle()
    assert len(stack.replies_after(said)) == 1


def test_a_card_whose_post_was_cut_off_is_in_hrs_channel_once(stack: Stack) -> None:
    stack.ask("Who waters the ficus on the fourth floor?")
    stack.slack.faults.cut("chat.postMessage", times=2)
    stack.slack.click("Send to HR")
    stack.slack.wait_for_message("HR has your question as", timeout=30)
    stack.slack.wait_for_message("ficus", channel=HR_CHANNEL, user=SAM, timeout=30)
    stack.wait_until_idle()
    cards = [m for m in stack.slack.messages(HR_CHANNEL, user=SAM) if "ficus" in m.text]
    assert len(cards) == 1


def test_an_assistant_that_stays_away_ends_in_an_apology_with_a_person(
    model: Path, tmp_path: Path
) -> None:
    with running_stack(tmp_path / "var", model, REPLY_DEADLINE_SECONDS="3") as stack:
        stack.kill("assistant")
        said = stack.slack.say("how are the parking lots ploughed?")
        apology = stack.reply_after(said, 30)
        assert "> how are the parking lots ploughed?" in html.unescape(apology.text)
        stack.slack.click("Send to HR")
        stack.slack.wait_for_message("Sent to HR as HR-1001", timeout=10)
        stack.slack.wait_for_message("ploughed", channel=HR_CHANNEL, user=SAM, timeout=10)
        stack.start("assistant")
        stack.wait_until_ready()
        assert stack.ask("when is payday?").text
        finals = [m for m in stack.replies_after(said) if "ploughed" in m.text]
        assert len(finals) == 1

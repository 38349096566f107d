"""What is hidden stays hidden on every way in, and reaches HR only as its asker wants it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.db.models import CaseEvent
from bot.sandbox.model import Message
from bot.sandbox.seed import HR_CHANNEL, ROBIN, SAM

from ...privacy.planted import OTHER_SSN
from ..servers import reply
from .desk_loop import DeskLoop, desk_loop, shown

SECRET = OTHER_SSN


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hidden")


@pytest.fixture(scope="module")
def loop(folder: Path) -> Iterator[DeskLoop]:
    with desk_loop(folder) as running:
        yield running


def offering(body: dict[str, Any]) -> dict[str, Any]:
    """Answer with the offer to send what the assistant has got of the question."""
    if "text" not in body:
        return reply()
    offered = reply("HR would get this.", decision="handover")
    meaning = {"gateway": "open_case", "question": body["text"], "turn_id": body["turn_id"]}
    anonymous = {**meaning, "anonymous": True, "turns": [body["turn_id"]]}
    offered["messages"][0]["buttons"] = [
        {"title": "Send to HR", "meaning": meaning},
        {"title": "Send anonymously", "meaning": anonymous},
    ]
    return offered


def send(loop: DeskLoop, question: str, *, how: str = "Send to HR") -> Message:
    """Ask, send it to HR, and return the card."""
    loop.assistant.answer = offering
    before = len(loop.assistant.received)
    loop.slack.say(question)
    loop.slack.wait_for(lambda _: len(loop.assistant.received) > before)
    loop.idle()
    loop.slack.click(how)
    loop.idle()
    return loop.slack.messages(HR_CHANNEL, user=SAM)[-1]


def everything_kept(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_hidden_detail_reaches_hr_in_a_form_alone(loop: DeskLoop, folder: Path) -> None:
    card = send(loop, f"my ssn is {SECRET}, why is it wrong on the W-2?")
    assert "my ssn is [ssn], why is it wrong on the W-2?" in shown(card)
    told = loop.told("I removed a social security number from your message")
    assert "Show hidden details" not in shown(card)
    loop.slack.click("Send HR what I removed")
    form = loop.slack.open_view(user=ROBIN).content
    assert "A social security number [ssn]" in str(form)
    assert loop.slack.submit({}).errors
    assert loop.slack.submit({"ssn": SECRET}).errors == {}
    loop.told("HR can open the details")
    loop.idle()
    card = loop.now(card)
    loop.do(card, "Show hidden details")
    seen = str(loop.slack.open_view(user=SAM).content)
    assert SECRET in seen
    loop.idle()
    case_id = int(card.blocks[-1]["elements"][0]["value"].split(":")[0])
    assert loop.history(case_id) == ["opened", "restored", "looked"]
    assert loop.rows(CaseEvent, case_id)[-1].actor == "hr"
    said = [*loop.slack.messages(HR_CHANNEL, user=SAM), *loop.slack.messages(told.channel)]
    by_the_bot = [message for message in said if message.user not in (ROBIN, SAM)]
    assert not any(SECRET in shown(message) for message in by_the_bot)
    assert SECRET.encode() not in everything_kept(folder)


def test_who_stays_anonymous_is_not_asked_for_details(loop: DeskLoop) -> None:
    card = send(loop, f"my boss Karen has my ssn {SECRET}", how="Send anonymously")
    assert "my boss [name] has my ssn [ssn]" in shown(card)
    opened = loop.told("without your name")
    assert "Send HR what I removed" not in shown(opened)


def test_nothing_is_kept_or_logged_on_any_way_in(
    loop: DeskLoop, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    slack, secrets = loop.slack, [f"900-45-20{number:02}" for number in range(10)]
    card = send(loop, f"is {secrets[0]} my number?")
    loop.assistant.answer = lambda body: reply("Half of it.")
    slack.command("/hr", f"is {secrets[1]} right?")
    picked = slack.say(f"somebody said {secrets[2]}")
    slack.shortcut("ask_hr_about_message", channel=picked.channel, ts=picked.ts)
    loop.told("You picked this message")
    slack.click("Ask this")
    loop.idle()
    opened = loop.told("Sent to HR as")
    slack.click("Add something", channel=opened.channel, ts=opened.ts)
    slack.submit({"text": f"also {secrets[3]}"})
    slack.click("Change it", channel=opened.channel, ts=opened.ts)
    slack.submit({"text": f"changed to {secrets[4]}"})
    slack.say(f"add to my question: and {secrets[5]}")
    loop.do(card, "Note")
    slack.submit({"text": f"seen {secrets[6]}"}, user=SAM)
    slack.say(f"in the thread {secrets[7]}", channel=card.channel, thread_ts=card.ts, user=SAM)
    slack.command("/hr-desk", f"search {secrets[8]}", user=SAM)
    loop.whispered("Cases found")
    loop.do(card, "Ask back…")
    slack.submit({"text": "Which one?"}, user=SAM)
    loop.told("Which one?")
    slack.say(f"this: {secrets[9]}")
    loop.idle()
    logged = "".join(capfd.readouterr())
    assert "turn.answered" in logged
    kept = everything_kept(folder) + logged.encode()
    assert b"also [ssn" in kept, "what was written is there, without its numbers"
    assert [secret for secret in secrets if secret.encode() in kept] == []

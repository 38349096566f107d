from __future__ import annotations

import io
from collections.abc import Iterator

import httpx
import pytest
from rich.console import Console
from slack_sdk import WebClient

from bot.sandbox.app import SandboxServer
from bot.sandbox.chat import SandboxRefusedError, SandboxUnreachableError, Terminal, chat
from bot.sandbox.seed import ROBIN

from .app_double import AppDouble
from .block_kit import actions, button, datepicker, modal, section


@pytest.fixture
def terminal(slack: SandboxServer) -> Iterator[Terminal]:
    with httpx.Client(base_url=f"{slack.base_url}/sandbox/") as client:
        yield Terminal(client, Console(file=io.StringIO(), width=80))


def shown(terminal: Terminal) -> str:
    terminal.show_new()
    assert isinstance(terminal.console.file, io.StringIO)
    return terminal.console.file.getvalue()


def test_an_answer_is_printed_once_with_numbered_buttons(
    terminal: Terminal, client: WebClient, slack: SandboxServer, app: AppDouble
) -> None:
    terminal.say("When is payday?")
    assert slack.messages()[-1].text == "When is payday?"
    blocks = [
        section("Every *other* [Friday] &amp; so on"),
        actions(button("Yes"), button("No", "no")),
    ]
    client.chat_postMessage(channel=ROBIN, text="x", blocks=blocks)
    text = shown(terminal)
    assert "Every *other* [Friday] & so on" in text
    assert "1  Yes" in text
    assert "2  No" in text
    assert shown(terminal) == text
    terminal.say("2")
    (got,) = app.wait_for("block_actions")
    assert got.payload["actions"][0]["action_id"] == "no"


def test_a_day_to_pick_is_asked_for_in_words(terminal: Terminal, client: WebClient) -> None:
    client.chat_postMessage(channel=ROBIN, text="x", blocks=[section("First day", **datepicker())])
    text = shown(terminal)
    assert "First day" in text
    assert "type it, such as 2024-03-15" in text


def test_a_changed_message_is_printed_again(terminal: Terminal, client: WebClient) -> None:
    posted = client.chat_postMessage(channel=ROBIN, text="still looking…")
    shown(terminal)
    client.chat_update(channel=posted["channel"], ts=posted["ts"], text="Here it is.")
    assert "Here it is." in shown(terminal)


def test_commands_go_to_the_app(terminal: Terminal, app: AppDouble) -> None:
    terminal.say("/hr dental plan")
    assert app.received[0].payload["text"] == "dental plan"


def test_a_form_is_filled_in_line_by_line(
    terminal: Terminal, client: WebClient, slack: SandboxServer, app: AppDouble
) -> None:
    asked = []

    def ask(label: str) -> str:
        asked.append(label)
        return "yes"

    assert not terminal.fill_in_view(ask)
    trigger_id = slack.workspace.new_trigger(ROBIN)
    client.views_open(
        trigger_id=trigger_id, view=modal(section("Who may see it"), *modal()["blocks"])
    )
    assert "Press Enter to fill it in" in shown(terminal)
    assert terminal.fill_in_view(ask)
    assert asked == ["Answer", "Send? (yes or no)"]
    values = app.wait_for("view_submission")[0].payload["view"]["state"]["values"]
    assert values["answer-block"]["answer"]["value"] == "yes"
    assert slack.open_view() is None


def test_what_slack_refuses_is_a_sentence(terminal: Terminal, slack: SandboxServer) -> None:
    slack.workspace.app.commands = frozenset()
    with pytest.raises(SandboxRefusedError, match="invalid_command"):
        terminal.say("/unknown")


def test_without_a_sandbox_it_says_how_to_start_one() -> None:
    with pytest.raises(SandboxUnreachableError, match="make run"):
        chat("http://127.0.0.1:9")

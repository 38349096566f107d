from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk import WebClient
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.app import SandboxServer
from bot.sandbox.model import RefusedError
from bot.sandbox.seed import ROBIN

from .app_double import AppDouble
from .block_kit import actions, button, modal, section

Json = dict[str, Any]


class SocketApp:
    """A Bolt app on a socket: repeats messages, opens a modal on click, refuses short answers."""

    def __init__(self, slack: SandboxServer) -> None:
        client = WebClient(slack.bot_token, base_url=slack.api_url)
        self.app = App(client=client, signing_secret=slack.signing_secret)
        self.app.message("")(self.repeat)
        self.app.action("open")(self.open)
        self.app.view("answer")(self.submitted)
        self.app.command("/hr")(self.command)
        self.handler = SocketModeHandler(self.app, slack.app_token)

    def repeat(self, event: Json, say: Any) -> None:
        if "bot_id" not in event:
            say(text=f"You said {event['text']}", blocks=[actions(button("Open", "open"))])

    def open(self, ack: Any, body: Json, client: WebClient) -> None:
        ack()
        view = modal(callback_id="answer")
        client.views_open(trigger_id=body["trigger_id"], view=view)

    def submitted(self, ack: Any, view: Json) -> None:
        answer = view["state"]["values"]["answer-block"]["answer"]["value"]
        if len(answer) < 5:
            ack(response_action="errors", errors={"answer-block": "A bit more, please."})
        else:
            ack()

    def command(self, ack: Any, command: Json) -> None:
        ack(text=f"Looking for {command['text']}")


def wait_for_hello(slack: SandboxServer) -> None:
    """A client is connected before the sandbox has said hello and counts its socket."""
    slack.wait_for(lambda w: slack.sandbox.hub.is_connected, 20)


@contextmanager
def connected(slack: SandboxServer) -> Iterator[SocketApp]:
    app = SocketApp(slack)
    app.handler.connect()
    try:
        wait_for_hello(slack)
        yield app
    finally:
        app.handler.close()


def test_a_bolt_app_on_a_socket_gets_everything(slack: SandboxServer, app: AppDouble) -> None:
    with connected(slack):
        slack.say("hello")
        slack.wait_for_message("You said hello")
        assert slack.click("Open").is_ok
        slack.wait_for(lambda w: w.open_view(ROBIN))
        assert slack.submit({"answer": "no"}).errors == {"answer-block": "A bit more, please."}
        assert not slack.submit({"answer": "every Friday"}).is_open
        slack.command("/hr", "dental")
        assert slack.messages()[-1].text == "Looking for dental"
    assert app.received == [], "a connected socket is used instead of the request URL"
    assert all(attempt.over_socket for attempt in slack.workspace.attempts)


def test_the_async_handler_works_too(slack: SandboxServer) -> None:
    async def run() -> None:
        client = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
        app = AsyncApp(client=client, signing_secret=slack.signing_secret)
        answered = asyncio.Event()

        @app.event("message")
        async def repeat(event: Json, say: Any) -> None:
            if "bot_id" not in event:
                await say(f"You said {event['text']}")
                answered.set()

        handler = AsyncSocketModeHandler(app, slack.app_token)
        await handler.connect_async()
        await asyncio.to_thread(wait_for_hello, slack)
        await asyncio.to_thread(slack.say, "hello")
        await asyncio.wait_for(answered.wait(), 10)
        await handler.close_async()

    asyncio.run(run())
    slack.wait_for_message("You said hello")


def test_without_a_socket_the_request_url_is_used_again(
    slack: SandboxServer, app: AppDouble
) -> None:
    with connected(slack):
        pass
    slack.wait_for(lambda w: not slack.sandbox.hub.is_connected)
    slack.say("hello")
    assert app.wait_for("message")


def test_after_a_refresh_the_app_comes_back(slack: SandboxServer) -> None:
    with connected(slack):
        opened = len(slack.calls("apps.connections.open"))
        slack.refresh_sockets()
        slack.wait_for(lambda w: len(slack.calls("apps.connections.open")) > opened, 20)
        slack.wait_for(lambda w: slack.sandbox.hub.is_connected, 20)
        slack.say("still there?")
        slack.wait_for_message("You said still there?", timeout=20)


def test_an_envelope_that_is_not_acknowledged_is_sent_again() -> None:
    with SandboxServer(manifest=None, timeout=0.2) as slack, connected(slack) as app:
        seen = []

        def listener(client: Any, request: Any) -> None:
            seen.append((request.retry_attempt, request.retry_reason))

        app.handler.client.socket_mode_request_listeners = [listener]
        slack.say("hello")
        slack.wait_for(lambda w: len(w.attempts) == 4)
        assert seen == [(0, ""), (1, "timeout"), (2, "timeout"), (3, "timeout")]


@pytest.mark.parametrize("ticket", ["unknown", "used"])
def test_a_socket_needs_a_fresh_ticket(slack: SandboxServer, ticket: str) -> None:
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    url = f"{slack.base_url}/socket/{ticket}"
    assert httpx.get(url, headers=headers).status_code == 403


def test_blocks_on_a_socket_are_checked_too(slack: SandboxServer) -> None:
    with connected(slack) as app:
        app.app.command("/bad")(lambda ack: ack(text="x", blocks=[section("")]))
        with pytest.raises(RefusedError, match="invalid_blocks"):
            slack.command("/bad")

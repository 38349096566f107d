from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import uvicorn
from prometheus_client import REGISTRY
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.gateway.outbox import RefusedError, TryLaterError
from bot.gateway.slack import client
from bot.gateway.slack.client import Posted, Slack, web_client
from bot.gateway.wording import Wording
from bot.sandbox.app import SandboxServer
from bot.sandbox.seed import ARCHIVED, BOT, GENERAL, HR_CHANNEL, ROBIN

KEY = "reply:turn:1"


def run(call: Awaitable[Any]) -> Any:
    async def main() -> Any:
        return await call

    return asyncio.run(main())


def post(slack: Slack, channel: str, key: str = KEY, **more: Any) -> Posted:
    values = {"text": "Half of it.", "blocks": None, **more}
    return run(slack.post(channel=channel, delivery_key=key, **values))


def long_ago() -> datetime:
    return datetime.now(timezone.utc) - timedelta(hours=1)


def test_a_message_is_posted_with_its_key(sandbox: SandboxServer, slack: Slack) -> None:
    posted = post(slack, sandbox.dm())
    (message,) = sandbox.messages()
    assert (posted.channel, posted.ts) == (sandbox.dm(), message.ts)
    assert message.metadata["event_payload"] == {"key": KEY}


def test_what_is_plain_text_rings_nobody(sandbox: SandboxServer, slack: Slack) -> None:
    posted = post(slack, GENERAL, text="<!channel> R&D")
    assert sandbox.messages(GENERAL)[-1].text == "&lt;!channel&gt; R&amp;D"
    run(slack.update(channel=GENERAL, ts=posted.ts, text="<@U1>", blocks=[]))
    assert sandbox.messages(GENERAL)[-1].text == "&lt;@U1&gt;"


def test_too_many_requests_are_waited_out(sandbox: SandboxServer, slack: Slack) -> None:
    sandbox.faults.rate_limit("chat.postMessage", retry_after=17)
    with pytest.raises(TryLaterError) as caught:
        post(slack, sandbox.dm())
    assert (caught.value.seconds, caught.value.uncertain) == (17.0, False)
    assert sandbox.messages() == []


@pytest.mark.parametrize("status", [500, 502, 503])
def test_after_a_server_error_it_may_have_arrived(
    sandbox: SandboxServer, slack: Slack, status: int
) -> None:
    sandbox.faults.server_error("chat.postMessage", status=status)
    with pytest.raises(TryLaterError) as caught:
        post(slack, sandbox.dm())
    assert caught.value.uncertain


@pytest.mark.parametrize("code", ["internal_error", "fatal_error", "service_unavailable"])
def test_slacks_own_trouble_passes(sandbox: SandboxServer, slack: Slack, code: str) -> None:
    sandbox.faults.error("chat.postMessage", code)
    with pytest.raises(TryLaterError) as caught:
        post(slack, sandbox.dm())
    assert (caught.value.reason, caught.value.uncertain) == (code, True)


@pytest.mark.parametrize("code", ["invalid_auth", "token_revoked", "missing_scope"])
def test_refused_credentials_are_a_matter_for_people(
    sandbox: SandboxServer, slack: Slack, code: str
) -> None:
    sandbox.faults.error("chat.postMessage", code)
    with pytest.raises(TryLaterError) as caught:
        post(slack, sandbox.dm())
    assert (caught.value.seconds, caught.value.uncertain) == (30.0, False)


def test_what_slack_refuses_is_refused(sandbox: SandboxServer, slack: Slack) -> None:
    for channel, reason in (("C0NOWHERE01", "channel_not_found"), (ARCHIVED, "is_archived")):
        with pytest.raises(RefusedError) as caught:
            post(slack, channel)
        assert caught.value.reason == reason


def test_a_cut_connection_posts_once_and_the_message_is_found_again(
    sandbox: SandboxServer, slack: Slack
) -> None:
    sandbox.faults.cut("chat.postMessage")
    with pytest.raises(TryLaterError) as caught:
        post(slack, sandbox.dm())
    assert caught.value.uncertain
    (message,) = sandbox.messages()
    found = post(slack, sandbox.dm(), unknown_since=long_ago())
    assert found.ts == message.ts
    assert len(sandbox.messages()) == 1
    assert len(sandbox.calls("chat.postMessage")) == 1


def test_what_did_not_arrive_is_posted_then(sandbox: SandboxServer, slack: Slack) -> None:
    post(slack, sandbox.dm(), key="another")
    post(slack, sandbox.dm(), unknown_since=long_ago())
    assert [m.metadata["event_payload"]["key"] for m in sandbox.messages()] == ["another", KEY]


def test_it_is_found_in_a_thread(sandbox: SandboxServer, slack: Slack) -> None:
    parent = sandbox.say("hello", channel=GENERAL)
    first = post(slack, GENERAL, thread=parent.ts)
    assert post(slack, GENERAL, thread=parent.ts, unknown_since=long_ago()) == first
    assert len(sandbox.calls("chat.postMessage")) == 1


def test_it_is_found_behind_many_later_messages(sandbox: SandboxServer, slack: Slack) -> None:
    first = post(slack, GENERAL)
    for number in range(120):
        sandbox.say(f"message {number}", channel=GENERAL)
    assert post(slack, GENERAL, unknown_since=long_ago()) == first
    assert len(sandbox.calls("conversations.history")) == 2


@pytest.mark.parametrize("place", ["channel", "thread"])
def test_it_is_found_whatever_our_clock_said(
    sandbox: SandboxServer, slack: Slack, place: str
) -> None:
    parent = sandbox.say("hello", channel=GENERAL) if place == "thread" else None
    where = {"thread": parent.ts if parent else None}
    first = post(slack, GENERAL, **where)
    ahead = datetime.now(timezone.utc) + timedelta(days=1)
    assert post(slack, GENERAL, unknown_since=ahead, **where) == first


def test_a_channels_past_is_not_read_to_its_beginning(
    sandbox: SandboxServer, slack: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "HISTORY_LIMIT", 2)
    monkeypatch.setattr(client, "SETTLE_SECONDS", 0.0)
    for number in range(5):
        sandbox.say(f"talk {number}", channel=GENERAL)
    later = datetime.now(timezone.utc) + timedelta(seconds=client.CLOCKS_DIFFER_SECONDS + 5)
    post(slack, GENERAL, unknown_since=later)
    assert len(sandbox.calls("conversations.history")) == 2, "one page, looked at twice"


def test_what_arrives_while_we_look_is_not_posted_again(
    sandbox: SandboxServer, slack: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def arrive() -> Posted:
        looking = asyncio.create_task(
            slack.post(
                channel=GENERAL,
                text="",
                blocks=None,
                delivery_key=KEY,
                unknown_since=long_ago(),
            )
        )
        while not sandbox.calls("conversations.history"):
            await asyncio.sleep(0.01)
        # The rest of a request that another process had begun.
        first = await slack.post(channel=GENERAL, text="once", blocks=None, delivery_key=KEY)
        assert await looking == first
        return first

    monkeypatch.setattr(client, "SETTLE_SECONDS", 0.3)
    run(arrive())
    assert [m.text for m in sandbox.messages(GENERAL)] == ["once"]


def test_while_looking_fails_nothing_is_posted(sandbox: SandboxServer, slack: Slack) -> None:
    sandbox.faults.server_error("conversations.history")
    with pytest.raises(TryLaterError):
        post(slack, sandbox.dm(), unknown_since=long_ago())
    assert sandbox.calls("chat.postMessage") == []


def test_where_we_may_not_look_the_message_is_posted(sandbox: SandboxServer, slack: Slack) -> None:
    sandbox.faults.error("conversations.history", "not_in_channel")
    post(slack, sandbox.dm(), unknown_since=long_ago())
    assert len(sandbox.messages()) == 1


def test_a_thread_can_be_shown_in_its_channel_too(sandbox: SandboxServer, slack: Slack) -> None:
    parent = post(slack, HR_CHANNEL, key="card")
    post(slack, HR_CHANNEL, thread=parent.ts, broadcast=True)
    post(slack, HR_CHANNEL, key="quiet", thread=parent.ts)
    shown = [m.reply_broadcast for m in sandbox.workspace.from_bot(HR_CHANNEL)]
    assert shown == [False, True, False]


def test_slack_takes_too_long(sandbox: SandboxServer, wording: Wording) -> None:
    impatient = AsyncWebClient(
        sandbox.bot_token, base_url=sandbox.api_url, timeout=0.2, retry_handlers=[]
    )
    sandbox.faults.hang("chat.postMessage")
    with pytest.raises(TryLaterError) as caught:
        post(Slack(impatient, wording), sandbox.dm())
    assert caught.value.uncertain


def test_slack_is_out_of_reach(wording: Wording) -> None:
    slack = Slack(web_client("xoxb-1", "http://127.0.0.1:1/api/"), wording)
    with pytest.raises(TryLaterError):
        post(slack, "D1")
    assert run(slack.identity()) is None
    assert run(slack.permalink("C1", "1.000001")) is None


def test_who_we_are_is_asked_until_it_is_known(sandbox: SandboxServer, slack: Slack) -> None:
    sandbox.faults.error("auth.test", "invalid_auth")
    assert run(slack.identity()) is None
    assert run(slack.identity()).user == BOT
    assert run(slack.identity()).team == sandbox.workspace.team_id
    assert len(sandbox.calls("auth.test")) == 2


def test_direct_messages_and_links(sandbox: SandboxServer, slack: Slack) -> None:
    assert run(slack.direct_channel(ROBIN)) == sandbox.dm(ROBIN)
    said = sandbox.say("hello", channel=GENERAL)
    assert GENERAL in run(slack.permalink(GENERAL, said.ts))
    assert run(slack.permalink(GENERAL, "1.000001")) is None


# What isn't Slack's answer at all


class Proxy:
    """Stands between us and Slack, and says something of its own."""

    url = ""
    status, kind, body, headers = 200, "text/html", "", {}

    async def endpoint(self, request: Request) -> Response:
        return Response(self.body, self.status, self.headers, media_type=self.kind)


@pytest.fixture(scope="module")
def proxy() -> Iterator[Proxy]:
    found = Proxy()
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    found.url = f"http://127.0.0.1:{listener.getsockname()[1]}/api/"
    app = Starlette(routes=[Route("/api/{name}", found.endpoint, methods=["GET", "POST"])])
    server = uvicorn.Server(uvicorn.Config(app, ws="none", log_config=None, lifespan="off"))
    thread = threading.Thread(target=lambda: server.run(sockets=[listener]), daemon=True)
    thread.start()
    yield found
    server.should_exit = True
    thread.join(10)


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        (200, "text/html", "<html>Sign in to the guest network</html>"),
        (200, "text/plain", "hello"),
        (200, "application/json", "<html>"),
        (200, "application/json", ""),
        (200, "application/json", "[]"),
        (403, "text/html", "blocked"),
        (404, "text/plain", "nothing here"),
        (502, "application/json", "<html>"),
        (500, "text/html", "<html>"),
    ],
)
def test_a_proxys_page_is_no_refusal(
    proxy: Proxy, wording: Wording, status: int, kind: str, body: str
) -> None:
    proxy.status, proxy.kind, proxy.body, proxy.headers = status, kind, body, {}
    slack = Slack(web_client("xoxb-1", proxy.url), wording)
    with pytest.raises(TryLaterError) as caught:
        post(slack, "D1")
    assert caught.value.uncertain
    assert run(slack.identity()) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({}, 1.0), ({"Retry-After": "5"}, 5.0), ({"Retry-After": "Wed, 21 Oct"}, 1.0)],
)
def test_too_many_requests_whatever_the_header_says(
    proxy: Proxy, wording: Wording, headers: dict[str, str], seconds: float
) -> None:
    proxy.status, proxy.kind, proxy.body, proxy.headers = 429, "text/html", "slow", headers
    with pytest.raises(TryLaterError) as caught:
        post(Slack(web_client("xoxb-1", proxy.url), wording), "D1")
    assert (caught.value.seconds, caught.value.uncertain) == (seconds, False)


def test_what_goes_wrong_is_counted_by_method_and_error(
    sandbox: SandboxServer, slack: Slack
) -> None:
    def counted(error: str) -> float:
        labels = {"method": "chat.postMessage", "error": error}
        return REGISTRY.get_sample_value("hrbot_slack_errors_total", labels) or 0.0

    errors = ["ratelimited", "channel_not_found", "ServerDisconnectedError"]
    before = [counted(error) for error in errors]
    sandbox.faults.rate_limit("chat.postMessage")
    with pytest.raises(TryLaterError):
        post(slack, sandbox.dm())
    with pytest.raises(RefusedError):
        post(slack, "C0NOWHERE01")
    sandbox.faults.cut("chat.postMessage")
    with pytest.raises(TryLaterError):
        post(slack, sandbox.dm())
    post(slack, sandbox.dm())
    assert [counted(error) - b for error, b in zip(errors, before, strict=True)] == [1, 1, 1]

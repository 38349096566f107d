from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from slack_sdk import WebClient

from bot.sandbox.app import SandboxServer
from bot.sandbox.seed import GENERAL, HR_CHANNEL, ROBIN, SAM

from .app_double import AppDouble
from .block_kit import actions, button, modal

Json = dict[str, Any]


@pytest.fixture
def control(slack: SandboxServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{slack.base_url}/sandbox/") as client:
        yield client


def post(control: httpx.Client, path: str, **body: Any) -> Json:
    return control.post(path, json=body).json()


def test_a_conversation_over_the_control_routes(
    control: httpx.Client, client: WebClient, app: AppDouble
) -> None:
    said = post(control, "say", user=ROBIN, text="hello")
    assert said["ok"]
    post(control, "edit", user=ROBIN, channel=said["channel"], ts=said["ts"], text="hello again")
    blocks = [actions(button("Go"))]
    client.chat_postMessage(channel=ROBIN, text="x", blocks=blocks)
    clicked = post(control, "click", user=ROBIN, text="Go")
    assert clicked == {"ok": True, "acknowledged": True, "reason": None}
    seen = control.get("messages", params={"user": ROBIN}).json()["messages"]
    assert [(m["name"], m["text"]) for m in seen] == [
        ("Robin Reed", "hello again"),
        ("HR Assistant", "x"),
    ]
    post(control, "delete", user=ROBIN, channel=said["channel"], ts=said["ts"])
    assert len(control.get("messages", params={"user": ROBIN}).json()["messages"]) == 1


def test_where_the_careers_page_is_is_told_once_it_is_there(
    control: httpx.Client, slack: SandboxServer
) -> None:
    assert control.get("careers").json() == {"ok": True, "url": None}
    slack.request_url = f"{slack.base_url}/sandbox/slack/events"
    assert control.get("careers").json()["url"] is None
    policy = control.get("").headers["content-security-policy"]
    assert f"frame-src {slack.base_url}/careers;" in policy


def test_a_modal_over_the_control_routes(
    control: httpx.Client, client: WebClient, slack: SandboxServer
) -> None:
    for _ in range(2):
        trigger_id = slack.workspace.new_trigger(SAM)
        client.views_open(trigger_id=trigger_id, view=modal(private_metadata="secret"))
        view = control.get("view", params={"user": SAM}).json()["view"]
        assert view["title"]["text"] == "Answer"
        assert "private_metadata" not in view
    assert post(control, "submit", user=SAM)["errors"]
    assert post(control, "submit", user=SAM, values={"answer": "yes"})["is_open"] is False
    assert post(control, "close", user=SAM)["error"] == "no_open_view"


def test_commands_shortcuts_and_the_home_tab(control: httpx.Client, app: AppDouble) -> None:
    assert post(control, "command", user=ROBIN, command="/hr", text="x")["acknowledged"]
    assert post(control, "shortcut", user=ROBIN, callback_id="ask")["acknowledged"]
    assert post(control, "home", user=ROBIN)["ok"]
    app.wait_for("app_home_opened")
    assert control.get("home", params={"user": ROBIN}).json()["view"] is None


def test_calls_and_attempts_are_told(
    control: httpx.Client, client: WebClient, slack: SandboxServer
) -> None:
    client.auth_test()
    slack.say("hello")
    slack.wait_for(lambda w: w.attempts)
    calls = control.get("calls", params={"method": "auth.test"}).json()["calls"]
    assert [call["method"] for call in calls] == ["auth.test"]
    attempts = control.get("attempts").json()["attempts"]
    assert attempts[0]["error"] is None


def test_faults_over_http(control: httpx.Client, client: WebClient, slack: SandboxServer) -> None:
    fault = {"kind": "rate_limited", "retry_after": 3}
    assert post(control, "faults", method="auth.test", fault=fault, times=2)["ok"]
    answer = httpx.post(slack.api_url + "auth.test")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3")
    assert post(control, "faults", clear=True)["ok"]
    assert client.auth_test()["ok"]
    assert post(control, "faults", method="x", fault={"sort": 1})["error"] == "invalid_fault"
    assert post(control, "faults", duplicate_events=3, times=1, reorder_events=2)["ok"]
    assert slack.faults.next_copies() == 3
    assert slack.faults.next_reorder() == 2


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        ("say", {"text": "x"}, "missing_argument"),
        ("say", {"user": ROBIN, "text": "x", "channel": HR_CHANNEL}, "not_in_channel"),
        ("say", {"user": ROBIN, "text": ""}, "no_text"),
        ("click", {"user": ROBIN, "text": "Nothing"}, "no_such_button"),
    ],
)
def test_what_a_person_cannot_do_is_a_400(
    control: httpx.Client, path: str, body: Json, error: str
) -> None:
    answer = control.post(path, json=body)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_nobody_reads_a_channel_they_are_not_in(control: httpx.Client) -> None:
    query = {"user": ROBIN, "channel": HR_CHANNEL}
    assert control.get("messages", params=query).json()["error"] == "channel_not_found"


def test_forms_of_foreign_pages_are_refused(control: httpx.Client) -> None:
    answer = control.post("say", data={"user": ROBIN, "text": "x"})
    assert answer.status_code == 415
    assert control.post("say", content="{", headers={"Content-Type": "application/json"}).json()[
        "error"
    ] == ("invalid_json")


def test_another_host_name_is_refused(control: httpx.Client) -> None:
    answer = control.get("people", headers={"Host": "evil.example"})
    assert answer.status_code == 400


def test_the_stream_tells_of_every_change(control: httpx.Client, slack: SandboxServer) -> None:
    with control.stream("GET", "stream") as stream:
        lines = (line for line in stream.iter_lines() if line.startswith("data:"))
        first = next(lines)
        slack.say("hello", channel=GENERAL)
        assert next(lines) != first


def test_trouble_with_the_gateway_is_a_sentence(
    control: httpx.Client, slack: SandboxServer
) -> None:
    assert control.get("health").json()["trouble"] is None
    slack.request_url = "http://127.0.0.1:9/slack/events"
    slack.say("hello")
    slack.wait_for(lambda w: w.attempts)
    assert control.get("health").json()["trouble"] == "The gateway is not reachable."


def test_the_page_comes_with_its_headers(control: httpx.Client, slack: SandboxServer) -> None:
    page = control.get("")
    assert "Nothing leaves this machine" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert httpx.get(slack.base_url, follow_redirects=True).url.path == "/sandbox/"
    assert httpx.get(f"{slack.base_url}/healthz").json() == {"ok": True}

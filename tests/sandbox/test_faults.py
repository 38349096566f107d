from __future__ import annotations

import time
from http.client import RemoteDisconnected

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from bot.sandbox.app import SandboxServer
from bot.sandbox.seed import GENERAL


@pytest.fixture
def bare(slack: SandboxServer) -> WebClient:
    """A client that never tries again by itself."""
    return WebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[], timeout=1)


def post(client: WebClient) -> None:
    client.chat_postMessage(channel=GENERAL, text="hello")


def test_a_rate_limit_tells_when_to_come_back(bare: WebClient, slack: SandboxServer) -> None:
    slack.faults.rate_limit("chat.postMessage", retry_after=7)
    with pytest.raises(SlackApiError) as caught:
        post(bare)
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "7"
    post(bare)
    assert len(slack.messages(GENERAL)) == 1


def test_the_sdks_own_retry_gets_through(slack: SandboxServer) -> None:
    slack.faults.rate_limit("chat.postMessage", times=2, retry_after=0)
    patient = WebClient(
        slack.bot_token,
        base_url=slack.api_url,
        retry_handlers=[RateLimitErrorRetryHandler(max_retry_count=2)],
    )
    post(patient)
    assert [call.status for call in slack.calls("chat.postMessage")] == [429, 429, 200]


def test_a_server_error_has_no_body(slack: SandboxServer) -> None:
    slack.faults.server_error("auth.test", status=503)
    answer = httpx.post(slack.api_url + "auth.test")
    assert (answer.status_code, answer.text) == (503, "")


def test_an_error_comes_with_status_200(bare: WebClient, slack: SandboxServer) -> None:
    slack.faults.error("chat.postMessage", "internal_error")
    with pytest.raises(SlackApiError) as caught:
        post(bare)
    assert caught.value.response.status_code == 200
    assert caught.value.response["error"] == "internal_error"
    assert slack.messages(GENERAL) == []


def test_a_hanging_call_does_nothing(bare: WebClient, slack: SandboxServer) -> None:
    slack.faults.hang("chat.postMessage")
    with pytest.raises(TimeoutError):
        post(bare)
    assert slack.messages(GENERAL) == []


def test_a_hanging_call_does_not_keep_the_sandbox_from_stopping() -> None:
    slack = SandboxServer(manifest=None).start()
    slack.faults.hang("auth.test", seconds=60)
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(slack.api_url + "auth.test", timeout=0.1)
    began = time.monotonic()
    slack.stop()
    assert time.monotonic() - began < 10


def test_a_cut_connection_has_done_its_work(bare: WebClient, slack: SandboxServer) -> None:
    slack.faults.cut("chat.postMessage")
    with pytest.raises((RemoteDisconnected, ConnectionError)):
        post(bare)
    assert [message.text for message in slack.messages(GENERAL)] == ["hello"]
    slack.wait_for(lambda w: slack.calls("chat.postMessage"))
    assert slack.calls("chat.postMessage")[0].error == "connection_cut"


def test_a_fault_for_any_method_comes_after_one_for_this(
    bare: WebClient, slack: SandboxServer
) -> None:
    slack.faults.error("*", "for_any")
    slack.faults.error("auth.test", "for_this")
    errors = []
    for _ in range(2):
        with pytest.raises(SlackApiError) as caught:
            bare.auth_test()
        errors.append(caught.value.response["error"])
    assert errors == ["for_this", "for_any"]
    assert bare.auth_test()["ok"]


def test_faults_can_be_forgotten(bare: WebClient, slack: SandboxServer) -> None:
    slack.faults.error("*", "x", times=9)
    slack.faults.duplicate_events(5)
    slack.faults.reorder_events(5)
    slack.faults.clear()
    assert bare.auth_test()["ok"]
    assert slack.faults.next_copies() == 1
    assert slack.faults.next_reorder() == 0


def test_a_silent_call_has_done_its_work_too(bare: WebClient, slack: SandboxServer) -> None:
    slack.faults.silence("chat.postMessage")
    with pytest.raises(TimeoutError):
        post(bare)
    assert [message.text for message in slack.messages(GENERAL)] == ["hello"]

"""The gateway's own pages: health, readiness, metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.gateway.app import create_app
from bot.safe_settings import fresh_secrets
from bot.settings import load_settings

from ..privacy.planted import SSN
from .servers import reply
from .slack.desk_loop import DeskLoop, desk_loop

TOKEN = "a-token-for-metrics"
NEXT_TOKEN = "the-next-token-for-metrics"
TEXT = f"Kumquat, my ssn is {SSN}"


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskLoop]:
    with desk_loop(tmp_path_factory.mktemp("app")) as running:
        yield running


def get(loop: DeskLoop, path: str) -> httpx.Response:
    return httpx.get(loop.slack.request_url.replace("/slack/events", path))


def counted(loop: DeskLoop) -> dict[tuple[str, ...], float]:
    families = text_string_to_metric_families(get(loop, "/metrics").text)
    return {
        (sample.name, *(v for _, v in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def test_alive_and_ready(loop: DeskLoop) -> None:
    assert get(loop, "/healthz").json() == {"status": "ok"}
    found = get(loop, "/readyz")
    assert (found.status_code, found.json()["missing"]) == (200, [])
    checks = found.json()["checks"]
    assert checks["assistants"][0]["model"] == "hrbot-1.tar.gz"
    assert all(check["ok"] for name, check in checks.items() if name != "assistants")


def test_not_ready_says_why(loop: DeskLoop) -> None:
    before = loop.assistant.status
    loop.assistant.status = (503, {"ready": False, "actions": True})
    try:
        found = get(loop, "/readyz")
    finally:
        loop.assistant.status = before
    assert found.status_code == 503
    assert found.json()["missing"] == ["the assistant does not answer"]


def test_a_turn_is_counted_on_its_way(loop: DeskLoop) -> None:
    before = counted(loop)
    loop.assistant.answer = lambda body: reply()
    loop.slack.say(TEXT)
    loop.slack.wait_for_message("Half of it.")
    loop.idle()
    after = counted(loop)
    for key in (
        ("hrbot_inbox_accepted_total", "message"),
        ("hrbot_turns_total", "employee", "answer", "faq"),
        ("hrbot_final_reply_seconds_count", "employee"),
        ("hrbot_outbox_deliveries_total", "reply", "sent"),
        ("hrbot_redactions_total", "ssn"),
    ):
        assert after.get(key, 0) - before.get(key, 0) == 1, key
    acknowledged = ("hrbot_acknowledgement_seconds_count", "http")
    assert after[acknowledged] > before.get(acknowledged, 0)


def test_metrics_hold_nothing_that_anybody_said_or_is(loop: DeskLoop) -> None:
    loop.assistant.answer = lambda body: reply()
    loop.slack.say(TEXT)
    loop.slack.wait_for_message("Half of it.")
    found = get(loop, "/metrics").text
    assert "Kumquat" not in found
    labels = {name for line in found.splitlines() for name in _labels(line)}
    assert labels <= {
        "kind", "way", "le", "decision", "audience", "outcome", "queue", "method", "error",
        "reason", "assistant", "model", "status", "generation", "implementation", "major", "minor",
        "patchlevel", "version",
    }  # fmt: skip


def _labels(line: str) -> list[str]:
    if line.startswith("#") or "{" not in line:
        return []
    inside = line.split("{")[1].split("}")[0]
    return [part.split("=")[0] for part in inside.split(",")]


def status(folder: Path, header: str | None, *, host: str = "127.0.0.1", **environ: str) -> int:
    """Ask an app for its metrics from `host`; return the status."""
    settings = load_settings({"HRBOT_VAR_DIR": str(folder), **environ}, folder / "none.env")
    transport = httpx.ASGITransport(create_app(settings), client=(host, 5))

    async def ask() -> int:
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            headers = {"Authorization": header} if header else {}
            return (await client.get("/metrics", headers=headers)).status_code

    return asyncio.run(ask())


PRODUCTION = {
    **fresh_secrets(),
    "HRBOT_ENV": "production",
    "SLACK_BOT_TOKEN": "xoxb-real",
    "SLACK_SIGNING_SECRET": "8f742231b10e8888abcd99yyyzzz85a5",
    "SLACK_API_URL": "http://127.0.0.1:1/api/",
    "SLACK_HR_CHANNEL": "C0HR",
    "SLACK_HR_SENSITIVE_CHANNEL": "C0FEW",
}


@pytest.mark.parametrize("token", [TOKEN, NEXT_TOKEN])
def test_with_a_token_set_it_opens_metrics_from_anywhere(tmp_path: Path, token: str) -> None:
    both = f"{TOKEN},{NEXT_TOKEN}"
    given = f"Bearer {token}"
    assert status(tmp_path, given, host="10.0.0.9", METRICS_TOKEN=both, **PRODUCTION) == 200


@pytest.mark.parametrize("header", [None, "Bearer wrong", TOKEN, "Bearer "])
def test_nothing_else_opens_them_then(tmp_path: Path, header: str | None) -> None:
    assert status(tmp_path, header, METRICS_TOKEN=TOKEN) == 404


def test_without_a_token_only_a_developers_own_machine_sees_them(tmp_path: Path) -> None:
    assert status(tmp_path, None) == 200
    assert status(tmp_path, None, host="10.0.0.9") == 404
    assert status(tmp_path, None, **PRODUCTION) == 404

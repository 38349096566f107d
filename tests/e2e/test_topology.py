"""What a larger employer runs: two gateways and two assistants over PostgreSQL and Redis."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from bot.db.models import InboxRow
from bot.sandbox.app import SandboxServer
from bot.sandbox.seed import CASEY, DANA, GENERAL, ROBIN, SAM
from bot.settings import load_settings
from bot.training import model_path
from tests.conftest import HAS_POSTGRESQL, new_database
from tests.e2e.stack import Stack, free_port

REDIS = os.environ.get("HRBOT_TEST_REDIS", "redis://127.0.0.1:6379/9")
FULL = os.environ.get("HRBOT_TEST_FULL") == "1"
ROUNDS = 25 if FULL else 1
PEOPLE = (ROBIN, CASEY, SAM, DANA)
QUESTIONS = {
    "when is payday?": "Payday is",
    "which programs help me pay for my RN?": "Tuition assistance",
    "is dental covered?": "Prairie Dental",
}
SECONDS = 600 if FULL else 60


def _redis_answers() -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", 6379), timeout=2):
        return True
    return False


pytestmark = pytest.mark.skipif(
    not (HAS_POSTGRESQL and _redis_answers()), reason="no PostgreSQL or no Redis answers here"
)


@pytest.fixture(scope="module")
def stack(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Give the product as `hrbot run` runs it, with Slack in front of both gateways in turn."""
    folder = tmp_path_factory.mktemp("topology")
    secret = "a-signing-secret-of-the-test"
    with (
        new_database("postgresql", folder) as url,
        SandboxServer(signing_secret=secret, bot_token="xoxb-of-the-test") as slack,
    ):
        port = two_free_ports()
        environment = {
            "PATH": os.environ["PATH"],
            "HRBOT_VAR_DIR": str(folder),
            "DATABASE_URL": url,
            "REDIS_URL": REDIS,
            "SLACK_BOT_TOKEN": "xoxb-of-the-test",
            "SLACK_SIGNING_SECRET": secret,
            "SLACK_API_URL": slack.api_url,
            "SLACK_HR_CHANNEL": "C0HRQUEST01",
            "SLACK_HR_SENSITIVE_CHANNEL": "C0HRRELATE1",
            "GATEWAY_PORT": str(port),
            "ASSISTANT_URL": f"http://127.0.0.1:{free_port()},http://127.0.0.1:{free_port()}",
            "ACTIONS_URL": f"http://127.0.0.1:{free_port()}",
        }
        settings = load_settings(environment, folder / "none.env")
        (folder / "models").mkdir()
        shutil.copy(model, model_path(settings))
        slack.request_url = ",".join(f"http://127.0.0.1:{p}/slack/events" for p in (port, port + 1))
        stack = Stack(settings, slack, {**environment, **settings.environment()}, model)
        with open(folder / "run.log", "wb") as log:
            stack.children["run"] = subprocess.Popen(
                [sys.executable, "-m", "bot", "run", "--gateways", "2"],
                env=stack.environment,
                stdout=log,
                stderr=log,
            )
        try:
            for gateway in (port, port + 1):
                stack.wait_until_ready(f"http://127.0.0.1:{gateway}")
            yield stack
        finally:
            stack.stop()


def two_free_ports() -> int:
    """Return a port that is free together with the one after it."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            with contextlib.suppress(OSError):
                second.bind(("127.0.0.1", port + 1))
                return port


def turns_of(stack: Stack, process: str, event: str) -> set[str]:
    """Return the turns of which a process has logged this event."""
    log = stack.settings.var_dir / "logs" / f"{process}.log"
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    return {line["turn_id"] for line in lines if line["event"] == event}


def test_all_take_part_and_everybody_is_answered_once_in_order(stack: Stack) -> None:
    first = {}
    for round_ in range(ROUNDS):
        for question in QUESTIONS:
            for user in PEOPLE:
                said = stack.slack.say(question, user=user)
                first.setdefault(user, said)
        if FULL:
            wait_until_taken(stack, (round_ + 1) * len(QUESTIONS) * len(PEOPLE))
        if FULL and round_ == 5:
            kill(stack, "assistant")
        if FULL and round_ == 15:
            # As a proxy that has seen it.
            stack.slack.request_url = stack.slack.request_url.split(",")[1]
            kill(stack, "gateway")
    # Each thread is a conversation of its own: so many are shared out to both assistants.
    threads = [
        stack.slack.say("@HR Assistant when is payday?", channel=GENERAL, user=user)
        for user in PEOPLE * 3
    ]
    stack.slack.wait_for(
        lambda _: all(
            len(stack.replies_after(first[u])) >= ROUNDS * len(QUESTIONS) for u in PEOPLE
        ),
        SECONDS,
    )
    wait_until_taken(stack, ROUNDS * len(QUESTIONS) * len(PEOPLE) + len(threads))
    stack.wait_until_idle()
    for thread in threads:
        (reply,) = [m for m in stack.replies_after(thread) if m.thread_ts == thread.ts]
        assert "Payday is" in reply.text
    expected = list(QUESTIONS.values()) * ROUNDS
    for user in PEOPLE:
        replies = stack.replies_after(first[user])
        assert len(replies) == len(expected)
        assert all(words in r.text for words, r in zip(expected, replies, strict=True)), user
    for names, event in (
        (("gateway", "gateway-2"), "inbox.accepted"),
        (("gateway", "gateway-2"), "turn.answered"),
        (("assistant", "assistant-2"), "turn.done"),
    ):
        one, two = (turns_of(stack, name, event) for name in names)
        assert one, event
        assert two, event
        # Killed processes may have begun what others then did.
        assert FULL or not one & two, event


def test_both_gateways_see_both_assistants_and_the_same_queues(stack: Stack) -> None:
    for number in (0, 1):
        url = f"http://127.0.0.1:{stack.settings.gateway_port + number}"
        checks = httpx.get(f"{url}/readyz").json()["checks"]
        assert [a["ok"] for a in checks["assistants"]] == [True, True]
        assert checks["inbox"]["pending"] == checks["outbox"]["pending"] == 0


def test_one_signal_stops_them_all(stack: Stack) -> None:
    ours = children(stack)
    assert len(ours) == 5
    assert stack.stop() == {"run": 0}
    assert [pid for pid in ours if Path(f"/proc/{pid}").exists()] == []


def wait_until_taken(stack: Stack, count: int) -> None:
    """Wait until so many messages have been acknowledged."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with stack.database.read() as session:
            if session.scalar(select(func.count(InboxRow.id))) >= count:
                return
        time.sleep(0.02)
    raise TimeoutError(f"fewer than {count} messages were taken in")


def children(stack: Stack) -> dict[int, str]:
    """Return the process ids of what `hrbot run` has started, with their command."""
    pid = stack.children["run"].pid
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    words = {int(p): Path(f"/proc/{p}/cmdline").read_bytes().split(b"\0") for p in found}
    return {p: command[3].decode() for p, command in words.items()}


def kill(stack: Stack, name: str) -> None:
    """End one process as a power cut would; `hrbot run` starts it again."""
    os.kill(next(pid for pid, command in children(stack).items() if command == name), 9)

"""The whole product as real processes on free ports, with the local Slack in this process."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import httpx
from filelock import FileLock
from slack_sdk.signature import SignatureVerifier
from sqlalchemy import select

from bot.db.models import InboxRow, OutboxRow, TurnLog
from bot.db.session import Database
from bot.prepare import prepare_database
from bot.sandbox.app import SandboxServer
from bot.sandbox.model import Message
from bot.settings import Settings, load_settings
from bot.training import model_path

START_SECONDS = 90
REPLY_SECONDS = 30
HOLDING = "Still looking"
PROCESSES = ("actions", "assistant", "gateway")


@dataclass
class Stack:
    """A running product."""

    settings: Settings
    slack: SandboxServer
    environment: dict[str, str]
    model: Path
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def gateway_url(self) -> str:
        """Where the gateway is."""
        return f"http://127.0.0.1:{self.settings.gateway_port}"

    @property
    def database(self) -> Database:
        """A connection of our own to the product's database."""
        return Database(self.settings.database_url)

    def start(self, name: str) -> None:
        """Start one process."""
        arguments = ["--model", str(self.model)] if name == "assistant" else []
        log = open(self.settings.var_dir / f"{name}.log", "ab")  # noqa: SIM115
        self.children[name] = subprocess.Popen(
            [sys.executable, "-m", "bot", name, *arguments],
            env=self.environment,
            stdout=log,
            stderr=log,
        )
        log.close()

    def kill(self, name: str) -> None:
        """End one process as a power cut would."""
        self.children[name].send_signal(signal.SIGKILL)
        self.children[name].wait()

    def wait_until_ready(self, gateway_url: str | None = None) -> None:
        """Wait until the gateway says that everything answers, each of several assistants too."""
        url = gateway_url or self.gateway_url
        deadline = time.monotonic() + START_SECONDS
        missing = None
        while time.monotonic() < deadline:
            try:
                health = httpx.get(f"{url}/readyz", timeout=5).json()
                away = [a["at"] for a in health["checks"]["assistants"] if not a["ok"]]
                missing = health["missing"] + away
            except (httpx.HTTPError, ValueError):
                missing = ["the gateway"]
            if not missing:
                return
            time.sleep(0.1)
        raise TimeoutError(f"not ready: {missing}; logs in {self.settings.var_dir}")

    def stop(self) -> dict[str, int]:
        """Stop everything as an operator would; return the exit codes."""
        for child in self.children.values():
            if child.poll() is None:
                child.terminate()
        return {name: child.wait(30) for name, child in self.children.items()}

    def ask(self, text: str, *, channel: str | None = None, **options: str) -> Message:
        """Say something as the employee and return the final reply to it."""
        # A thank-you still on its way must not be taken for the reply.
        self.wait_until_idle()
        said = self.slack.say(text, channel=channel, **options)
        return self.reply_after(said)

    def reply_after(self, said: Message, timeout: float = REPLY_SECONDS) -> Message:
        """Return the first message of the bot after `said` that is no holding notice."""

        def reply(_workspace: object) -> Message | None:
            return next(iter(self.replies_after(said)), None)

        return self.slack.wait_for(reply, timeout)

    def replies_after(self, said: Message) -> list[Message]:
        """Return what the bot has said in the same place since, without holding notices."""
        return [m for m in self.said_by_bot_after(said) if HOLDING not in m.text]

    def said_by_bot_after(self, said: Message) -> list[Message]:
        """Return all that the bot has said in the same place since."""
        seen = self.slack.messages(said.channel, user=said.user)
        return [m for m in seen if m.is_from_bot and float(m.ts) > float(said.ts)]

    def click_forged(self, user: str, channel: str, action_id: str, value: str) -> int:
        """Send a signed click that Slack's client would not offer; return the status."""
        payload = {
            "type": "block_actions",
            "team": {"id": self.slack.workspace.team_id},
            "user": {"id": user, "team_id": self.slack.workspace.team_id},
            "channel": {"id": channel},
            "trigger_id": f"{time.time()}",
            "response_url": f"{self.slack.base_url}/response/none",
            "actions": [{"type": "button", "action_id": action_id, "value": value}],
        }
        body = urlencode({"payload": json.dumps(payload)})
        timestamp = str(int(time.time()))
        verifier = SignatureVerifier(self.settings.slack_signing_secret)
        headers = {
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": verifier.generate_signature(timestamp=timestamp, body=body),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        url = f"{self.gateway_url}/slack/events"
        return httpx.post(url, content=body, headers=headers).status_code

    def wait_for_holding_notice(self, said: Message) -> None:
        """Wait until the person has been told that we are still at it."""
        self.slack.wait_for(
            lambda _workspace: [m for m in self.said_by_bot_after(said) if HOLDING in m.text], 15
        )

    def wait_until_idle(self, timeout: float = REPLY_SECONDS) -> None:
        """Wait until nothing is left to answer or to deliver."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            with self.database.read() as session:
                asked = select(InboxRow.turn_id).where(InboxRow.status == "pending")
                leaving = select(OutboxRow.kind).where(OutboxRow.status == "pending")
                waiting = [*session.scalars(asked), *session.scalars(leaving)]
            if not waiting:
                return
            time.sleep(0.05)
        raise TimeoutError(f"still to do: {waiting}")

    def turn_log(self) -> list[TurnLog]:
        """Return the event log."""
        with self.database.read() as session:
            return list(session.scalars(select(TurnLog).order_by(TurnLog.id)))

    def logs(self) -> str:
        """Return everything that the processes have logged."""
        return "".join(p.read_text(errors="replace") for p in self.settings.var_dir.glob("*.log"))


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running_stack(
    folder: Path, model: Path, database_url: str | None = None, **variables: str
) -> Iterator[Stack]:
    """Start the product on free ports with a database of its own; stop it at the end.

    The local Slack has a token, a signing secret and a channel that the product knows
    from its settings alone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    secret = "a-signing-secret-of-the-test"
    with SandboxServer(signing_secret=secret, bot_token="xoxb-of-the-test") as slack:
        port = free_port()
        environment = {
            "PATH": os.environ["PATH"],
            "HRBOT_VAR_DIR": str(folder),
            "SLACK_BOT_TOKEN": "xoxb-of-the-test",
            "SLACK_SIGNING_SECRET": secret,
            "SLACK_API_URL": slack.api_url,
            "SLACK_HR_CHANNEL": "C0HRQUEST01",
            "SLACK_HR_SENSITIVE_CHANNEL": "C0HRRELATE1",
            "GATEWAY_PORT": str(port),
            "ASSISTANT_URL": f"http://127.0.0.1:{free_port()}",
            "ACTIONS_URL": f"http://127.0.0.1:{free_port()}",
            "HOLDING_NOTICE_SECONDS": "2",
            # What people are told unasked depends on the time of day.
            "TELLING": "off",
            **({"DATABASE_URL": database_url} if database_url else {}),
            **variables,
        }
        settings = load_settings(environment, folder / "none.env")
        prepare_database(settings)
        slack.request_url = f"http://127.0.0.1:{port}/slack/events"
        stack = Stack(settings, slack, {**environment, **settings.environment()}, model)
        for name in PROCESSES:
            stack.start(name)
        try:
            stack.wait_until_ready()
            yield stack
        finally:
            stack.stop()


def trained_model(settings: Settings) -> Path:
    """Return the model of the current files, trained in a process of its own if need be.

    Tests that run side by side wait for one training instead of each doing it.
    """
    model = model_path(settings)
    model.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(model.parent / "training.lock"):
        if not model.exists():
            subprocess.run(
                [sys.executable, "-m", "bot", "train"],
                env={**os.environ, **settings.environment()},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=True,
            )
    return model

"""The product as real processes that may be killed, stopped, and deprived of what they need."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from bot.prepare import prepare_database
from bot.processes import Process, processes, with_assistants
from bot.sandbox.app import SandboxServer
from bot.sandbox.model import Person
from bot.sandbox.seed import DANA, GENERAL, HR_CHANNEL, HR_SENSITIVE_CHANNEL, SAM
from bot.settings import ROOT, Settings, load_settings

from ..e2e.stack import free_port
from .gateway import CLOCK_FILE
from .plan import Scale

START_SECONDS = 120
STOP_SECONDS = 30
# Slack waits one and five minutes before it delivers once more; here everything is quicker.
RETRY_DELAYS = (0.2, 1.5, 6.0, 12.0, 24.0)
SECRET, TOKEN = "a-signing-secret-of-the-test", "xoxb-of-the-test"
REDIS = os.environ.get("HRBOT_TEST_REDIS", "redis://127.0.0.1:6379/9")
HR_PEOPLE = (SAM, DANA, "U0HRLEE0001", "U0HRKIM0001")
HR_CHANNELS = (HR_CHANNEL, HR_SENSITIVE_CHANNEL)
FULL_DISK_BYTES = 4096


@dataclass
class Product:
    """What runs. `children` are its processes by name; `people` the ids of who asks."""

    settings: Settings
    slack: SandboxServer
    environment: dict[str, str]
    processes: dict[str, Process]
    people: list[str]
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def start(self, name: str) -> None:
        """Start one process."""
        process = self.processes[name]
        command = ["bot", *process.arguments]
        if process.arguments[0] == "gateway":
            command = ["tests.faults.gateway"]
        with self._lock, open(self.settings.var_dir / f"{name}.log", "ab") as log:
            self.children[name] = subprocess.Popen(
                [sys.executable, "-m", *command],
                env={**self.environment, **process.environment},
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )

    def kill(self, name: str) -> None:
        """End one process as a power cut would."""
        self.signal(name, signal.SIGKILL)
        self.children[name].wait()

    def signal(self, name: str, number: int) -> None:
        """Send a signal to one process, if it is there."""
        with self._lock:
            if self.children[name].poll() is None:
                self.children[name].send_signal(number)

    def limit_files(self, is_full: bool) -> None:
        """Let no process write beyond a few kilobytes of a file, log lines included; or let it."""
        with self._lock:
            for child in self.children.values():
                if child.poll() is None:
                    _, most = resource.prlimit(child.pid, resource.RLIMIT_FSIZE)
                    now = FULL_DISK_BYTES if is_full else most
                    resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (now, most))

    def set_clock(self, seconds: float) -> None:
        """Let the gateways' clocks be wrong by so many seconds."""
        file = Path(self.environment[CLOCK_FILE])
        new = file.with_suffix(".new")
        new.write_text(str(seconds))
        new.replace(file)

    def make_whole(self) -> None:
        """Let everything run again that doesn't."""
        for name, child in self.children.items():
            self.signal(name, signal.SIGCONT)
            if child.poll() is not None:
                self.start(name)

    def wait_until_ready(self) -> None:
        """Wait until every gateway says that everything answers.

        Raises:
            TimeoutError: if that takes too long.
        """
        deadline = time.monotonic() + START_SECONDS
        urls = [p.url for p in self.processes.values() if p.arguments[0] == "gateway"]
        missing: list[str] = []
        while time.monotonic() < deadline:
            missing = [what for url in urls for what in _missing(url)]
            if not missing:
                return
            time.sleep(0.2)
        raise TimeoutError(f"not ready: {missing}; logs in {self.settings.var_dir}")

    def stop(self) -> None:
        """Stop everything as an operator would."""
        for name in self.children:
            self.signal(name, signal.SIGCONT)
            self.signal(name, signal.SIGTERM)
        for child in self.children.values():
            try:
                child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def redis_answers() -> bool:
    """Say whether there is a Redis, which several assistants need."""
    parts = urlsplit(REDIS)
    with (
        contextlib.suppress(OSError),
        socket.create_connection((parts.hostname, parts.port or 6379), timeout=2),
    ):
        return True
    return False


def _missing(url: str) -> list[str]:
    try:
        return httpx.get(f"{url}/readyz", timeout=5, trust_env=False).json()["missing"]
    except (httpx.HTTPError, ValueError):
        return [f"{url} does not answer"]


@contextlib.contextmanager
def running_product(
    folder: Path, model: Path, database_url: str, scale: Scale
) -> Iterator[Product]:
    """Start the product with a local Slack in this process; stop it at the end."""
    with SandboxServer(signing_secret=SECRET, bot_token=TOKEN, retry_delays=RETRY_DELAYS) as slack:
        people = _hire(slack, scale.people)
        clock_file = folder / "clock"
        clock_file.write_text("0")
        own = {
            "PATH": os.environ["PATH"],
            "HRBOT_VAR_DIR": str(folder),
            "DATABASE_URL": database_url,
            "SLACK_BOT_TOKEN": TOKEN,
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_API_URL": slack.api_url,
            "SLACK_HR_CHANNEL": HR_CHANNEL,
            "SLACK_HR_SENSITIVE_CHANNEL": HR_SENSITIVE_CHANNEL,
            "GATEWAY_PORT": str(_free_ports(scale.gateways)),
            "ASSISTANT_URL": ",".join(_url() for _ in range(scale.assistants)),
            "ACTIONS_URL": _url(),
            "HOLDING_NOTICE_SECONDS": "2",
            # What people are told unasked depends on the time of day.
            "TELLING": "off",
            **({"REDIS_URL": REDIS} if scale.assistants > 1 else {}),
        }
        settings = with_assistants(load_settings(own, folder / "none.env"), scale.assistants)
        prepare_database(settings)
        ours = {p.name: p for p in processes(settings, model, scale.gateways)}
        gateways = [p.url for p in ours.values() if p.arguments[0] == "gateway"]
        slack.request_url = ",".join(f"{url}/slack/events" for url in gateways)
        environment = {**own, **settings.environment(), CLOCK_FILE: str(clock_file)}
        product = Product(settings, slack, environment, ours, people)
        try:
            for name in ours:
                product.start(name)
            product.wait_until_ready()
            yield product
        finally:
            product.stop()


def _hire(slack: SandboxServer, count: int) -> list[str]:
    """Add people to the workspace, and more to HR; return the ids of those who ask."""
    people = [f"U0ASKER{n:04d}" for n in range(count)]
    for user in (*people, *HR_PEOPLE[2:]):
        handle = user.lower()
        slack.workspace.people[user] = Person(user, handle, handle, f"{handle}@cedarvalley.example")
    slack.workspace.channels[GENERAL].members.extend(people)
    for channel in HR_CHANNELS:
        members = slack.workspace.channels[channel].members
        members.extend(user for user in HR_PEOPLE if user not in members)
    return people


def _url() -> str:
    return f"http://127.0.0.1:{free_port()}"


def _free_ports(count: int) -> int:
    """Return a port that is free, as those after it are."""
    while True:
        port = free_port()
        with contextlib.ExitStack() as held, contextlib.suppress(OSError):
            for number in range(port, port + count):
                held.enter_context(socket.socket()).bind(("127.0.0.1", number))
            return port

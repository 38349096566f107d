"""A real gateway on a free port, with everything around it as it is, but for the assistant."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import select

from bot.db.models import Case, InboxRow, OutboxRow
from bot.db.session import Database
from bot.desk import work
from bot.desk.cases import Actor
from bot.gateway.addresses import AddressBook
from bot.gateway.server import Server, server
from bot.privacy.sealing import Seal
from bot.sandbox.app import SandboxServer
from bot.sandbox.seed import HR_CHANNEL, SAM
from bot.settings import Settings, load_settings

from ..servers import TOKEN, AssistantDouble
from .browser import Browser

Value = TypeVar("Value")
PATIENCE = 10.0
OFTEN_ENOUGH = "100000/minute"


@dataclass
class ShiftedClock:
    """The real time, or a later one."""

    shift: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(timezone.utc) + self.shift


@dataclass
class Site:
    """A gateway with a careers page. Its `clock` can be put forward."""

    url: str
    database: Database
    slack: SandboxServer
    clock: ShiftedClock
    server: Server
    settings: Settings
    began: float = 0.0

    def browser(self, **headers: str) -> Browser:
        """Give a browser with a session."""
        return Browser.new(self.url, **headers)

    def hr_answers(self, text: str, change: Callable[..., Case] = work.answer) -> Case:
        """Let HR answer the newest case (or do something else with it)."""
        with self.database.write() as session:
            book = AddressBook(Seal(self.settings.encryption_key))
            person = book.person(session, self.slack.workspace.team_id, SAM, self.clock())
            newest = session.scalar(select(Case).order_by(Case.id.desc()).limit(1))
            return change(session, newest.id, Actor("hr", person.id), text, self.clock())

    def hr_sees(self) -> str:
        """All that stands in HR's channel and its threads since the test began."""
        said = self.slack.messages(HR_CHANNEL, user=SAM)
        recent = [m for m in said if float(m.ts) > self.began]
        return "\n".join(f"{m.text}\n{m.blocks}" for m in recent)

    def wait_for(self, found: Callable[[], Value], seconds: float = PATIENCE) -> Value:
        """Wait until something is there."""
        deadline = time.monotonic() + seconds
        while not (result := found()):
            assert time.monotonic() < deadline, "it never came"
            time.sleep(0.02)
        return result

    def wait_until_idle(self) -> None:
        """Wait until nothing is left to answer or to deliver now."""
        self.wait_for(lambda: not self._due())

    def open_streams(self) -> int:
        """How many browsers follow their events."""
        return self.server.streams.open

    def rows(self, model: type[Any]) -> list[Any]:
        with self.database.read() as session:
            return list(session.scalars(select(model)))

    def _due(self) -> list[Any]:
        with self.database.read() as session:
            waiting = [
                select(model.id).where(model.status == "pending", model.due_at <= self.clock())
                for model in (InboxRow, OutboxRow)
            ]
            return [row for rows in waiting for row in session.scalars(rows)]


@contextmanager
def running_site(
    database: Database, folder: Path, assistant: AssistantDouble, slack: SandboxServer, **more: str
) -> Iterator[Site]:
    """Serve the gateway on a free port until the context ends."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(2048)
    port = listener.getsockname()[1]
    environment = {
        "HRBOT_VAR_DIR": str(folder),
        "DATABASE_URL": database.url,
        "GATEWAY_PORT": str(port),
        "ASSISTANT_URL": assistant.url,
        "INTERNAL_TOKEN": TOKEN,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_SIGNING_SECRET": "a-signing-secret",
        "SLACK_API_URL": slack.api_url,
        "SLACK_HR_CHANNEL": HR_CHANNEL,
        "WIDGET_ADDRESS_RATE": OFTEN_ENOUGH,
        "WIDGET_ADDRESS_CASE_RATE": OFTEN_ENOUGH,
        **more,
    }
    clock = ShiftedClock()
    settings = load_settings(environment, folder / "none.env")
    serving = server(settings, clock)
    run = threading.Thread(target=lambda: serving.run(sockets=[listener]), daemon=True)
    run.start()
    site = Site(f"http://127.0.0.1:{port}", database, slack, clock, serving, settings)
    try:
        site.wait_for(lambda: serving.started)
        yield site
    finally:
        serving.should_exit = True
        run.join(20)

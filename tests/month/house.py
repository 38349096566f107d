"""The house in which the month takes place: Slack, gateway, assistant, and one clock for all."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import structlog
import uvicorn
from sqlalchemy import func, select
from starlette.applications import Starlette

from bot.db.models import InboxRow, OutboxRow
from bot.db.session import Database
from bot.gateway.app import create_app
from bot.gateway.schedule import Schedule
from bot.prepare import prepare_database
from bot.privacy.sealing import Seal
from bot.programs.employees import import_employees
from bot.sandbox.app import SandboxServer
from bot.sandbox.model import Message, Person
from bot.sandbox.seed import HR_CHANNEL, HR_SENSITIVE_CHANNEL, make_workspace
from bot.settings import Settings, load_settings
from bot.tensorflow_standin import keep_out_unless_needed

from ..e2e.stack import trained_model
from ..records import Clock
from .staff import Worker, write_list

SECRET = "a-signing-secret-of-the-test"
BOT_TOKEN = "xoxb-of-the-test"
SECONDS = 60
POLL_SECONDS = 0.02


@dataclass
class House:
    """See the module."""

    settings: Settings
    clock: Clock
    slack: SandboxServer
    database: Database
    app: Starlette
    loop: asyncio.AbstractEventLoop

    @property
    def url(self) -> str:
        """Where the gateway is."""
        return f"http://127.0.0.1:{self.settings.gateway_port}"

    @property
    def file(self) -> Path:
        """The database's file."""
        return Path(self.settings.database_url.removeprefix("sqlite:///"))

    def hire(self, staff: Sequence[Worker], folder: Path) -> None:
        """Let these people be in Slack and in HR's list."""
        for one in staff:
            name = one.user.lower()
            self.slack.workspace.people[one.user] = Person(
                one.user, name, name.title(), f"{name}@cedarvalley.example", tz=one.zone.key
            )
        file = folder / "employees.csv"
        write_list(file, self.slack.workspace.team_id, staff)
        with self.database.write() as session:
            import_employees(session, file, Seal(self.settings.encryption_key), self.clock())
        self._run(self.app.state.schedule.check())

    def tick(self) -> None:
        """Do what is due by the clock, and let it be delivered."""
        self._run(self.app.state.schedule.tick())
        self.idle()

    def say(self, said: Sequence[tuple[str, str]]) -> list[Message]:
        """Let people (user, text) write all at once; return their messages when all is answered."""
        before = self._count(InboxRow)
        messages = [self.slack.say(text, user=user, channel=self.dm(user)) for user, text in said]
        self.until(lambda: self._count(InboxRow) >= before + len(said), "messages taken in")
        self.idle()
        return messages

    def tap(self, message: Message, what: str, *, user: str) -> None:
        """Let somebody press a button of a message, and let come of it what does."""
        done = self.slack.click(what, user=user, channel=message.channel, ts=message.ts)
        assert done.is_ok, (what, done)
        self.idle()

    def replies(self, user: str, after: Message) -> list[Message]:
        """Return what the bot has said in somebody's chat after a message."""
        seen = self.slack.messages(self.dm(user), user=user)
        return [m for m in seen if m.is_from_bot and float(m.ts) > float(after.ts)]

    def dm(self, user: str) -> str:
        """Return somebody's chat with the bot."""
        return self.slack.dm(user)

    def idle(self) -> None:
        """Wait until nothing that is due is left to answer or to deliver."""
        self.until(self._is_idle, "answered and delivered")

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until something holds."""
        deadline = time.monotonic() + SECONDS
        while not holds():
            if time.monotonic() > deadline:
                raise TimeoutError(f"not {what} at {self.clock()}")
            time.sleep(POLL_SECONDS)

    def _is_idle(self) -> bool:
        with self.database.read() as session:
            return not any(
                session.scalar(
                    select(model.id)
                    .where(model.status == "pending", model.due_at <= self.clock())
                    .limit(1)
                )
                for model in (InboxRow, OutboxRow)
            )

    def _count(self, model: Any) -> int:
        with self.database.read() as session:
            return session.scalar(select(func.count()).select_from(model))

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self.loop).result(SECONDS)


@contextmanager
def open_house(folder: Path, beginning: datetime) -> Iterator[House]:
    """Start everything at a time; the clock stands still until it is turned."""
    none = folder / "none.env"
    model = trained_model(load_settings({}, none))
    keep_out_unless_needed(model)
    # Only now: with it comes Rasa, and TensorFlow if nobody keeps it out.
    from .assistant import running_assistant

    clock = Clock(beginning)
    workspace = make_workspace(clock=lambda: clock().timestamp())
    with (
        SandboxServer(signing_secret=SECRET, bot_token=BOT_TOKEN, workspace=workspace) as slack,
        _quiet(),
        _listening() as for_gateway,
        _listening() as for_assistant,
    ):
        settings = _settings(folder, slack, for_gateway, for_assistant)
        prepare_database(settings)
        database = Database(settings.database_url)
        slack.request_url = f"http://127.0.0.1:{settings.gateway_port}/slack/events"
        with (
            # The components of the model read their settings from there.
            patch.dict(os.environ, settings.environment()),
            # The month's clock ticks, not the wall's; and two seconds of the wall are hours here.
            patch.multiple(Schedule, start=lambda _: None, stop=lambda _: None),
            patch("bot.faq.live.LOOKED_AT_EVERY_SECONDS", 0.0),
            running_assistant(settings, model, for_assistant, clock),
            _gateway(settings, for_gateway, clock) as (app, loop),
        ):
            yield House(settings, clock, slack, database, app, loop)
        database.dispose()


def _settings(
    folder: Path, slack: SandboxServer, gateway: socket.socket, assistant: socket.socket
) -> Settings:
    variables = {
        "HRBOT_VAR_DIR": str(folder),
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": slack.api_url,
        "SLACK_HR_CHANNEL": HR_CHANNEL,
        "SLACK_HR_SENSITIVE_CHANNEL": HR_SENSITIVE_CHANNEL,
        "SLACK_CLIENT_ID": "a-client",
        "SLACK_CLIENT_SECRET": "a-client-secret",
        "ASSISTANT_URL": f"http://127.0.0.1:{assistant.getsockname()[1]}",
        "GATEWAY_PORT": str(gateway.getsockname()[1]),
    }
    return load_settings(variables, folder / "none.env")


@contextmanager
def _listening() -> Iterator[socket.socket]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        yield listener


@contextmanager
def _quiet() -> Iterator[None]:
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    yield
    structlog.configure(**before)


@contextmanager
def _gateway(
    settings: Settings, listener: socket.socket, clock: Clock
) -> Iterator[tuple[Starlette, asyncio.AbstractEventLoop]]:
    loop = asyncio.new_event_loop()
    app = create_app(settings, clock)
    server = uvicorn.Server(uvicorn.Config(app, ws="none", log_config=None, lifespan="on"))
    thread = threading.Thread(
        target=lambda: loop.run_until_complete(server.serve(sockets=[listener])),
        name="gateway",
        daemon=True,
    )
    thread.start()
    deadline = time.monotonic() + SECONDS
    while not server.started:
        if time.monotonic() > deadline:
            raise TimeoutError("the gateway didn't start")
        time.sleep(POLL_SECONDS)
    try:
        yield app, loop
    finally:
        server.should_exit = True
        thread.join(SECONDS)

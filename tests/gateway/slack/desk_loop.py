"""The gateway as it runs, between the Slack double and an assistant that answers as told."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import uvicorn
from sqlalchemy import select

from bot.db.migrate import upgrade
from bot.db.models import Case, CaseEntry, CaseEvent, OutboxRow
from bot.db.session import Database
from bot.gateway.app import create_app, utc_now
from bot.sandbox.app import SandboxServer
from bot.sandbox.model import Message
from bot.sandbox.seed import HR_CHANNEL, ROBIN, SAM
from bot.settings import load_settings

from ..servers import TOKEN, AssistantDouble, reply, running_assistant

SECRET = "a-signing-secret-of-the-test"
BOT_TOKEN = "xoxb-of-the-test"
SECONDS = 20


@dataclass
class DeskLoop:
    """A running gateway with its neighbours, and what people do with it."""

    slack: SandboxServer
    assistant: AssistantDouble
    database: Database
    count: int = 0

    def offer(self, question: str, *, user: str = ROBIN, **meaning: Any) -> Message:
        """Let somebody ask what the assistant only offers to send; return the offer."""
        self.count += 1
        turns: list[str] = []

        def answer(body: dict[str, Any]) -> dict[str, Any]:
            turns[:] = [body["turn_id"]]
            shared = {"gateway": "open_case", "question": question, **meaning}
            offered = reply(f"This is what they will see:\n\n> {question}", decision="handover")
            offered["messages"][0]["buttons"] = [
                {"title": "Send to HR", "meaning": {**shared, "turn_id": body["turn_id"]}},
                {
                    "title": "Send anonymously",
                    "meaning": {**shared, "anonymous": True, "turns": turns},
                },
            ]
            return offered

        self.assistant.answer = answer
        self.slack.say(question, user=user)
        return self.slack.wait_for_message(
            f"> {question[:40]}".replace(">", "&gt;"),
            channel=self.slack.dm(user),
            user=user,
            timeout=SECONDS,
        )

    def ask(
        self, question: str, *, user: str = ROBIN, anonymous: bool = False, **meaning: Any
    ) -> tuple[Case, Message]:
        """Open a case as people do; return it and its card."""
        self.offer(question, user=user, **meaning)
        self.slack.click("Send anonymously" if anonymous else "Send to HR", user=user)
        card = self.card(question)
        self.idle()
        with self.database.read() as session:
            return session.scalar(select(Case).order_by(Case.id.desc())), card

    def card(self, part: str, channel: str = HR_CHANNEL, user: str = SAM) -> Message:
        """Wait for the card that contains `part`."""
        return self.slack.wait_for_message(part, channel=channel, user=user, timeout=SECONDS)

    def case(self, case_id: int) -> Case:
        """Return a case as it is now."""
        with self.database.read() as session:
            return session.get(Case, case_id)

    def rows(self, model: type[Any], case_id: int) -> list[Any]:
        """Return the rows of a case."""
        with self.database.read() as session:
            found = select(model).where(model.case_id == case_id).order_by(model.id)
            return list(session.scalars(found))

    def history(self, case_id: int) -> list[str]:
        """Return what was done with a case."""
        return [event.action for event in self.rows(CaseEvent, case_id)]

    def entries(self, case_id: int) -> list[tuple[str, str]]:
        """Return what was said about a case."""
        return [(entry.kind, entry.text) for entry in self.rows(CaseEntry, case_id)]

    def do(self, card: Message, what: str, *, user: str = SAM) -> None:
        """Click a button of a card, or choose from its menu."""
        self.slack.click(what, user=user, channel=card.channel, ts=card.ts)

    def now(self, card: Message) -> Message:
        """Return a card as it is now."""
        return self.slack.workspace.message(card.channel, card.ts)

    def told(self, part: str, *, user: str = ROBIN) -> Message:
        """Wait for what somebody is told in their direct messages."""
        return self.slack.wait_for_message(
            part, channel=self.slack.dm(user), user=user, timeout=SECONDS
        )

    def whispered(self, part: str, *, user: str = SAM) -> Message:
        """Wait for something that only this user sees."""
        return self.slack.wait_for(
            lambda workspace: next(
                (m for m in workspace.ephemerals(user) if part in f"{m.text} {m.blocks}"), None
            ),
            SECONDS,
        )

    def idle(self) -> None:
        """Wait until nothing is left to deliver."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            with self.database.read() as session:
                waiting = session.scalars(
                    select(OutboxRow.kind).where(OutboxRow.status == "pending")
                ).all()
            if not waiting:
                return
            time.sleep(0.02)
        raise TimeoutError(f"still to deliver: {waiting}")


@contextmanager
def desk_loop(
    folder: Path,
    url: str | None = None,
    clock: Callable[[], datetime] = utc_now,
    before: Callable[[Database], None] | None = None,
    **variables: str,
) -> Iterator[DeskLoop]:
    """Run the gateway over real HTTP; `before` fills its database."""
    with (
        running_assistant() as assistant,
        SandboxServer(signing_secret=SECRET, bot_token=BOT_TOKEN) as slack,
    ):
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        settings = load_settings(
            {
                "HRBOT_VAR_DIR": str(folder),
                "SLACK_BOT_TOKEN": BOT_TOKEN,
                "SLACK_SIGNING_SECRET": SECRET,
                "SLACK_API_URL": slack.api_url,
                "SLACK_HR_CHANNEL": HR_CHANNEL,
                "SLACK_HR_SENSITIVE_CHANNEL": "C0HRRELATE1",
                "ASSISTANT_URL": assistant.url,
                "INTERNAL_TOKEN": TOKEN,
                "GATEWAY_PORT": str(port),
                **({"DATABASE_URL": url} if url else {}),
                **variables,
            },
            folder / "none.env",
        )
        database = Database(settings.database_url)
        upgrade(database)
        if before is not None:
            before(database)
        server = uvicorn.Server(
            uvicorn.Config(create_app(settings, clock), ws="none", log_config=None, lifespan="on")
        )
        slack.request_url = f"http://127.0.0.1:{port}/slack/events"
        thread = threading.Thread(target=lambda: server.run(sockets=[listener]), daemon=True)
        thread.start()
        try:
            yield DeskLoop(slack, assistant, database)
        finally:
            server.should_exit = True
            thread.join(15)
            database.dispose()


def shown(message: Message) -> str:
    """Return all that a message shows."""
    return f"{message.text} {json.dumps(message.blocks, ensure_ascii=False)}"

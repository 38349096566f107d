"""A careers page over HTTP on each kind of database, with a Slack and a mail server beside it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import text

from bot.db.models import Base
from bot.db.session import Database
from bot.sandbox.app import SandboxServer

from ...e2e.stack import free_port
from ...privacy.planted import IDENTIFIERS, found_in_database
from ..servers import AssistantDouble, reply
from .site import Site, running_site


@dataclass
class MailBox:
    """A mail server that keeps what it takes, and answers the next ones as told."""

    url: str = ""
    messages: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    attempts: int = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.attempts += 1
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        return answer

    def forget(self) -> None:
        self.messages.clear()
        self.answers.clear()
        self.attempts = 0


@pytest.fixture(scope="session")
def _mail_server() -> Iterator[MailBox]:
    box = MailBox()
    # The controller greets its own port to see that it runs, so it must be known before.
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    box.url = f"smtp://127.0.0.1:{controller.port}"
    yield box
    controller.stop()


@pytest.fixture
def mail(_mail_server: MailBox) -> MailBox:
    """Give an empty mail box."""
    _mail_server.forget()
    return _mail_server


@pytest.fixture(scope="session")
def workspace() -> Iterator[SandboxServer]:
    """Give the Slack of all tests; what HR sees counts from the beginning of each."""
    with SandboxServer("http://127.0.0.1:1/slack/events") as server:
        yield server


# No longer than these tests: it works on whatever is in the database.
@pytest.fixture(scope="package")
def _site(
    _migrated: Database,
    _assistant: AssistantDouble,
    workspace: SandboxServer,
    _mail_server: MailBox,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    more = {"SMTP_URL": _mail_server.url, "WIDGET_ORIGINS": "https://www.cedar.example"}
    with running_site(_migrated, folder, _assistant, workspace, **more) as site:
        yield site


@pytest.fixture
def database(_migrated: Database) -> Iterator[Database]:
    """Give a migrated database, emptied row by row: a gateway is at work on it all the time."""
    yield _migrated
    left = found_in_database(_migrated, IDENTIFIERS)
    with _migrated.write() as session:
        if _migrated.engine.dialect.name == "postgresql":
            # Whoever shows something locks its conversation first: so nothing comes in between.
            session.execute(text("LOCK TABLE conversations IN EXCLUSIVE MODE"))
        for table in reversed(Base.metadata.sorted_tables):
            # The audit trail only grows.
            if table.name != "audit":
                session.execute(table.delete())
        if _migrated.engine.dialect.name == "postgresql":
            session.execute(text("ALTER SEQUENCE cases_id_seq RESTART"))
    assert left == set(), "planted identifiers are in the database"


@pytest.fixture
def site(_site: Site, database: Database, assistant: AssistantDouble) -> Iterator[Site]:
    """Give a careers page on which nobody has asked anything."""
    assistant.answer = lambda body: reply(f"About: {body.get('text')}", audience="both")
    _site.began = time.time()
    yield _site
    _site.clock.shift = timedelta()
    _site.wait_until_idle()

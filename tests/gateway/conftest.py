"""A gateway's parts on a quick database, with an assistant that answers as told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import structlog
from cryptography.fernet import Fernet

from bot.db.session import Database
from bot.gateway.addresses import AddressBook
from bot.gateway.wording import Wording, load_wording
from bot.privacy.sealing import Seal
from bot.settings import ROOT

from ..records import Clock, quick_database
from .servers import AssistantDouble, reply, running_assistant
from .turn_desk import Desk


@pytest.fixture(scope="session", autouse=True)
def _plain_log_lines() -> Iterator[None]:
    # The coloured tracebacks that structlog prints by default take a second each.
    processors = [structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()]
    structlog.configure(processors=processors)
    yield
    structlog.reset_defaults()


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Database]:
    """Give an empty SQLite database."""
    database = quick_database(tmp_path)
    yield database
    database.dispose()


@pytest.fixture
def clock(now: datetime) -> Clock:
    """Give a clock that stands still."""
    return Clock(now)


@pytest.fixture
def seal() -> Seal:
    """Give a seal with a key of its own."""
    return Seal(Fernet.generate_key().decode())


@pytest.fixture
def addresses(seal: Seal) -> AddressBook:
    """Give an address book."""
    return AddressBook(seal)


@pytest.fixture(scope="session")
def wording() -> Wording:
    """Give the texts that we ship."""
    return load_wording(ROOT / "data")


@pytest.fixture(scope="session")
def _assistant() -> Iterator[AssistantDouble]:
    with running_assistant() as double:
        yield double


@pytest.fixture
def assistant(_assistant: AssistantDouble) -> AssistantDouble:
    """Give an assistant that has been asked nothing yet."""
    _assistant.answer = lambda body: reply()
    _assistant.received.clear()
    return _assistant


@pytest.fixture
def desk(
    quick: Database,
    assistant: AssistantDouble,
    addresses: AddressBook,
    wording: Wording,
    clock: Clock,
) -> Desk:
    return Desk(quick, assistant, addresses, wording, clock)

"""What the gateway's features are built from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.db.session import Database
from bot.faq.book import AnswerBook
from bot.faq.live import LiveBook
from bot.gateway.addresses import AddressBook
from bot.gateway.assistant_client import AssistantClient
from bot.gateway.slack.client import Slack
from bot.gateway.wording import Wording
from bot.privacy.sealing import Seal
from bot.settings import Settings


@dataclass(frozen=True)
class Shared:
    """What all features are built from; `on_inbox` and `on_outbox` wake the workers."""

    settings: Settings
    database: Database
    assistant: AssistantClient
    slack: Slack
    seal: Seal
    addresses: AddressBook
    wording: Wording
    live: LiveBook
    clock: Callable[[], datetime]
    on_inbox: Callable[[], None]
    on_outbox: Callable[[], None]

    @property
    def book(self) -> AnswerBook:
        """The answers, kept in step with what HR changes."""
        return self.live.book

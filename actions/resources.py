"""What all actions share: database, routing, titles, clock. Given once, at the server's start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timezone

from bot.db.session import Database
from bot.desk.routing import Routing
from bot.desk.routing_file import load_routing
from bot.faq.book import AnswerBook, load_book
from bot.faq.live import LiveBook
from bot.settings import ROOT, Settings


@dataclass(frozen=True)
class Resources:
    """The outside world, as actions see it."""

    database: Database
    routing: Routing
    live: LiveBook
    now: Callable[[], datetime] = lambda: datetime.now(timezone.utc)
    today: Callable[[], date] = date.today

    @property
    def book(self) -> AnswerBook:
        """The answers as they hold now."""
        self.live.refresh()
        return self.live.book


_given: list[Resources] = []


def give(resources: Resources) -> None:
    """Set what actions work with. rasa-sdk builds the actions itself, without arguments."""
    _given[:] = [resources]


def resources() -> Resources:
    """Return what was given."""
    return _given[0]


def from_settings(settings: Settings) -> Resources:
    """Build the resources that settings describe.

    Raises:
        DataFileError: if data/routing.yml or a file with answers is wrong.
    """
    routing = load_routing(settings.data_dir / "routing.yml", settings.hr_channels)
    book = load_book(settings.data_dir, ROOT / "domain.yml")
    database = Database(settings.database_url)
    return Resources(database, routing, LiveBook(book, database))

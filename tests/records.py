"""Rows and values that the tests of several rooms need."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from bot.db.models import Base, Conversation, Person
from bot.db.session import Database
from bot.desk.freshness import Rhythm
from bot.desk.routing import Queue, Routing

RHYTHM = Rhythm(remind=14, every=365)
ROUTING = Routing(
    {
        "benefits": Queue(
            "benefits", "Benefits", "C0BENEFITS", (), (), ("benefits",), ("employee",)
        ),
        "default": Queue("default", "HR", "C0HR", None, (), (), ("employee", "candidate")),
    }
)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def quick_database(folder: Path) -> Database:
    """Make an SQLite database from the models; that migrations give the same is tested."""
    database = Database(f"sqlite:///{folder / 'quick.db'}")
    Base.metadata.create_all(database.engine)
    return database


def add_conversation(
    database: Database, now: datetime, *, name: str = "robin", audience: str = "employee"
) -> str:
    """Add a person and their conversation; return the conversation's id."""
    with database.write() as session:
        session.add(
            Person(id=f"p:{name}", address_hash=f"p-{name}", address_sealed="", created_at=now)
        )
        session.flush()
        session.add(
            Conversation(
                id=f"slack:{name}",
                person_id=f"p:{name}",
                audience=audience,
                address_hash=f"c-{name}",
                address_sealed="",
                created_at=now,
            )
        )
    return f"slack:{name}"

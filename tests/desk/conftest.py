"""The people of the tests, known in the database."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.db.models import Person
from bot.db.session import Database

from ..records import add_conversation


@pytest.fixture
def conversation(database: Database, now: datetime) -> str:
    with database.write() as session:
        for name in ("sam", "dana", "casey"):
            session.add(
                Person(id=f"p:{name}", address_hash=name, address_sealed="", created_at=now)
            )
    return add_conversation(database, now)

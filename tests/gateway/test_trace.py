from __future__ import annotations

from collections.abc import Iterator

import pytest
from structlog.contextvars import clear_contextvars, get_contextvars

from bot.db.models import InboxRow, OutboxRow
from bot.gateway.trace import follow_event, follow_row, turn_of


@pytest.fixture(autouse=True)
def _nothing_bound() -> Iterator[None]:
    clear_contextvars()
    yield
    clear_contextvars()


@pytest.mark.parametrize(
    ("key", "turn"),
    [
        ("reply:turn:0a1b", "turn:0a1b"),
        ("pointer:turn:0a1b", "turn:0a1b"),
        ("card:7:0", None),
        ("forget:0a1b2c", None),
    ],
)
def test_a_delivery_belongs_to_the_turn_in_its_key(key: str, turn: str | None) -> None:
    assert turn_of(key) == turn


def test_a_row_puts_its_turn_into_the_log() -> None:
    follow_row(InboxRow(turn_id="turn:1"))
    assert get_contextvars() == {"turn_id": "turn:1"}
    follow_row(OutboxRow(delivery_key="hold:turn:2"))
    assert get_contextvars() == {"turn_id": "turn:2"}


def test_an_event_of_slack_is_followed_until_the_next_request() -> None:
    follow_event({"event_id": "Ev1", "event": {"text": "Kumquat"}})
    assert get_contextvars() == {"slack_event": "Ev1"}
    follow_event({"type": "block_actions"})
    assert get_contextvars() == {}

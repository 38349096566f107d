from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from bot.channels.gateway import TurnRequest

TURN = {"turn_id": "turn:1", "conversation": "slack:1", "audience": "employee"}


def test_a_day_comes_with_a_choice() -> None:
    turn = TurnRequest(**TURN, choice="choice:1", date="2024-03-15")
    assert turn.date == date(2024, 3, 15)
    assert TurnRequest(**TURN, choice="choice:1").date is None


@pytest.mark.parametrize(
    "said",
    [
        {"text": "hello", "date": "2024-03-15"},
        {"choice": "choice:1", "date": "2024-02-30"},
        {"choice": "choice:1", "date": "2024-03-15T00:00"},
        {"choice": "choice:1", "date": "March 15"},
        {"choice": "choice:1", "date": 1710460800},
        {"choice": "choice:1", "text": "hello"},
        {},
    ],
)
def test_what_is_neither_a_text_nor_a_choice_with_its_day_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TurnRequest(**TURN, **said)

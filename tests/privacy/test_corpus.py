"""How much redaction finds in labelled messages, and how little it changes in questions."""

from __future__ import annotations

import pytest

from bot.privacy.redaction import redact
from bot.settings import ROOT

from .corpus import labelled, read
from .corpus.generated import COUNT, generated
from .corpus.measures import by_kind, changed, questions, recalls


def _redact(text: str) -> str:
    return redact(text).text


def test_the_generated_messages_are_the_same_ones_each_time() -> None:
    assert generated() == generated()
    assert len(generated()) == COUNT


def test_what_stays_of_an_identifier_counts_as_missed() -> None:
    message = labelled("my manager {name:Karen Lee} and dob {date:May 4, 1990}")
    assert message.text == "my manager Karen Lee and dob May 4, 1990"
    table = by_kind([message], lambda text: text.replace("Karen", "[name]"))
    assert [len(table[kind].missed) for kind in ("date", "name")] == [1, 1]
    table = by_kind([message], lambda text: text.replace("Karen Lee", "[name]"))
    assert recalls(table) == (0, 1)


@pytest.mark.parametrize("messages", [generated(), read("handwritten.txt"), read("second.txt")])
def test_identifiers_go(messages: list) -> None:
    numbers, names = recalls(by_kind(messages, _redact))
    assert numbers >= 0.99
    assert names >= 0.95


def test_identifiers_go_where_nothing_was_tuned() -> None:
    numbers, names = recalls(by_kind(read("third.txt"), _redact))
    assert numbers >= 0.98
    assert names >= 0.95


def test_what_people_ask_stays() -> None:
    asked = [m.text for m in (*read("unchanged.txt"), *read("unchanged_dates.txt"))]
    assert changed(asked, _redact) == []
    trained_on = questions(ROOT / "data")
    assert len(changed(trained_on, _redact)) <= 0.01 * len(trained_on)

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.errors import DataFileError
from bot.faq.book import load_book
from bot.gateway.discretion import Discretion, load_discretion
from bot.settings import ROOT

from .places import BOOK
from .servers import reply

DISCRETION = Discretion(frozenset({"benefits/fsa"}), frozenset({"my_cases"}))


def guess(label: str, kind: str = "faq", confidence: float = 0.4) -> dict[str, Any]:
    topic = label if "/" in label else None
    return {"label": label, "topic": topic, "kind": kind, "confidence": confidence}


@pytest.mark.parametrize(
    ("more", "private"),
    [
        ({}, False),
        ({"kind": "sensitive"}, True),
        ({"kind": "crisis"}, True),
        ({"topic": "benefits/fsa"}, True),
        ({"topics": ["benefits/dental", "benefits/fsa"]}, True),
        ({"intent": "my_cases", "kind": "dialogue"}, True),
        ({"intent": "greet", "kind": "dialogue"}, False),
        ({"decision": "clarify", "topic": None, "candidates": [guess("benefits/fsa")]}, True),
        ({"decision": "clarify", "topic": None, "candidates": [guess("x", "sensitive")]}, True),
        ({"decision": "clarify", "topic": None, "candidates": [guess("my_cases")]}, True),
        (
            {"decision": "handover", "topic": None, "candidates": [guess("x", "sensitive", 0.1)]},
            False,
        ),
        ({"candidates": [guess("x", "sensitive")]}, False),
    ],
)
def test_what_is_for_the_asker_alone(more: dict[str, Any], private: bool) -> None:
    assert DISCRETION.is_private(reply(**more)) is private


def test_our_own_file_names_topics_that_are_there() -> None:
    found = load_discretion(ROOT / "data", load_book(ROOT / "data", ROOT / "domain.yml"))
    assert {"pay/my_pay_rate", "leave/pto_accrual"} <= found.topics
    assert {"am_i_eligible", "my_cases"} <= found.intents


def test_a_whole_category_can_be_private(tmp_path: Path) -> None:
    (tmp_path / "private.yml").write_text("topics: ['benefits/*']\nintents: []\n")
    found = load_discretion(tmp_path, BOOK)
    assert found.topics == set(BOOK.topics())
    added = {"kind": "faq", "topic": "benefits/added_since", "decision": "answer"}
    assert found.is_private(added)
    assert not found.is_private({**added, "topic": "pay/added_since"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("topics: [benefits/none]\nintents: []", "no topic “benefits/none”"),
        ("topics: [pay/*]\nintents: []", "no topic “pay/*”"),
        ("topics: []", "it needs “topics” and “intents”"),
        ("topics: x\nintents: []", "each a list"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "private.yml").write_text(text)
    with pytest.raises(DataFileError) as caught:
        load_discretion(tmp_path, BOOK)
    assert message in str(caught.value)

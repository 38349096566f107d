from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.errors import DataFileError
from bot.faq.book import load_book
from bot.gateway.prompts import Prompts, Season, load_prompts
from bot.settings import ROOT

from .places import BOOK

PROMPTS = """
prompts:
- {topic: benefits/dental, title: Any time, message: Ask}
- {topic: benefits/vision, title: In season, message: See, from: company.start,
   until: January 10, lead: 14}
categories:
  benefits: {title: Benefits, topics: [benefits/dental, benefits/vision]}
"""


def load(folder: Path, text: str = PROMPTS) -> Prompts:
    (folder / "prompts.yml").write_text(text, encoding="utf-8")
    (folder / "company.yml").write_text("start: November 20\n", encoding="utf-8")
    return load_prompts(folder, BOOK)


@pytest.mark.parametrize(
    ("day", "is_in"),
    [
        (date(2026, 11, 5), False),
        (date(2026, 11, 6), True),
        (date(2026, 12, 31), True),
        (date(2027, 1, 10), True),
        (date(2027, 1, 11), False),
    ],
)
def test_a_season_has_a_lead_and_may_go_on_into_january(day: date, is_in: bool) -> None:
    assert Season((11, 20), (1, 10), 14).includes(day) is is_in


def test_what_is_current_comes_first(tmp_path: Path) -> None:
    prompts = load(tmp_path)
    in_season = [p.title for p in prompts.current("employee", date(2026, 11, 10))]
    assert in_season == ["In season", "Any time"]
    assert [p.title for p in prompts.current("employee", date(2026, 6, 1))] == ["Any time"]


def test_an_outsider_is_invited_to_what_is_public(tmp_path: Path) -> None:
    prompts = load(tmp_path)
    assert [p.title for p in prompts.current("candidate", date(2026, 11, 10))] == ["In season"]
    assert prompts.topics_of("benefits", "candidate") == [("benefits/vision", "Vision")]
    assert prompts.topics_of("none", "candidate") == []
    assert list(prompts.categories_for("employee")) == [("benefits", "Benefits")]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("benefits/dental, title", "benefits/none, title", "no topic “benefits/none”"),
        ("[benefits/dental,", "[benefits/none,", "no topic “benefits/none”"),
        ("January 10", "Smarch 10", "“Smarch 10” is neither a day"),
        ("\n   until: January 10,", "", "go together"),
        ("message: Ask", "massage: Ask", "a prompt may hold"),
        ("title: Any time, ", "", "needs a title and a message"),
        ("title: Benefits, ", "", "needs a title and topics"),
        ("[benefits/dental, benefits/vision]", "[a, b, c, d, e, f]", "one to 5 topics fit"),
        ("categories:", "kategories:", "nothing else"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in PROMPTS
    with pytest.raises(DataFileError) as caught:
        load(tmp_path, PROMPTS.replace(old, new))
    assert message in str(caught.value)


def test_our_own_file_always_has_something_to_suggest() -> None:
    prompts = load_prompts(ROOT / "data", load_book(ROOT / "data", ROOT / "domain.yml"))
    for month in range(1, 13):
        for reader in ("employee", "candidate"):
            current = list(prompts.current(reader, date(2026, month, 15)))
            assert len(current) >= 2
    november = next(prompts.current("employee", date(2026, 11, 3)))
    assert november.topic == "benefits/open_enrollment"
    for name, _ in prompts.categories_for("employee"):
        assert len(prompts.topics_of(name, "employee")) >= 3

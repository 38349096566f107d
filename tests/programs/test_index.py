from __future__ import annotations

import pytest

from bot.programs.index import Entry, Index
from bot.programs.words import stems


def entry(identifier: str, name: str, audience: str = "employee", **more) -> Entry:
    values = {"aliases": [], "keywords": [], "summary": "Something good."} | more
    return Entry(id=identifier, name=name, audience=audience, **values)


@pytest.fixture
def index() -> Index:
    return Index(
        [
            entry("gym", "Gym money", keywords=["yoga"], category="wellbeing"),
            entry("school", "School money", aliases=["tuition", "money for school"]),
            entry("intern", "Summer school", "candidate"),
            entry("nurse", "Nurse school", "both"),
        ]
    )


def ids(index: Index, text: str, audience: str = "employee") -> list[str]:
    return [ranked.entry.id for ranked in index.rank(stems(text), audience)]


def test_a_name_weighs_more_than_a_keyword_and_a_whole_name_most(index):
    assert ids(index, "school money")[0] == "school"
    assert set(ids(index, "school")) == {"school", "nurse", "intern"}


def test_what_is_for_outsiders_comes_later_for_employees(index):
    assert ids(index, "school")[-1] == "intern"
    assert ids(index, "summer school", "candidate") == ["intern", "nurse"]


def test_outsiders_never_get_what_is_internal(index):
    for words in ("school", "gym", "yoga", "money", "tuition"):
        assert not {"gym", "school"} & set(ids(index, words, "candidate"))
    assert index.named_in(["tuition"], "candidate") == set()
    assert {e.id for e in index.open_to("candidate")} == {"intern", "nurse"}


def test_the_category_is_a_word_too(index):
    assert ids(index, "wellness") == ["gym"]


@pytest.mark.parametrize(
    ("typed", "known"),
    [("tuitoin", "tuition"), ("scool", "school"), ("yoga", "yoga"), ("xy", "xy"), ("zzzz", "zzzz")],
)
def test_misspellings(index, typed, known):
    assert index.repaired(typed) == known


def test_the_longest_name_wins(index):
    assert index.named_in(stems("I want money for school now"), "employee") == {"school"}
    assert index.named_in(["gym"], "employee") == set()
    assert index.telling(["gym"]) == {"gym"}
    assert index.telling(["school"]) == set()


def test_an_empty_catalogue_finds_nothing():
    empty = Index([])

    assert empty.rank(["school"], "employee") == []
    assert empty.repaired("school") == "school"
    assert empty.named_in(["school"], "employee") == set()
    assert empty.telling(["school"]) == set()


def test_no_words_find_nothing(index):
    assert index.rank([], "employee") == []


def test_many_equals_are_ranked_by_id():
    index = Index(entry(f"p{number:04}", "Help") for number in range(1000))

    assert ids(index, "gym") == []
    found = ids(Index(entry(f"p{n:04}", "Gym") for n in range(1000)), "gym")
    assert found[:3] == ["p0000", "p0001", "p0002"]

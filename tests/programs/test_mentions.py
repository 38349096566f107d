from __future__ import annotations

import pytest

from bot.programs.mentions import place_alone, points_back, position_named


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("the second one", 1),
        ("tell me about the third program please, I like it", 2),
        ("Number two", 1),
        ("#1", 0),
        ("1", 0),
        ("2nd", 1),
        ("first", 0),
        ("the last one", 2),
        ("my first day is on monday, what then", None),
        ("last day to apply", None),
        ("the fifth one", None),
        ("tell me more", None),
    ],
)
def test_places_in_a_list_of_three(text, position):
    assert position_named(text, 3) == position


def test_nothing_was_listed():
    assert position_named("the first one", 0) is None
    assert position_named("the last one", 0) is None


@pytest.mark.parametrize(
    ("text", "back"),
    [
        ("how do I apply for it", True),
        ("who can join that program", True),
        ("tell me about leadership", False),
        ("write a letter", False),
    ],
)
def test_pointing_back(text, back):
    assert points_back(text) is back


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("and the third?", 2),
        ("number 2", 1),
        ("#2", 1),
        ("2", 1),
        ("no, sorry, I meant the second one", 1),
        ("option two please", 1),
        ("the last one", 4),
        ("my first paycheck", None),
        ("tell me when the second one closes for the lab", None),
        ("number 2 pencils", None),
        ("number 9", None),
    ],
)
def test_a_place_alone(text, place):
    assert place_alone(text, 5) == place

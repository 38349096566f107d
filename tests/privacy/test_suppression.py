from __future__ import annotations

import pytest

from bot.privacy.suppression import LEAST_GROUP, counted, hidden_among, is_group


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "0"), (1, "fewer than 5"), (4, "fewer than 5"), (5, "5"), (1234, "1234")],
)
def test_a_small_group_is_not_counted(count: int, shown: str) -> None:
    assert counted(count) == shown


def test_five_are_a_group() -> None:
    assert LEAST_GROUP == 5
    assert [is_group(people) for people in (0, 1, 4, 5, 6)] == [False, False, False, True, True]


@pytest.mark.parametrize(
    ("people", "hidden"),
    [
        ({"a": 5, "b": 6}, set()),
        ({"a": 5, "b": 0}, set()),
        ({"a": 9, "b": 6, "c": 4}, {"b", "c"}),
        ({"a": 9, "b": 6, "c": 4, "d": 0}, {"b", "c"}),
        ({"a": 3, "b": 4}, {"a", "b"}),
        ({"a": 1}, {"a"}),
        ({}, set()),
    ],
)
def test_no_part_is_found_by_subtracting_the_others(people: dict, hidden: set) -> None:
    assert hidden_among(people) == hidden

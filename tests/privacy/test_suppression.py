from __future__ import annotations

import pytest

from bot.privacy.suppression import LEAST_GROUP, counted, is_group


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "0"), (1, "fewer than 5"), (4, "fewer than 5"), (5, "5"), (1234, "1234")],
)
def test_a_small_group_is_not_counted(count: int, shown: str) -> None:
    assert counted(count) == shown


def test_five_are_a_group() -> None:
    assert LEAST_GROUP == 5
    assert [is_group(people) for people in (0, 1, 4, 5, 6)] == [False, False, False, True, True]

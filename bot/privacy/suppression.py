"""Groups too small to be counted: a figure about fewer than five people could tell on one.

Every report that counts what people asked goes by this. A list in which the same readers may
open each case is no such report: its length is no secret from them.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping

LEAST_GROUP = 5


def is_group(people: int) -> bool:
    """Say whether so many people may be spoken of as a group."""
    return people >= LEAST_GROUP


def counted(count: int) -> str:
    """Return a count as a report shows it: none, fewer than five, or the number."""
    return str(count) if count == 0 or is_group(count) else f"fewer than {LEAST_GROUP}"


def hidden_among(people: Mapping[Hashable, int]) -> set[Hashable]:
    """Return which parts of a shown total may not be shown.

    Those of fewer than five people, and with them the smallest other one: or else the total less
    all that is shown would tell how many they are.

    Args:
        people: how many people each part is about.
    """
    hidden = {part for part, number in people.items() if number and not is_group(number)}
    others = [part for part, number in people.items() if is_group(number)]
    if hidden and others:
        hidden.add(min(others, key=lambda part: people[part]))
    return hidden

"""Groups too small to be counted: a figure about fewer than five people could tell on one.

Every report that counts what people asked goes by this. A list in which the same readers may
open each case is no such report: its length is no secret from them.
"""

from __future__ import annotations

LEAST_GROUP = 5


def is_group(people: int) -> bool:
    """Say whether so many people may be spoken of as a group."""
    return people >= LEAST_GROUP


def counted(count: int) -> str:
    """Return a count as a report shows it: none, fewer than five, or the number."""
    return str(count) if count == 0 or is_group(count) else f"fewer than {LEAST_GROUP}"

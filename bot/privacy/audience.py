"""The one place that decides who may see what.

In the data, `employee` means internal; `candidate` and `both` mean public: everybody may
see it. A message that names no audience is for nobody.
"""

from __future__ import annotations

from collections.abc import Iterable

EMPLOYEE = "employee"
CANDIDATE = "candidate"
BOTH = "both"
READERS = (EMPLOYEE, CANDIDATE)
AUDIENCES = (EMPLOYEE, CANDIDATE, BOTH)


def may_see(reader: str, audience: object) -> bool:
    """Say whether `reader` (employee or candidate) may see what is meant for `audience`."""
    if audience in (BOTH, CANDIDATE):
        return reader in READERS
    return audience == EMPLOYEE and reader == EMPLOYEE


def reader_from(metadata: object) -> str:
    """Return who reads, from a message's metadata; without a known one, the outsider."""
    named = metadata.get("audience") if isinstance(metadata, dict) else None
    return EMPLOYEE if named == EMPLOYEE else CANDIDATE


def narrowest(audiences: Iterable[object]) -> str | None:
    """Return the audience of something made of several parts: internal if any part is.

    None if a part names no audience (or there is no part), so that it is not sent.
    """
    named = list(audiences)
    if not named or any(a not in AUDIENCES for a in named):
        return None
    return EMPLOYEE if EMPLOYEE in named else BOTH

"""Which texts of data/wording.yml the careers page says, and what each of them fills in."""

from __future__ import annotations

from bot.gateway.widget.refusals import REFUSALS

TEXTS: dict[str, frozenset[str]] = {f"widget_{code}": frozenset() for code in REFUSALS}

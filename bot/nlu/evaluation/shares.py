"""A share of questions with how far it can be trusted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from scipy.stats import binomtest

T = TypeVar("T")


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    count: int
    of: int

    @classmethod
    def among(cls, ones: Iterable[T], holds: Callable[[T], bool]) -> Share:
        """Count for how many of these something holds."""
        told = [holds(one) for one in ones]
        return cls(sum(told), len(told))

    @property
    def value(self) -> float:
        """Return the share, 0 to 1; of nothing it is 0."""
        return self.count / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Return the 95 % Wilson interval, 0 to 1; of nothing anything is possible."""
        if not self.of:
            return 0.0, 1.0
        found = binomtest(self.count, self.of).proportion_ci(0.95, method="wilson")
        return float(found.low), float(found.high)

    def as_dict(self) -> dict[str, float | int]:
        """Return plain JSON values: count, of, share, low, high."""
        low, high = (round(bound, 4) for bound in self.interval)
        share = round(self.value, 4)
        return {"count": self.count, "of": self.of, "share": share, "low": low, "high": high}

    def __str__(self) -> str:
        return f"{100 * self.value:.1f} %" if self.of else "–"

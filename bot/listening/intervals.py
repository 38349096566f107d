"""A share with its uncertainty: Wilson's score interval for a binomial proportion at 95 %.

E. B. Wilson, “Probable inference, the law of succession, and statistical inference”, 1927. It
stays within 0 and 1 and holds for few observations, which the usual ± doesn't.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

Z = 1.959963984540054
"""The 97.5 % quantile of the normal distribution."""


@dataclass(frozen=True)
class Share:
    """So many out of so many, `of` being at least one."""

    count: int
    of: int

    def __post_init__(self) -> None:
        if not 0 <= self.count <= self.of or self.of == 0:
            raise ValueError(f"{self.count} of {self.of} is no share")

    @property
    def value(self) -> float:
        """The share itself, from 0 to 1."""
        return self.count / self.of

    @property
    def interval(self) -> tuple[float, float]:
        """The lowest and highest share, from 0 to 1, that go well with what was counted."""
        spread = Z * math.sqrt(self.value * (1 - self.value) / self.of + (Z / self.of) ** 2 / 4)
        middle = self.value + Z**2 / (2 * self.of)
        scale = 1 + Z**2 / self.of
        low = 0.0 if self.count == 0 else (middle - spread) / scale
        high = 1.0 if self.count == self.of else (middle + spread) / scale
        return low, high

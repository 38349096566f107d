"""When nobody is written to unasked: the night, by the clock of whoever would be woken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@dataclass(frozen=True)
class QuietHours:
    """Quiet hours.

    Args:
        start, end: minutes since midnight; from the first on it is quiet, from the second not.
        house: the time zone of people whose own isn't known.
    """

    start: int
    end: int
    house: tzinfo

    def is_quiet(self, zone: str | None, now: datetime) -> bool:
        """Say whether it is quiet by the clock of a time zone such as America/Chicago."""
        local = now.astimezone(self._known(zone))
        minute = 60 * local.hour + local.minute
        if self.start <= self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end

    def _known(self, zone: str | None) -> tzinfo:
        try:
            return ZoneInfo(zone) if zone else self.house
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return self.house

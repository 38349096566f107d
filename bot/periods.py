"""How long each kind of data is kept: the settings RETENTION_…_DAYS and their limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from bot.errors import SettingsError

TEN_YEARS = 3650


@dataclass(frozen=True)
class Period:
    """One setting: its default and limits in days, and what is kept so long."""

    default: int
    least: int
    meaning: str


PERIODS = {
    "messages": Period(90, 1, "messages and buttons, from when they were answered"),
    "outbox": Period(30, 1, "what was delivered, from when it was"),
    "turns": Period(30, 1, "the assistant's replies, kept in case they are asked for again"),
    "tracker": Period(90, 1, "the assistant's memory of a conversation"),
    "widget": Period(90, 1, "what the careers page shows of a conversation"),
    "questions": Period(180, 1, "the redacted question in the event log"),
    "event_log": Period(400, 1, "the event log: what was decided on each question"),
    "cases": Period(1095, 30, "texts and people of closed cases; numbers and dates stay"),
    # The triggers of the table refuse less.
    "audit": Period(1095, 365, "the audit trail"),
}


@dataclass(frozen=True)
class Periods:
    """Days for which each kind of data is kept; see `PERIODS`."""

    messages: int
    outbox: int
    turns: int
    tracker: int
    widget: int
    questions: int
    event_log: int
    cases: int
    audit: int

    def environment(self) -> dict[str, str]:
        """Return the variables that give these same periods."""
        return {variable(f.name): str(getattr(self, f.name)) for f in fields(self)}


def variable(kind: str) -> str:
    """Return the name of the variable of a kind of data."""
    return f"RETENTION_{kind.upper()}_DAYS"


def periods_from(values: Mapping[str, str]) -> Periods:
    """Read the periods from settings by variable.

    Raises:
        SettingsError: naming the variable and what it should be.
    """
    return Periods(**{kind: _days(values, kind, period) for kind, period in PERIODS.items()})


def _days(values: Mapping[str, str], kind: str, period: Period) -> int:
    name = variable(kind)
    value = values.get(name, str(period.default))
    if not (value.isascii() and value.isdecimal()) or not (
        period.least <= int(value[:6]) <= TEN_YEARS
    ):
        raise SettingsError(
            f"{name} is “{value}”: it must be a number of days from {period.least} to {TEN_YEARS}."
        )
    return int(value)

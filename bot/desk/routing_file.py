"""Reads data/routing.yml, and says of every mistake in which queue it is and what is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.desk.routing import ALWAYS_SENSITIVE, DEFAULT_QUEUE, Queue, Routing, ServiceLevel
from bot.desk.service_hours import ALWAYS, ServiceHours
from bot.errors import DataFileError
from bot.privacy.audience import READERS

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SHARED_KEYS = {
    "admins", "on_call", "escalation", "time_zone", "hours", "holidays", "sla", "digest",
    "approval",
}  # fmt: skip
_QUEUE_KEYS = _SHARED_KEYS | {
    "title", "channel", "members", "categories", "topics", "audiences", "sites", "restricted",
}  # fmt: skip
_FILE_KEYS = {"defaults", "sensitive", "owners", "queues"}
_CLOCK = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)")
_DURATION = re.compile(r"(?:(\d{1,3})d)? ?(?:(\d{1,3})h)? ?(?:(\d{1,4})m)?")
_NAME = re.compile(r"[a-z0-9_-]{1,60}")
_USER = re.compile(r"[UW][A-Z0-9]{1,20}")
_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,20}")


def load_routing(path: Path, channels: Mapping[str, str]) -> Routing:
    """Read the queues.

    Args:
        channels: the ids of the channels that a queue may name by a word, `default` and others.

    Raises:
        DataFileError: naming the file, the queue and what is wrong with it.
    """
    try:
        # The pure loader takes 08:00-17:00 within brackets; the fast one wants quotes there.
        data = YAML(typ="safe", pure=True).load(path)
    except (OSError, YAMLError) as error:
        raise DataFileError(f"{path} can't be read: {error}") from error
    queues = data.get("queues") if isinstance(data, dict) else None
    if not isinstance(queues, dict) or DEFAULT_QUEUE not in queues:
        raise DataFileError(f"{path}: it needs “queues:” with a queue named “{DEFAULT_QUEUE}”.")
    if set(data) - _FILE_KEYS:
        raise DataFileError(f"{path}: it may hold {_list(_FILE_KEYS)} and nothing else.")
    for name in queues:
        if not _NAME.fullmatch(str(name)):
            raise DataFileError(f"{path}: “{name}” can't be a queue's name; use a to z, 0 to 9, -.")
    shared = data.get("defaults", {})
    _Entry(f"{path}, defaults", shared, _SHARED_KEYS).shared()
    return Routing(
        {
            str(name): _queue(f"{path}, queue “{name}”", str(name), spec, shared, channels)
            for name, spec in queues.items()
        },
        (*ALWAYS_SENSITIVE, *_Entry(str(path), data, _FILE_KEYS).names("sensitive")),
        _owners(path, data.get("owners", {}), queues),
    )


def _owners(path: Path, spec: Any, queues: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    if not isinstance(spec, dict):
        raise DataFileError(f"{path}: “owners” must give each owner a list of people or queues.")
    entry = _Entry(f"{path}, owners", spec, set(spec))
    found = {str(owner).casefold(): entry.names(owner) for owner in spec}
    for owner, names in found.items():
        for name in names:
            if not (name in queues or "@" in name or _USER.fullmatch(name)):
                kinds = "a Slack user (U…), an e-mail address or a queue"
                raise entry.wrong(f"“{name}” of “{owner}” must be {kinds}.")
    return found


def _queue(
    where: str, name: str, spec: Any, shared: dict[str, Any], channels: Mapping[str, str]
) -> Queue:
    own = _Entry(where, spec, _QUEUE_KEYS)
    entry = _Entry(where, {**shared, **spec}, _QUEUE_KEYS)
    audiences = own.names("audiences") or READERS
    if set(audiences) - set(READERS):
        raise own.wrong(f"“audiences” may hold {' and '.join(READERS)}.")
    return Queue(
        name=name,
        title=str(spec.get("title", name)),
        channel=own.channel(channels),
        members=None if spec.get("members", "channel") == "channel" else own.names("members"),
        categories=None if spec.get("categories") == "all" else own.names("categories"),
        audiences=audiences,
        topics=own.names("topics"),
        sites=own.names("sites"),
        restricted=own.flag("restricted"),
        **entry.shared(),
    )


class _Entry:
    """One mapping of the file, with where it stands, read value by value."""

    def __init__(self, where: str, spec: Any, keys: set[str]) -> None:
        self._where = where
        if not isinstance(spec, dict) or set(spec) - keys:
            raise self.wrong(f"it may hold {_list(keys)} and nothing else.")
        self._spec = spec

    def wrong(self, what: str) -> DataFileError:
        return DataFileError(f"{self._where}: {what}")

    def shared(self) -> dict[str, Any]:
        """Read what may also stand in `defaults`."""
        hours = self._hours()
        return {
            "admins": self.names("admins"),
            "on_call": self.names("on_call"),
            "escalation": self.names("escalation"),
            "hours": hours,
            "sla": self._service_level(hours),
            "digest": self._clock("digest", self._spec.get("digest")),
            "approval": self.flag("approval"),
        }

    def names(self, key: str) -> tuple[str, ...]:
        value = self._spec.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) and v for v in value):
            raise self.wrong(f"“{key}” must be a list of names.")
        return tuple(value)

    def flag(self, key: str) -> bool:
        value = self._spec.get(key, False)
        if not isinstance(value, bool):
            raise self.wrong(f"“{key}” must be true or false.")
        return value

    def channel(self, channels: Mapping[str, str]) -> str:
        value = self._spec.get("channel")
        if not isinstance(value, str) or not (value in channels or _CHANNEL.fullmatch(value)):
            words = " or ".join(f"“{word}”" for word in channels)
            raise self.wrong(f"“channel” must be a channel id (C…), {words}.")
        return channels.get(value, value)

    def _hours(self) -> ServiceHours:
        week = self._spec.get("hours", "always")
        zone = self._zone()
        holidays = self._holidays()
        if week == "always":
            return ServiceHours(zone, ALWAYS.week, holidays)
        if not isinstance(week, dict) or not week or set(week) - set(DAYS):
            raise self.wrong(f"“hours” must be “always”, or openings for {', '.join(DAYS)}.")
        if "time_zone" not in self._spec:
            raise self.wrong("“hours” need a “time_zone”, such as America/Chicago.")
        openings = tuple(self._openings(day, week.get(day, [])) for day in DAYS)
        if not any(openings):
            raise self.wrong("“hours” name no opening at all.")
        return ServiceHours(zone, openings, holidays)

    def _openings(self, day: str, value: Any) -> tuple[tuple[int, int], ...]:
        found = []
        for opening in value if isinstance(value, list) else [value]:
            parts = str(opening).split("-")
            if len(parts) != 2:
                raise self.wrong(f"“hours, {day}”: “{opening}” must look like 08:00-17:00.")
            edges = [self._clock(f"hours, {day}", part.strip()) for part in parts]
            if edges[0] >= edges[1]:
                raise self.wrong(f"“hours, {day}”: “{opening}” ends before it begins.")
            if found and edges[0] < found[-1][1]:
                raise self.wrong(f"“hours, {day}”: “{opening}” begins before the one before ends.")
            found.append((edges[0], edges[1]))
        return tuple(found)

    def _zone(self) -> ZoneInfo | Any:
        name = self._spec.get("time_zone")
        if name is None:
            return ALWAYS.zone
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
            raise self.wrong(
                f"“time_zone” is “{name}”; it must be a name such as America/Chicago."
            ) from None

    def _holidays(self) -> frozenset[date]:
        value = self._spec.get("holidays", [])
        if not isinstance(value, list) or not all(type(day) is date for day in value):
            raise self.wrong("“holidays” must be a list of dates such as 2026-12-25.")
        return frozenset(value)

    def _service_level(self, hours: ServiceHours) -> ServiceLevel:
        value = self._spec.get("sla", {})
        known = {"first_reply", "resolution"}
        if not isinstance(value, dict) or set(value) - known:
            raise self.wrong(f"“sla” may hold {_list(known)} and nothing else.")
        return ServiceLevel(
            **{key: self._duration(key, text, hours) for key, text in value.items()}
        )

    def _duration(self, key: str, text: Any, hours: ServiceHours) -> timedelta:
        match = _DURATION.fullmatch(str(text).strip())
        days, hour, minutes = (int(part or 0) for part in match.groups()) if match else (0, 0, 0)
        duration = days * hours.longest_day + timedelta(hours=hour, minutes=minutes)
        if not duration:
            raise self.wrong(f"“sla”, {key}: “{text}” must look like 30m, 4h, 3d or 1d 4h.")
        return duration

    def _clock(self, key: str, text: Any) -> int | None:
        """Return minutes since midnight; 24:00 is the end of the day."""
        if text is None:
            return None
        match = _CLOCK.fullmatch(str(text))
        minutes = int(match[1]) * 60 + int(match[2]) if match else None
        if minutes is None or minutes > 24 * 60:
            raise self.wrong(f"“{key}”: “{text}” must be a time such as 08:30.")
        return minutes


def _list(names: set[str]) -> str:
    return ", ".join(sorted(names))

"""Reads data/campaigns.yml and data/moments.yml, and finds every mistake in them, with its line."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ruamel.yaml.nodes import Node

from bot.programs.catalogue_file import CONDITIONS
from bot.programs.checked_file import Mistake, line_of, read_checked, record, text
from bot.telling.gentle import Limits
from bot.telling.moments import AFTER_HIRE, BECOMES_ELIGIBLE, BEFORE_LICENSE, BEFORE_REVIEW, Moment
from bot.telling.quiet_hours import QuietHours

CAMPAIGNS, MOMENTS = "campaigns.yml", "moments.yml"
LONGEST_TEXT = 1500
_ID = {"type": "string", "pattern": "^[a-z][a-z0-9-]{1,49}$"}
_LINK = {"type": "string", "pattern": "^https://", "maxLength": 300}
_DAYS = {"type": "integer", "minimum": 1, "maximum": 365}
_LIMITS = record(
    {
        "a_week": {"type": "integer", "minimum": 1, "maximum": 7},
        "time_zone": text(60),
        "second_person_above": {"type": "integer", "minimum": 0},
        "a_minute": {"type": "integer", "minimum": 1, "maximum": 6000},
    },
    required=("a_week", "time_zone"),
)
_CAMPAIGN = record(
    {
        "id": _ID,
        "title": text(120),
        "program": text(60),
        "text": text(LONGEST_TEXT),
        "link": _LINK,
        "audience": record(CONDITIONS),
        "start": {"type": "date"},
        "end": {"type": "date"},
        "repeat_days": {"type": "integer", "minimum": 7, "maximum": 365},
        "remind_days_before": {"type": "array", "items": _DAYS, "uniqueItems": True},
    },
    required=("id", "title", "start"),
) | {
    "anyOf": [{"required": ["program"]}, {"required": ["text"]}],
    "description": "a program or a text",
}
_CAMPAIGN_FILE = record(
    {"limits": _LIMITS, "campaigns": {"type": "array", "items": _CAMPAIGN}},
    required=("limits", "campaigns"),
)
_MOMENT = record(
    {
        "id": _ID,
        "title": text(120),
        "when": {"enum": [AFTER_HIRE, BECOMES_ELIGIBLE, BEFORE_LICENSE, BEFORE_REVIEW]},
        "days": {"type": "integer", "minimum": 0, "maximum": 365},
        "within_days": _DAYS,
        "program": text(60),
        "text": text(LONGEST_TEXT),
        "link": _LINK,
        "audience": record(CONDITIONS),
    },
    required=("id", "title", "when", "text"),
)
_HINTS = {
    "id": "small letters, digits and hyphens",
    "link": "an address that begins with https://",
}


@dataclass(frozen=True)
class CampaignSpec:
    """A campaign as a file or a form describes it; columns as in `bot.db.telling.Campaign`."""

    id: str
    title: str
    program_id: str | None
    text: str | None
    link: str | None
    conditions: dict[str, Any]
    starts_on: date
    ends_on: date | None
    repeat_days: int | None
    reminder_days: tuple[int, ...]


@dataclass(frozen=True)
class CampaignFile:
    """What data/campaigns.yml says: how gently to tell, and the campaigns."""

    limits: Limits
    campaigns: tuple[CampaignSpec, ...]


def read_campaigns(data_dir: Path, quiet_hours: tuple[int, int]) -> CampaignFile:
    """Read data/campaigns.yml.

    Args:
        quiet_hours: from when to when nobody is told anything, in minutes since midnight.

    Raises:
        DataFileError: with every mistake of the file, each with its line.
    """
    values = read_checked(
        data_dir / CAMPAIGNS,
        _CAMPAIGN_FILE,
        hints=_HINTS,
        across=_across_campaigns,
        holds="“limits:” and “campaigns:”",
        consequence="no campaign was taken from it",
    )
    return CampaignFile(
        _limits(values["limits"], quiet_hours), tuple(_campaign(one) for one in values["campaigns"])
    )


def read_moments(data_dir: Path) -> tuple[Moment, ...]:
    """Read data/moments.yml.

    Raises:
        DataFileError: with every mistake of the file, each with its line.
    """
    values = read_checked(
        data_dir / MOMENTS,
        {"type": "array", "items": _MOMENT},
        hints=_HINTS,
        across=_across_moments,
        holds="a list of moments",
        consequence="nothing was taken from it",
    )
    return tuple(_moment(one) for one in values)


def telling_problems(
    file: CampaignFile, moments: Collection[Moment], programs: Collection[dict[str, Any]]
) -> list[str]:
    """Return what files that can be read do wrong all the same, one sentence each.

    Args:
        programs: the programs of the catalogue file.
    """
    known = {program["id"]: program for program in programs}
    problems = []
    named = [(CAMPAIGNS, c.id, c.program_id) for c in file.campaigns]
    named += [(MOMENTS, m.id, m.program_id) for m in moments]
    for name, identifier, program in named:
        if program is None:
            continue
        if program not in known:
            problems.append(f"{name}: “{identifier}” tells of “{program}”, which is no program.")
        elif known[program]["audience"] == "candidate":
            problems.append(
                f"{name}: “{identifier}” tells of “{program}”, which is for candidates only."
            )
    for campaign in file.campaigns:
        program = known.get(campaign.program_id or "")
        if campaign.reminder_days and program is not None and not program.get("dates"):
            problems.append(
                f"{CAMPAIGNS}: “{campaign.id}” reminds before a deadline, but "
                f"“{campaign.program_id}” has none."
            )
    return problems


def _limits(values: dict[str, Any], quiet_hours: tuple[int, int]) -> Limits:
    return Limits(
        a_week=values["a_week"],
        quiet=QuietHours(*quiet_hours, ZoneInfo(values["time_zone"])),
        second_person_above=values.get("second_person_above"),
        a_minute=values.get("a_minute", Limits.a_minute),
    )


def _campaign(values: dict[str, Any]) -> CampaignSpec:
    return CampaignSpec(
        id=values["id"],
        title=values["title"],
        program_id=values.get("program"),
        text=values.get("text"),
        link=values.get("link"),
        conditions=values.get("audience", {}),
        starts_on=values["start"],
        ends_on=values.get("end"),
        repeat_days=values.get("repeat_days"),
        reminder_days=tuple(sorted(values.get("remind_days_before", []), reverse=True)),
    )


def _moment(values: dict[str, Any]) -> Moment:
    return Moment(
        id=values["id"],
        title=values["title"],
        when=values["when"],
        days=values.get("days", 0),
        within_days=values.get("within_days", Moment.within_days),
        program_id=values.get("program"),
        text=values["text"],
        link=values.get("link"),
        conditions=values.get("audience", {}),
    )


def _across_campaigns(root: Node, values: Any) -> Iterator[Mistake]:
    if not isinstance(values, dict):
        return
    limits = values.get("limits")
    if isinstance(limits, dict):
        yield from _wrong_limits(root, limits)
    campaigns = values.get("campaigns")
    if not isinstance(campaigns, list):
        return
    yield from _twice(root, campaigns, "campaigns")
    for index, one in enumerate(campaigns):
        if not isinstance(one, dict):
            continue
        start, end = one.get("start"), one.get("end")
        if isinstance(start, date) and isinstance(end, date) and end < start:
            yield Mistake(line_of(root, "campaigns", index, "end"), "it ends before it begins.")
        if one.get("remind_days_before") and not one.get("program"):
            where = line_of(root, "campaigns", index, "remind_days_before")
            yield Mistake(where, "only a program has deadlines to remind of.")


def _wrong_limits(root: Node, limits: dict[str, Any]) -> Iterator[Mistake]:
    zone = limits.get("time_zone")
    if isinstance(zone, str) and zone and not _is_zone(zone):
        where = line_of(root, "limits", "time_zone")
        yield Mistake(where, f"there is no time zone “{zone}”; one is America/Chicago.")


def _is_zone(name: str) -> bool:
    """Say whether there is a time zone of this name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _across_moments(root: Node, values: Any) -> Iterator[Mistake]:
    if not isinstance(values, list):
        return
    yield from _twice(root, values)
    for index, one in enumerate(values):
        if not isinstance(one, dict):
            continue
        when, days = one.get("when"), "days" in one
        if when == BECOMES_ELIGIBLE and days:
            yield Mistake(line_of(root, index, "days"), "that day follows from the program.")
        elif when in (AFTER_HIRE, BEFORE_LICENSE, BEFORE_REVIEW) and not days:
            yield Mistake(line_of(root, index), "“days” is missing.")


def _twice(root: Node, values: list[Any], *steps: str) -> Iterator[Mistake]:
    seen: set[str] = set()
    for index, one in enumerate(values):
        name = one.get("id") if isinstance(one, dict) else None
        if isinstance(name, str):
            if name in seen:
                yield Mistake(line_of(root, *steps, index, "id"), f"“{name}” stands here twice.")
            seen.add(name)

"""What we ship can be read; every mistake is found, with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import DataFileError
from bot.programs.catalogue_file import read_catalogue
from bot.settings import ROOT
from bot.telling.campaign_file import read_campaigns, read_moments, telling_problems

QUIET = (19 * 60, 8 * 60)
LIMITS = "limits: {a_week: 1, time_zone: America/Chicago}\n"
ONE = "- {id: one, title: One, text: Hello., start: 2026-12-01}\n"


def campaigns(folder: Path, text: str) -> str:
    """Return what is wrong with a file of campaigns."""
    (folder / "campaigns.yml").write_text(text, encoding="utf-8")
    with pytest.raises(DataFileError) as caught:
        read_campaigns(folder, QUIET)
    return str(caught.value)


def moments(folder: Path, text: str) -> str:
    """Return what is wrong with a file of moments."""
    (folder / "moments.yml").write_text(text, encoding="utf-8")
    with pytest.raises(DataFileError) as caught:
        read_moments(folder)
    return str(caught.value)


def test_what_we_ship_is_in_order() -> None:
    file, told = read_campaigns(ROOT / "data", QUIET), read_moments(ROOT / "data")
    programs = read_catalogue(ROOT / "data" / "programs.yml")
    assert telling_problems(file, told, programs) == []
    assert file.limits.a_week == 1
    assert file.limits.second_person_above == 50
    assert {moment.when for moment in told} == {
        "after_hire",
        "becomes_eligible",
        "before_license_expires",
        "before_review",
    }


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("campaigns: []", 1, "“limits” is missing"),
        ("limits: {a_week: 1}\ncampaigns: []", 1, "“time_zone” is missing"),
        ("limits: {a_week: 0, time_zone: UTC}\ncampaigns: []", 1, "“a_week” can't be 0"),
        (
            "limits:\n  a_week: 1\n  time_zone: Iowa\ncampaigns: []",
            3,
            "there is no time zone “Iowa”",
        ),
        (f"{LIMITS}campaigns:\n{ONE}{ONE}", 4, "“one” stands here twice"),
        (f"{LIMITS}campaigns:\n- {{id: one, title: One, start: 2026-12-01}}", 3, "a program or"),
        (
            f"{LIMITS}campaigns:\n- id: one\n  title: One\n  text: Hi.\n  start: 2026-12-02\n"
            "  end: 2026-12-01",
            7,
            "it ends before it begins",
        ),
        (
            f"{LIMITS}campaigns:\n- id: one\n  title: One\n  text: Hi.\n  start: 2026-12-02\n"
            "  remind_days_before: [3]",
            7,
            "only a program has deadlines",
        ),
        (
            f"{LIMITS}campaigns:\n- id: one\n  title: One\n  text: Hi.\n  start: 2026-12-02\n"
            "  audience: {sites: [mars]}",
            7,
            "can't be “mars”",
        ),
        (f"{LIMITS}campaigns:\n- {{id: One!, title: One, text: x, start: 2026-12-01}}", 3, "small"),
        (f"{LIMITS}campaigns:\n- {{id: one, title: One, text: x, start: soon}}", 3, "a date like"),
    ],
)
def test_each_mistake_is_named_with_its_line(
    tmp_path: Path, text: str, line: int, part: str
) -> None:
    told = campaigns(tmp_path, text)
    assert f"campaigns.yml, line {line}: " in told
    assert part in told


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("- {id: hi, title: Hi, when: after_hire, text: Hi.}", "“days” is missing"),
        ("- {id: hi, title: Hi, when: some_day, days: 1, text: Hi.}", "can't be “some_day”"),
        (
            "- {id: hi, title: Hi, when: becomes_eligible, days: 1, text: Hi.}",
            "follows from the program",
        ),
        ("- {id: hi, title: Hi, when: after_hire, days: 1}", "“text” is missing"),
        ("[", "moments.yml"),
    ],
)
def test_each_mistake_of_a_moment_is_named(tmp_path: Path, text: str, part: str) -> None:
    assert part in moments(tmp_path, text)


@pytest.mark.parametrize(
    ("program", "more", "part"),
    [
        ("no-such-program", "", "is no program"),
        ("pharmacy-residency", "", "for candidates only"),
        ("referral-bonus", ", remind_days_before: [3]", "has none"),
    ],
)
def test_programs_that_do_not_fit_are_named(
    tmp_path: Path, program: str, more: str, part: str
) -> None:
    one = f"- {{id: one, title: One, program: {program}, start: 2026-12-01{more}}}\n"
    (tmp_path / "campaigns.yml").write_text(f"{LIMITS}campaigns:\n{one}", encoding="utf-8")
    file = read_campaigns(tmp_path, QUIET)
    (problem,) = telling_problems(file, (), read_catalogue(ROOT / "data" / "programs.yml"))
    assert part in problem

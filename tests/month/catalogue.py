"""Whom a program is for, read from data/programs.yml anew: to compare the product's word with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from ruamel.yaml import YAML

from bot.settings import ROOT

_YAML = YAML(typ="safe")


@lru_cache(maxsize=1)
def catalogue() -> dict[str, dict[str, Any]]:
    """Return the programs by id, as they stand in the file."""
    return {program["id"]: program for program in _YAML.load(ROOT / "data" / "programs.yml")}


def is_eligible(job: Mapping[str, Any], program: Mapping[str, Any], today: date) -> bool:
    """Say whether somebody with this job, in the columns of HR's list, may take part on a day."""
    needed, hired = program["eligibility"], job["hire_date"]
    months = (today.year - hired.year) * 12 + today.month - hired.month - (today.day < hired.day)
    return (
        _is_among(job["employment_type"], needed["employment_types"])
        and job["fte"] >= needed["min_fte"]
        and months >= needed["min_tenure_months"]
        and _is_among(job["job_family"], needed["job_families"])
        and _is_among(job["site"], needed["sites"])
    )


def _is_among(mine: object, allowed: list[str]) -> bool:
    return not allowed or mine in allowed

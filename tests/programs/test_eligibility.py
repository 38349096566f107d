from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import pytest

from bot.programs.eligibility import (
    FTE,
    JOB_FAMILY,
    NO,
    NOT_YET,
    TENURE,
    UNKNOWN,
    YES,
    Bounds,
    JobFacts,
    check,
    months_after,
)

TODAY = date(2026, 11, 23)


@dataclass
class Program:
    employment_types: list[str] = field(default_factory=list)
    min_fte: float | None = None
    min_tenure_months: int | None = None
    job_families: list[str] = field(default_factory=list)
    sites: list[str] = field(default_factory=list)


LOANS = Program(["full_time", "part_time"], 0.75, 12, ["nursing", "allied_health"])
NURSE = JobFacts(
    employment_types=frozenset({"full_time"}),
    fte=Bounds.exactly(0.9),
    hire_date=date(2024, 3, 1),
    job_families=frozenset({"nursing"}),
    sites=frozenset({"riverside"}),
)


def changed(**facts) -> JobFacts:
    return JobFacts(**facts).or_else(NURSE)


def test_everything_fits():
    verdict = check(LOANS, NURSE, TODAY)

    assert verdict.eligible == YES
    assert verdict.missing == ()
    assert verdict.reasons == (
        "you are full-time staff",
        "you have been here since March 1, 2024 (1 year count)",
        "you work 36 hours a week (0.9 FTE)",
        "your job is in nursing",
    )


def test_a_program_without_conditions_is_for_everybody():
    assert check(Program(), JobFacts(), TODAY).eligible == YES
    assert check(Program(min_fte=0, min_tenure_months=0), JobFacts(), TODAY).eligible == YES


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (
            {"employment_types": frozenset({"per_diem"})},
            "it is for full-time and part-time staff, and you are per-diem staff",
        ),
        (
            {"fte": Bounds.exactly(0.6)},
            "it takes 30 hours a week (0.75 FTE) or more, and you work 24 hours a week (0.6 FTE)",
        ),
        (
            {"fte": Bounds(0, 0.75)},
            "it takes 30 hours a week (0.75 FTE) or more, and you work fewer",
        ),
        (
            {"job_families": frozenset({"administration"})},
            "it is for jobs in nursing and allied health, and yours is in administration",
        ),
        (
            {"job_families": frozenset({"administration", "physicians"})},
            "it is for jobs in nursing and allied health, and yours is in another area",
        ),
    ],
)
def test_one_thing_that_does_not_fit_is_a_no_with_its_reason(facts, reason):
    verdict = check(LOANS, changed(**facts), TODAY)

    assert (verdict.eligible, verdict.reasons) == (NO, (reason,))


def test_the_site_counts():
    program = Program(sites=["lakeview"])

    assert check(program, NURSE, TODAY).reasons == (
        "it is for people at Lakeview, and you work at Riverside",
    )
    assert check(program, changed(sites=frozenset({"lakeview"})), TODAY).eligible == YES


def test_only_time_is_missing():
    verdict = check(LOANS, changed(hire_date=date(2026, 8, 3)), TODAY)

    assert verdict.eligible == NOT_YET
    assert verdict.from_date == date(2027, 8, 3)
    assert verdict.reasons == ("it takes 1 year here; you reach that on August 3, 2027",)


def test_waiting_does_not_help_where_something_else_is_against_it():
    job = changed(hire_date=date(2026, 8, 3), employment_types=frozenset({"per_diem"}))
    verdict = check(LOANS, job, TODAY)

    assert verdict.eligible == NO
    assert verdict.from_date is None
    assert len(verdict.reasons) == 1


def test_the_day_itself_counts():
    assert check(LOANS, changed(hire_date=date(2025, 11, 23)), TODAY).eligible == YES
    assert check(LOANS, changed(hire_date=date(2025, 11, 24)), TODAY).eligible == NOT_YET


@pytest.mark.parametrize(
    ("bounds", "eligible"),
    [(Bounds(12), YES), (Bounds(0, 12), NOT_YET), (Bounds(6, 24), UNKNOWN), (None, UNKNOWN)],
)
def test_time_that_is_known_within_bounds(bounds, eligible):
    job = JobFacts(
        employment_types=NURSE.employment_types,
        fte=NURSE.fte,
        tenure=bounds,
        job_families=NURSE.job_families,
    )
    verdict = check(LOANS, job, TODAY)

    assert verdict.eligible == eligible
    assert verdict.from_date is None
    assert verdict.missing == ((TENURE,) if eligible == UNKNOWN else ())


def test_what_is_missing_comes_in_the_order_to_ask():
    job = JobFacts(employment_types=frozenset({"full_time", "part_time"}))
    verdict = check(LOANS, job, TODAY)

    assert verdict.eligible == UNKNOWN
    assert verdict.missing == (TENURE, FTE, JOB_FAMILY)
    assert verdict.reasons == ("you are full-time or part-time staff",)


def test_what_is_unknown_does_not_hide_a_no():
    job = JobFacts(employment_types=frozenset({"per_diem"}))

    assert check(LOANS, job, TODAY).eligible == NO


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 1, 1), 0, date(2026, 1, 1)),
        (date(2026, 1, 1), 24, date(2028, 1, 1)),
    ],
)
def test_months_later(day, months, later):
    assert months_after(day, months) == later


def test_facts_survive_a_conversation():
    job = JobFacts(
        employment_types=frozenset({"part_time"}),
        fte=Bounds(0.6),
        hire_date=date(2026, 1, 2),
        tenure=Bounds(6, 12),
        job_families=frozenset({"nursing", "physicians"}),
        sites=frozenset({"lakeview"}),
    )

    assert JobFacts.from_json(job.as_json()) == job
    assert JobFacts.from_json(NURSE.as_json()) == NURSE
    assert JobFacts.from_json(None) == JobFacts()


def test_what_people_say_wins_over_the_table():
    said = JobFacts(employment_types=frozenset({"per_diem"}), tenure=Bounds(0, 6))
    job = said.or_else(NURSE)

    assert job.employment_types == {"per_diem"}
    assert job.hire_date is None
    assert job.tenure == Bounds(0, 6)
    assert job.fte == NURSE.fte

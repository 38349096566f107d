from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import pytest

from bot.programs.eligibility import FACTS, Bounds, JobFacts
from bot.programs.stated import job_from_choice, job_in, options_for

TODAY = date(2026, 11, 23)


@dataclass
class Program:
    employment_types: list[str] = field(default_factory=list)
    min_fte: float | None = None
    min_tenure_months: int | None = None
    job_families: list[str] = field(default_factory=list)
    sites: list[str] = field(default_factory=list)


def types(*names: str) -> dict:
    return {"employment_types": frozenset(names)}


def area(*names: str) -> dict:
    return {"job_families": frozenset(names)}


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("do I qualify for tuition help as per diem", types("per_diem")),
        ("I'm PRN, can I get that one", types("per_diem")),
        ("as a part-timer can i join", types("part_time")),
        ("I’m a CNA, am i eligible for that", area("nursing_support")),
        ("i'm a night nurse, is it for me", area("nursing")),
        ("I'm a student nurse", types("student") | area("nursing")),
        ("i work 24 hours a week", {"fte": Bounds.exactly(0.6)}),
        ("my fte is 0.8 fte", {"fte": Bounds.exactly(0.8)}),
        ("i've been here less than a year", {"tenure": Bounds(0, 12)}),
        ("I have worked here for over 2 years", {"tenure": Bounds(24)}),
        ("i've been here 4 months, do i qualify", {"tenure": Bounds(4, 5)}),
        ("hired in march 2024", {"tenure": Bounds(31, 33)}),
        ("started 2025-03-02", {"hire_date": date(2025, 3, 2)}),
        ("i am at riverside", {"sites": frozenset({"riverside"})}),
        ("can i get this", {}),
        ("student loans for nurses", {}),
        ("i work 12 hour shifts, am i eligible", {}),
        ("programs over 1000 dollars", {}),
        ("a week ago i asked about tuition", {}),
        ("is it for full time or part time people", {}),
        ("does it close in 2 weeks", {}),
        ("started 2025-13-40", {}),
        ("I was hired on March 2nd, 2025", {"hire_date": date(2025, 3, 2)}),
        ("hired 2027-03-02", {}),
        ("is anything due before 2026-01-15", {}),
        ("since 2031", {}),
    ],
)
def test_what_a_sentence_says_of_a_job(text, facts):
    assert job_in(text, TODAY) == JobFacts(**facts)


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("nursing", area("nursing")),
        ("the lab", area("allied_health")),
        ("Nursing assistant", area("nursing_support")),
        (".9", {"fte": Bounds.exactly(0.9)}),
        ("36 hrs", {"fte": Bounds.exactly(0.9)}),
        ("two years", {"tenure": Bounds(24, 36)}),
        ("8 months or more", {"tenure": Bounds(8)}),
        ("lakeview", {"sites": frozenset({"lakeview"})}),
        ("resident", types("resident")),
        ("3/15/2024", {"hire_date": date(2024, 3, 15)}),
        ("March 2024", {"tenure": Bounds(31, 33)}),
        ("no idea", {}),
    ],
)
def test_an_answer_may_be_a_bare_word(text, facts):
    assert job_in(text, TODAY, answering=True) == JobFacts(**facts)


@pytest.mark.parametrize("text", ["nursing", ".9", "two years", "lakeview", "36 hrs"])
def test_a_bare_word_says_nothing_where_nothing_was_asked(text):
    assert job_in(text, TODAY) == JobFacts()


def test_choices_are_cut_where_the_program_cuts():
    program = Program(min_fte=0.6, min_tenure_months=12, job_families=["nursing", "physicians"])

    assert [o.title for o in options_for("fte", [program])] == [
        "Less than 24 hours a week",
        "24 hours a week or more",
    ]
    assert [o.title for o in options_for("tenure", [program])] == [
        "Less than 1 year",
        "1 year or more",
    ]
    assert [o.value for o in options_for("job_family", [program])] == [
        "nursing",
        "physicians",
        "nursing_support,allied_health,administration,support_services",
    ]


def test_several_programs_make_bands():
    programs = [Program(min_tenure_months=months) for months in (6, 12, 6, 0)]

    assert [o.title for o in options_for("tenure", programs)] == [
        "Less than 6 months",
        "From 6 months to less than 1 year",
        "1 year or more",
    ]


def test_there_are_never_more_than_five_choices_and_each_means_something():
    programs = [
        Program(["full_time"], fte / 10, fte + 1, ["nursing"], ["riverside"]) for fte in range(1, 9)
    ]
    most_areas = Program(
        job_families=["nursing", "nursing_support", "allied_health", "physicians", "administration"]
    )
    for fact in FACTS:
        for meant in (programs, [*programs, most_areas]):
            options = options_for(fact, meant)
            assert 2 <= len(options) <= 5
            for option in options:
                assert len(option.title) <= 75
                assert job_from_choice(fact, option.value, TODAY) != JobFacts()


def test_a_choice_decides():
    assert job_from_choice("fte", "0.6:", TODAY) == JobFacts(fte=Bounds(0.6))
    assert job_from_choice("tenure", ":12", TODAY) == JobFacts(tenure=Bounds(0, 12))
    assert job_from_choice("employment_type", "per_diem", TODAY) == JobFacts(**types("per_diem"))
    assert job_from_choice("hire_date", "2025-03-02", TODAY) == JobFacts(hire_date=date(2025, 3, 2))


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("fte", "lots"),
        ("site", "mars"),
        ("shoe_size", "44"),
        ("tenure", "1:x"),
        ("hire_date", "2026-11-24"),
        ("hire_date", "yesterday"),
    ],
)
def test_nonsense_means_nothing(fact, value):
    assert job_from_choice(fact, value, TODAY) == JobFacts()

from __future__ import annotations

import pytest

from bot.privacy.redaction import redact


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("dob 4/2/88", "dob [date]"),
        ("born on July 4, 1990", "born on [date]"),
        ("my birthday is march 9", "my birthday is [date]"),
        ("d.o.b. 10.02.1994", "d.o.b. [date]"),
        ("birth date 1985-11-23 or 03141987", "birth date [date] or [date 2]"),
        ("9th of October 1969, that's when i was born", "[date], that's when i was born"),
        ("my surgery is 06/22/2026", "my surgery is [date]"),
        ("appendectomy 06/22/2026", "appendectomy [date]"),
        ("inpatient from 4/1/2026 to 4/9/2026", "inpatient from [date] to [date 2]"),
        ("my dad is 94 years old", "my dad is [age] years old"),
        ("a 102 yo patient", "a [age] yo patient"),
    ],
)
def test_days_and_ages_of_a_person(text: str, redacted: str) -> None:
    assert redact(text).text == redacted


@pytest.mark.parametrize(
    "text",
    [
        "hired 06/03/2019 and started on March 15 2024",
        "surgery in june, leave starts 6/22/2026",
        "my surgery is on 6/22",
        "i was hired at this hospital 3/4/2024",
        "pto 12/24/2026 after the birth",
        "tuition window 2026-09-01 to 2026-10-15",
        "open enrollment ends November 20, 2026",
        "she is 26 years old, and I get 90 days",
    ],
)
def test_days_of_jobs_and_programs_survive(text: str) -> None:
    assert redact(text).text == text

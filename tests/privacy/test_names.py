from __future__ import annotations

import pytest

from bot.privacy.redaction import redact


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("my name is Tamsin Okonjo", "my name is [name]"),
        ("my name is zorvan brakkle and i start monday", "my name is [name] and i start monday"),
        ("this is Dana from 4 West", "this is [name] from 4 West"),
        ("im Odalyss, from the ICU", "im Odalyss, from the ICU"),
        ("I'm Quorra from the ICU", "I'm [name] from the ICU"),
        ("my patient Zorvan Brakkle hit me", "my patient [name] hit me"),
        ("my manager karen won't approve it", "my manager [name] won't approve it"),
        ("my manager Ms. Brakkle", "my manager Ms. [name]"),
        ("my manager, Will Brakkle, said no", "my manager, [name], said no"),
        ("Dr. Svensson and dr patel", "Dr. [name] and dr [name 2]"),
        ("dr brakkle keeps yelling", "dr [name] keeps yelling"),
        ("tell Quorra that I'm sick", "tell [name] that I'm sick"),
        ("my doctor is Dr Leung", "my doctor is Dr [name]"),
        ("patient's name is Lucille Abbott", "patient's name is [name]"),
        ("beneficiary should be Zorvan", "beneficiary should be [name]"),
        ("ODALYS IN ICU", "[name] IN ICU"),
        ("Jim Dressler's behavior", "[name]'s behavior"),
        ("cc Bernadette O'Malley RN", "cc [name] RN"),
        ("my preceptor Dawn H. is mean", "my preceptor [name]. is mean"),
        ("Carmen Delacroix-Yates called", "[name] called"),
    ],
)
def test_names_in_clear_contexts(text: str, redacted: str) -> None:
    assert redact(text).text == redacted


@pytest.mark.parametrize(
    "text",
    [
        "my manager will decide in may",
        "my name is wrong on my badge",
        "do I need a dr note for FMLA?",
        "tell HR that Workday is down",
        "Nurse Residency and Charge Nurse classes",
        "My Manager Wants Me On Nights",
        "is the Roth IRA or the Daisy Award taxable",
        "the grace period, mark my words",
        "I'd ask my supervisor, I'm Pregnant",
        "ask Benefits or call Payroll",
        "can i take Martin Luther King Day off",
    ],
)
def test_words_that_are_no_names_survive(text: str) -> None:
    assert redact(text).text == text

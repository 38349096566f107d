from __future__ import annotations

import pytest

from bot.privacy.redaction import redact


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("1420 Maple Grove Ln, Apt 3B, Testville, IA 50999 is new", "[address] is new"),
        ("i moved to 88 n cherry st last week", "i moved to [address] last week"),
        ("PO Box 771, Nowhere, IA", "[address]"),
        ("rural route 2 box 18", "[address]"),
        ("918 s 3rd st", "[address]"),
        ("my zip is 50266", "my zip is [zip]"),
        ("I live in 23939, zip code that is", "I live in [zip], zip code that is"),
        ("50309-1234", "[zip]"),
        ("Mockton, IA 50311", "Mockton, IA [zip]"),
    ],
)
def test_addresses_and_zip_codes(text: str, redacted: str) -> None:
    assert redact(text).text == redacted


@pytest.mark.parametrize(
    "text",
    [
        "4 West and 5 North",
        "do i get 3 days court leave",
        "2 shifts a week on the way",
        "12 hours is a long way",
        "which zip code rule is it, 10 miles?",
        "lakeview campus, room G-12",
    ],
)
def test_units_and_sites_survive(text: str) -> None:
    assert redact(text).text == text

from __future__ import annotations

from datetime import date

import pytest

from bot.programs.days import past_day_in

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-05",
        "2024-3-5",
        "3/5/2024",
        "03/05/24",
        "3-5-2024",
        "3.5.24",
        "March 5, 2024",
        "mar. 5th 2024",
        "5 March 2024",
        "the 5th of March, 2024",
        "my first day was Mar 5 2024 I think",
    ],
)
def test_a_day_is_read_however_it_is_written(text):
    assert past_day_in(text, TODAY) == date(2024, 3, 5)


def test_a_year_of_two_digits_lies_behind_us():
    assert past_day_in("11/23/26", TODAY) == TODAY
    assert past_day_in("1/2/98", TODAY) == date(1998, 1, 2)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24",
        "11/24/26",
        "1/2/1939",
        "2024-02-30",
        "13/1/2024",
        "march 2024",
        "march 5",
        "24/7",
        "1/2/3/4/2024",
        "two years",
        "$5,250",
    ],
)
def test_what_is_no_past_day_is_none(text):
    assert past_day_in(text, TODAY) is None

from __future__ import annotations

from datetime import date

import pytest

from bot.programs.wishes import Amount, Period, amount_wanted, period_wanted

TODAY = date(2026, 11, 23)  # a Monday


@pytest.mark.parametrize(
    ("text", "amount", "rest"),
    [
        ("programs over 1000 dollars", Amount(1000), "programs"),
        ("scholarships of at least $2,000", Amount(2000), "scholarships of"),
        ("more than 3k for school", Amount(3000), "for school"),
        ("500 bucks or more", Amount(500), ""),
        ("programs under $400", Amount(0, 400), "programs"),
        ("which program pays the most", Amount(), "which program"),
        ("2000+ programs", Amount(2000), "programs"),
    ],
)
def test_an_amount(text, amount, rest):
    found, remaining = amount_wanted(text)

    assert found == amount
    assert remaining.split() == rest.split()


@pytest.mark.parametrize(
    "text", ["programs for people over 18", "help with school", "is it 24 hours or more", "more"]
)
def test_no_amount(text):
    assert amount_wanted(text) is None


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("what closes this month", TODAY, date(2026, 11, 30)),
        ("what closes next month", date(2026, 12, 1), date(2026, 12, 31)),
        ("due this week", TODAY, date(2026, 11, 29)),
        ("anything due next week", TODAY, date(2026, 12, 6)),
        ("any deadlines before Christmas", TODAY, date(2026, 12, 24)),
        ("before the end of the year", TODAY, date(2026, 12, 31)),
        ("which programs close in december", date(2026, 12, 1), date(2026, 12, 31)),
        ("in november", TODAY, date(2026, 11, 30)),
        ("in february", date(2027, 2, 1), date(2027, 2, 28)),
        ("before march", TODAY, date(2027, 2, 28)),
        ("by january 2027", TODAY, date(2027, 1, 31)),
        ("in the next 30 days", TODAY, date(2026, 12, 23)),
    ],
)
def test_a_period(text, first, last):
    assert period_wanted(text, TODAY) == Period(first, last)


@pytest.mark.parametrize("text", ["what can i apply for right now", "which are open"])
def test_open_now(text):
    assert period_wanted(text, TODAY) == Period(TODAY, TODAY, open_now=True)


@pytest.mark.parametrize("text", ["which deadlines are coming up", "may i apply", "deadline?"])
def test_no_period(text):
    assert period_wanted(text, TODAY) is None


def test_christmas_is_over():
    assert period_wanted("before christmas", date(2026, 12, 28)).last == date(2027, 12, 24)

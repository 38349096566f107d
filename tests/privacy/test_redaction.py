from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from bot.privacy.redaction import Numbers, numbered_anew, redact

CARDS = ("4111111111111111", "5500000000000004", "378282246310005", "6011000990139424")


@pytest.mark.parametrize(
    "text",
    [
        "7a-7p",
        "0700-1930",
        "700-1930 shift",
        "19:00-07:30",
        "0700-1930 0700-1930",
        "2300-0730 2300-0730",
        "1900-0730 on 12/24-12/26",
        "shift starts @ 7.30",
        "do i get overtime @ 1.5 on holidays",
        "$1,250.00 and $75,000",
        "$5,250 per year, $1,234,567.89 in all",
        "500-1000 dollars",
        "2026-09-15 to 2026-10-15",
        "09/15/2026",
        "9-15-26",
        "pay period 11/08/2026 - 11/21/2026",
        "2025-2026 benefit year",
        "years 2025 2026 2027 2028",
        "I work 3 4 5 10 11 12 17 18 19 24 25 26",
        "120.5 PTO hours, 243.0769 accrued",
        "80.25 7.75 12.50 hours",
        "2080 hours, 36 a week",
        "401(k), 403(b), W-2, 1095-C",
        "call 911 or 988, ext. 4567",
        "case HR-1001",
        "4111 1111 1111 1112 is not a card number",
    ],
)
def test_what_people_ask_about_survives(text: str) -> None:
    assert redact(text).text == text
    assert redact(text).kinds == ()


@given(
    st.lists(
        st.one_of(
            st.dates(date(2000, 1, 1), date(2040, 1, 1)).map(date.isoformat),
            st.dates(date(2000, 1, 1), date(2040, 1, 1)).map(lambda d: f"{d:%m/%d/%Y}"),
            st.decimals(0, 400, places=2).map(lambda hours: f"{hours} PTO hours"),
            st.integers(0, 250_000).map(lambda amount: f"${amount:,}"),
            st.decimals(0, 9_999, places=2).map(lambda amount: f"${amount:,}"),
            st.tuples(st.integers(0, 23), st.sampled_from([0, 15, 30, 45])).map(
                lambda at: f"{at[0]:02}:{at[1]:02}"
            ),
            st.tuples(st.integers(0, 23), st.integers(0, 23)).map(
                lambda hours: f"{hours[0]:02}00-{hours[1]:02}30"
            ),
        ),
        min_size=1,
        max_size=3,
    ).map(", ".join)
)
def test_dates_amounts_and_hours_survive_in_any_mixture(text: str) -> None:
    assert redact(text).text == text


@given(
    digits=st.sampled_from(CARDS),
    separators=st.lists(st.sampled_from([" ", "-", ""]), min_size=3, max_size=3),
    before=st.sampled_from(["", "my card is ", "Visa:"]),
    after=st.sampled_from(["", " 12/27", " 123", ".", ", thanks"]),
)
def test_no_card_number_stays_however_it_is_written(
    digits: str, separators: list[str], before: str, after: str
) -> None:
    blocks = [digits[0:4], digits[4:8], digits[8:12], digits[12:]]
    written = "".join(b + s for b, s in zip(blocks, [*separators, ""], strict=True))
    found = redact(f"{before}{written}{after}").text
    assert "[card]" in found
    assert not any(luhn.is_valid(word) for word in found.split() if len(word) > 12)


@given(st.text(max_size=80))
def test_what_is_redacted_once_is_not_changed_again(text: str) -> None:
    once = redact(text).text
    assert redact(once).text == once


def test_several_kinds_in_one_message() -> None:
    found = redact("I'm 123-45-6789, jo@cedar.example, 515-555-0123, card 4111111111111111")
    assert found.text == "I'm [ssn], [email], [phone], card [card]"
    assert sorted(found.kinds) == ["card", "email", "phone", "ssn"]


@pytest.mark.parametrize(
    "piece",
    [
        *("a", "1", "1-", "4-", "123 ", "a@", "a.", "+1 ", "(515) ", "a1", "a1-", "aB "),
        *("ssn ", "ssn 1", "Karen ", "my name is ", "born 1/1/90 ", "1 oak ", "zip ", "www."),
        *("account is ", "::", "one ", "a at b dot ", "Dr. ", "[name 2] "),
    ],
)
def test_a_long_message_takes_no_time_to_speak_of(piece: str) -> None:
    began = time.process_time()
    redact(piece * (8000 // len(piece)))
    assert time.process_time() - began < 2


def test_the_same_identifier_gets_the_same_placeholder_and_another_one_the_next() -> None:
    text = "my manager Karen Lee and Mike, dob 4/2/88. Karen said Mike left, not dob 4/3/88"
    assert redact(text).text == (
        "my manager [name] and [name 2], dob [date]. [name] said [name 2] left, not dob [date 2]"
    )
    assert redact("515-555-0123 or +1 (515) 555-0123").text == "[phone] or [phone]"


def test_numbers_go_on_in_the_next_text_of_a_conversation() -> None:
    numbers = Numbers()
    assert redact("ask Karen", numbers).text == "ask [name]"
    assert redact("Mike or Karen?", numbers).text == "[name 2] or [name]?"
    again = Numbers(numbers.known)
    assert redact("Susan, Mike, Karen Lee", again).text == "[name 3], [name 2], [name]"
    assert redact("Ms. Lee", again).text == "Ms. [name]"
    assert numbers.known == {"name": [["karen"], ["mike"]]}, "those of a copy are its own"


def test_numbers_can_be_kept_as_fingerprints_alone() -> None:
    numbers = Numbers(fingerprint=lambda word: f"<{len(word)}>")
    redact("ask Karen, ssn 123-45-6789", numbers)
    assert numbers.known == {"ssn": [["<9>"]], "name": [["<5>"]]}


def test_placeholders_that_a_text_has_keep_their_numbers() -> None:
    assert redact("[name] and [name 3] and Karen").text == "[name] and [name 3] and [name 4]"
    assert redact("[ssn] [name 2]").kinds == ()


def test_a_redacted_text_can_be_numbered_from_its_own_beginning() -> None:
    text = "[name 4] and [name 2], [ssn 2], [name 4] [nonsense 2]"
    assert numbered_anew(text) == "[name] and [name 2], [ssn], [name] [nonsense 2]"


@pytest.mark.parametrize("between", [" ", "-", ".", ""])
def test_no_part_of_an_identifier_hides_behind_another(between: str) -> None:
    found = redact(f"dr Patel{between or ','}515-555-0123").text
    assert not any(digit in found for digit in "0123456789")
    assert "Patel" not in found

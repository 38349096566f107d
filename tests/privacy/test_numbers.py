from __future__ import annotations

import pytest

from bot.privacy.redaction import redact


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("my ssn is 123-45-6789, thanks", "my ssn is [ssn], thanks"),
        ("SSN 123456789", "SSN [ssn]"),
        ("SSN123456789", "SSN[ssn]"),
        ("ssn number is 900123456", "ssn number is [ssn]"),
        ("my social security number: 123 45 6789", "my social security number: [ssn]"),
        ("social is 123.45.6789", "social is [ssn]"),
        ("123–45–6789", "[ssn]"),
        ("123 - 45 - 6789", "[ssn]"),
        ("１２３-４５-６７８９", "[ssn]"),
        ("it is 219-09-9998.", "it is [ssn]."),
        ("it is 536904399, on file", "it is [ssn], on file"),
        ("last four of my SSN is 6789", "last four of my SSN is [ssn]"),
        ("my social ends in 6789", "my social ends in [ssn]"),
        ("ssn nine zero zero one two three four five six", "ssn [ssn]"),
    ],
)
def test_social_security_numbers(text: str, redacted: str) -> None:
    assert redact(text).text == redacted
    assert redact(text).kinds == ("ssn",)


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("card 4111 1111 1111 1111 please", "card [card] please"),
        ("4111-1111-1111-1111", "[card]"),
        ("4111.1111.1111.1111", "[card]"),
        ("4111\u00a01111\u00a01111\u00a01111", "[card]"),
        ("4111111111111111", "[card]"),
        ("3782 822463 10005", "[card]"),
        ("4111 1111 1111 1111 12/27", "[card] 12/27"),
        ("4111111111111111, cvv 123", "[card], cvv [card 2]"),
        ("badge 1234 4111 1111 1111 1111", "badge [id] [card]"),
        ("4111 1111 1111 1111 5500 0000 0000 0004", "[card] [card 2]"),
        ("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "[card]"),
    ],
)
def test_card_numbers(text: str, redacted: str) -> None:
    found = redact(text)
    assert found.text == redacted
    assert "card" in found.kinds


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("MRN 00482913", "MRN [record]"),
        ("medical record # is 88-21-04", "medical record # is [record]"),
        ("member id XQP449201883", "member id [plan]"),
        ("policy number HK-559021, active?", "policy number [plan], active?"),
        ("1EG4-TE5-MK73", "[plan]"),
        ("my HSA account number is 4420017788", "my HSA account number is [account]"),
        ("routing 110000000, acct # 55512345678", "routing [bank], acct # [account]"),
        ("DE89 3704 0044 0532 0130 00", "[bank]"),
        ("nursing license number is IA 093321", "nursing license number is [license]"),
        ("plate KLB 4471", "plate [vehicle]"),
        ("VIN 1M8GDM9AXKP042788", "VIN [vehicle]"),
        ("00:1A:2B:3C:4D:5E", "[device]"),
        ("serial number SN-4471-AA90", "serial number [device]"),
        ("imei 490154203237518", "imei [device]"),
        ("the chart with mrn 5530021", "the chart with mrn [record]"),
        ("my dea number's BM1209876", "my dea number's [license]"),
        ("my employee id is 448210", "my employee id is [id]"),
        ("number 44821077 is wrong", "number [id] is wrong"),
    ],
)
def test_numbers_by_what_they_are_called(text: str, redacted: str) -> None:
    assert redact(text).text == redacted


@pytest.mark.parametrize(
    "text",
    [
        "group plan or 401(k) account 10,000",
        "account balance $12,500.00",
        "form number 15111",
        "job number 104433, req R-104433",
        "case HR-1042 and HR-100042",
        "license renewal in 2026",
        "my account is locked for 30 days",
        "20260915 is the deadline",
        "4111 1111 1111 1112 is not a card number",
        "one two three four, ready",
    ],
)
def test_other_numbers_survive(text: str) -> None:
    assert redact(text).text == text

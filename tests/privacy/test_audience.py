from __future__ import annotations

import pytest

from bot.privacy.audience import AUDIENCES, may_see, narrowest, reader_from


@pytest.mark.parametrize(
    ("reader", "audience", "may"),
    [
        ("employee", "employee", True),
        ("employee", "candidate", True),
        ("employee", "both", True),
        ("candidate", "candidate", True),
        ("candidate", "both", True),
        ("candidate", "employee", False),
        ("somebody", "both", False),
        ("somebody", "employee", False),
        ("both", "employee", False),
    ],
)
def test_internal_texts_are_for_employees_only(reader: str, audience: str, may: bool) -> None:
    assert may_see(reader, audience) is may


@pytest.mark.parametrize("audience", [None, "", "internal", "Employee", [], ["both"], {}, 1])
def test_what_names_no_known_audience_is_for_nobody(audience: object) -> None:
    assert not may_see("employee", audience)
    assert not may_see("candidate", audience)
    assert narrowest([audience]) is None
    assert narrowest(["both", audience]) is None


@pytest.mark.parametrize(
    ("metadata", "reader"),
    [
        ({"audience": "employee"}, "employee"),
        ({"audience": "candidate"}, "candidate"),
        ({"audience": "both"}, "candidate"),
        ({"audience": ["employee"]}, "candidate"),
        ({}, "candidate"),
        (None, "candidate"),
        ("employee", "candidate"),
    ],
)
def test_whoever_isnt_known_to_be_an_employee_is_an_outsider(metadata: object, reader: str) -> None:
    assert reader_from(metadata) == reader


def test_something_is_internal_if_any_part_is() -> None:
    assert narrowest(["both", "employee", "candidate"]) == "employee"
    assert narrowest(["both", "candidate"]) == "both"
    assert narrowest([]) is None
    assert all(narrowest([audience]) in AUDIENCES for audience in AUDIENCES)

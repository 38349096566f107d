from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bot.errors import DataFileError
from bot.programs.employees_file import EmployeeRow, read_employees


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str], list[EmployeeRow]]:
    def run(text: str, encoding: str = "utf-8") -> list[EmployeeRow]:
        path = tmp_path / "people.csv"
        path.write_bytes(text.encode(encoding))
        return read_employees(path)

    return run


def test_a_line_becomes_a_row(read):
    [row] = read(
        "Slack Team,Slack User,Email,Employment type,FTE,Hire date,Job family,Site\n"
        "T012,U012AB3CD,A@B.example,Full-time,0.75,2024-03-15,Allied Health,medical_center\n"
    )

    assert (row.line, row.slack_team, row.slack_user) == (2, "T012", "U012AB3CD")
    assert row.email == "a@b.example"
    assert row.job == {
        "employment_type": "full_time",
        "fte": 0.75,
        "hire_date": date(2024, 3, 15),
        "job_family": "allied_health",
        "site": "medical_center",
    }


def test_blank_cells_blank_lines_and_short_lines_are_left_out(read):
    rows = read("email,fte,site\na@b.example,,lakeview\n,,\n\nc@d.example\n")

    assert [(r.line, dict(r.job)) for r in rows] == [(2, {"site": "lakeview"}), (5, {})]


def test_a_file_from_a_spreadsheet(read):
    [row] = read("email,employment_type\r\na@b.example, PRN \r\n", "utf-8-sig")

    assert row.job == {"employment_type": "per_diem"}


def test_every_mistake_is_named_with_its_line(read):
    with pytest.raises(DataFileError) as caught:
        read(
            "slack_team,slack_user,email,employment_type,fte,hire_date,job_family,site\n"
            "T012,robin,,sometimes,90%,3/15/2024,chefs,mars\n"
            ",,,full_time,,,,\n"
            "T012,U012AB3CD,a@b.example,,,1524-01-01,,\n"
            ",,a@b.example,,,,,\n"
            "X,U012AB3CE,nowhere,,,2026-02-30,,,,,\n"
        )
    text = str(caught.value)

    assert "has 9 mistakes; nothing was imported." in text
    for expected in (
        "people.csv, line 2: “slack_user” is “robin”: a Slack user id looks like U012AB3CD.",
        "line 2: “employment_type” is “sometimes”: it must be one of full_time, part_time",
        "line 2: “fte” is “90%”: it must be a number from 0 to 1, such as 0.9.",
        "line 2: “hire_date” is “3/15/2024”: it must be a date such as 2024-03-15.",
        "line 2: “job_family” is “chefs”",
        "line 2: “site” is “mars”",
        "line 3: there is neither a slack_user nor an email",
        "line 4: “hire_date” is “1524-01-01”: nobody who works here began so long ago.",
        "line 6: there are more cells than columns.",
    ):
        assert expected in text


def test_the_same_person_twice_is_a_mistake(read):
    with pytest.raises(DataFileError, match="line 3: this email stands in line 2 already"):
        read("email,fte\na@b.example,0.5\nA@b.example,0.6\n")


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("", "a column slack_user or email is needed"),
        ("fte\n0.5\n", "a column slack_user or email is needed"),
        ("email,wage\na@b.example,5\n", "no column is called “wage”; there are slack_user"),
        ("email,email\na@b.example,a@b.example\n", "a column stands twice"),
        ("email\n", "there are no lines below the column names"),
        ('email\n"a@b.example\n', "this is no CSV"),
    ],
)
def test_a_file_that_is_no_list_of_employees(read, text, mistake):
    with pytest.raises(DataFileError, match=mistake):
        read(text)


def test_a_missing_file_is_a_sentence(tmp_path):
    with pytest.raises(DataFileError, match="can't be read"):
        read_employees(tmp_path / "nothing.csv")


def test_a_file_in_another_encoding_is_a_sentence(read):
    with pytest.raises(DataFileError, match="can't be read"):
        read("email\nrenée@b.example\n", "latin-1")

"""What HR changed is written into the files, and nothing else in them changes."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

from bot.faq import content
from bot.faq.book import load_book
from bot.faq.export import Pending, write_files, write_programs
from bot.faq.phrasings import phrasings_in_folder
from bot.programs.catalogue import columns_of
from bot.programs.catalogue_file import read_catalogue
from bot.programs.editing import editable_of
from bot.settings import ROOT

DATA = ROOT / "data"
NEW = [
    {
        "text": 'Yes: eight of them, "free".',
        "metadata": {
            "audience": "employee",
            "title": "Electric cars",
            "source": "Answered by HR (Pay)",
            "link": "https://hr.cedarvalley.example/cars",
            "owner": "Facilities",
            "reviewed": "2026-11-26",
            "review_by": "2027-11-26",
            "promoted": True,
        },
    }
]


def written(changes: Pending, folder: Path) -> list[str]:
    """Return the lines that went and came, in the order of the files."""
    lines = []
    for path in write_files(changes, DATA, folder):
        before = (DATA / "faq" / path.name).read_text().splitlines()
        diff = difflib.ndiff(before, path.read_text().splitlines())
        lines += [line for line in diff if line[0] in "+-"]
    return lines


def edited(name: str, **metadata: str) -> list[dict]:
    holds = content.content_of(load_book(DATA, ROOT / "domain.yml").of_files[name])
    holds[0]["metadata"].update(metadata)
    return holds


@pytest.mark.parametrize("path", sorted((DATA / "faq").glob("*.yml")), ids=lambda path: path.stem)
def test_a_file_without_changes_is_the_same_to_the_letter(path: Path, tmp_path: Path) -> None:
    topic = next(iter(phrasings_in_folder(DATA / "faq")))
    name = next(n for n in load_book(DATA, ROOT / "domain.yml").of_files if path.stem in n)
    assert topic
    assert written(Pending(answers={name: edited(name)}), tmp_path) == []


def test_only_the_lines_that_were_edited_change(tmp_path: Path) -> None:
    name = "utter_pay/expenses"
    holds = edited(name, owner="Treasury", review_by="2027-01-31")
    assert written(Pending(answers={name: holds}), tmp_path) == [
        "-       owner: Finance",
        "+       owner: Treasury",
        '+       review_by: "2027-01-31"',
    ]


def test_a_text_is_replaced_as_a_block(tmp_path: Path) -> None:
    name = "utter_pay/exempt_status"
    holds = edited(name)
    holds[0]["text"] = "First.\n\n- a: b\n- c"
    lines = written(Pending(answers={name: holds}), tmp_path)
    assert [line for line in lines if line[0] == "+"][:1] == ["+       First."]
    again = load_book(tmp_path_with(tmp_path, "pay"), ROOT / "domain.yml").of_files[name]
    assert again[0].text == "First.\n\n- a: b\n- c\n"
    assert again[0].metadata == holds[0]["metadata"]


def test_a_new_topic_has_its_questions_and_its_answer(tmp_path: Path) -> None:
    topic = "pay/electric_cars"
    changes = Pending(
        answers={f"utter_{topic}": NEW}, added={topic: ["can i charge my car: yes?", "ev chargers"]}
    )
    assert not [line for line in written(changes, tmp_path) if line[0] == "-"]
    folder = tmp_path_with(tmp_path, "pay")
    assert content.content_of(
        load_book(folder, ROOT / "domain.yml").of_files[f"utter_{topic}"]
    ) == [{**NEW[0], "text": NEW[0]["text"] + "\n"}]
    assert phrasings_in_folder(folder / "faq")[topic] == changes.added[topic]


def test_questions_come_and_go_in_their_topic(tmp_path: Path) -> None:
    changes = Pending(added={"pay/expenses": ["is lunch paid"]}, removed={"pay/w2": ["w2??"]})
    gone = next(iter(phrasings_in_folder(DATA / "faq")["pay/w2"]))
    changes.removed["pay/w2"] = [gone.upper()]
    assert written(changes, tmp_path) == [f"-     - {gone}", "+     - is lunch paid"]


def test_a_topic_that_was_taken_back_leaves_nothing(tmp_path: Path) -> None:
    lines = written(Pending(answers={"utter_pay/payday": []}), tmp_path)
    assert {line[0] for line in lines} == {"-"}
    folder = tmp_path_with(tmp_path, "pay")
    assert "utter_pay/payday" not in load_book(folder, ROOT / "domain.yml").of_files
    assert "pay/payday" not in phrasings_in_folder(folder / "faq")


def test_edited_programs_are_read_back_as_they_were_edited(tmp_path: Path) -> None:
    path = tmp_path / "programs.yml"
    path.write_text((DATA / "programs.yml").read_text())
    fields = {row["id"]: editable_of(columns_of(row)) for row in read_catalogue(path)}
    assert not write_programs(fields, path)
    fields["tuition-assistance"] |= {"summary": "Pays: tuition.", "review_by": "2027-01-01"}
    fields["nurse-residency"] |= {"gives_text": "Twelve months", "contact": None}
    assert write_programs(fields, path)
    again = {row["id"]: editable_of(columns_of(row)) for row in read_catalogue(path)}
    assert again == fields
    before = (DATA / "programs.yml").read_text().splitlines()
    diff = list(difflib.ndiff(before, path.read_text().splitlines()))
    assert len([line for line in diff if line[0] in "+-"]) <= 8


def tmp_path_with(written_to: Path, category: str) -> Path:
    """Return a data folder that holds the written file of one category alone."""
    folder = written_to / "data"
    (folder / "faq").mkdir(parents=True)
    (written_to / f"{category}.yml").rename(folder / "faq" / f"{category}.yml")
    return folder

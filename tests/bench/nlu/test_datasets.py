"""Reads made-up files in the shape of the public benchmarks, and the project's own data."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from bot.errors import HRBotError
from tests.bench.nlu.datasets import OWN, banking77, clinc150, own_data

INTENTS = ("weather", "timer", "recipe")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    def texts(part: str, count: int) -> list[list[str]]:
        return [[f"{part} {n}  of {name}", name] for name in INTENTS for n in range(count)]

    clinc = {
        "train": texts("train", 20),
        "val": texts("val", 4),
        "test": texts("test", 6),
        "oos_test": [["/a command of rasa's", "oos"], ["who am i", "oos"]],
    }
    (tmp_path / "clinc150").mkdir()
    (tmp_path / "clinc150" / "data_full.json").write_text(json.dumps(clinc))
    (tmp_path / "banking77").mkdir()
    for part, count in (("train", 12), ("test", 3)):
        rows = "".join(f'"{text}",{name}\n' for text, name in texts(part, count))
        (tmp_path / "banking77" / f"{part}.csv").write_text(f"text,category\n{rows}")
    return tmp_path


def test_few_phrasings_are_drawn_from_each_intent(folder: Path) -> None:
    dataset = clinc150(folder, 15, seed=0)
    assert Counter(label for _, label in dataset.train) == dict.fromkeys(INTENTS, 15)
    assert len(set(dataset.train)) == 45
    assert all(text.startswith("train") for text, _ in dataset.train)
    assert (len(dataset.test), len(dataset.validation)) == (18, 12)


def test_the_seed_decides_which(folder: Path) -> None:
    first = clinc150(folder, 10, seed=0)
    assert first == clinc150(folder, 10, seed=0)
    assert first.train != clinc150(folder, 10, seed=1).train
    assert first.test == clinc150(folder, 10, seed=1).test


def test_texts_are_one_line_and_no_command(folder: Path) -> None:
    dataset = clinc150(folder, 10, seed=0)
    assert dataset.out_of_scope == ("a command of rasa's", "who am i")
    assert "test 0 of weather" in [text for text, _ in dataset.test]


def test_banking_has_no_questions_out_of_scope(folder: Path) -> None:
    dataset = banking77(folder, 10, seed=0)
    assert (len(dataset.train), len(dataset.test)) == (30, 9)
    assert dataset.out_of_scope == dataset.validation == ()


def test_a_part_for_trying_out_has_fewer_intents_and_another_name(folder: Path) -> None:
    part = clinc150(folder, 10, seed=0).with_intents(2)
    assert part.name == "CLINC150, 10 phrasings, 2 intents"
    labels = {label for one in (part.train, part.test, part.validation) for _, label in one}
    assert labels == {"recipe", "timer"}


def test_absent_files_are_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(HRBotError, match=r"data_full\.json is missing.*HRBOT_BENCHMARKS"):
        clinc150(tmp_path, 10, seed=0)


FAQ = """
nlu:
- intent: relations/harassment
  examples: |
    - somebody harasses me
- intent: employment/contact_hr
  examples: |
    - the number of hr
"""
DIALOGUE = """
nlu:
- intent: talk_to_person
  examples: |
    - a person please
- intent: out_of_scope
  examples: |
    - a joke please
- intent: crisis_danger
  examples: |
    - he has a gun
"""
QUESTIONS = """text,topic_id,audience,context
am i being harassed,relations/harassment,,
call hr,employment/contact_hr,candidate,
a gun!,crisis_danger,,
what about my wife,relations/harassment,,a question before
tell me a joke,oos_far,,
"""


def test_our_own_data_has_labels_without_a_slash_and_no_follow_ups(tmp_path: Path) -> None:
    for name, text in (("faq/relations.yml", FAQ), ("dialogue/intents.yml", DIALOGUE)):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    for part in ("test", "validation"):
        (tmp_path / part).mkdir()
        (tmp_path / part / "questions.csv").write_text(QUESTIONS)
    dataset = own_data(tmp_path, tmp_path)
    assert dataset.name == OWN
    assert dataset.train[0] == ("somebody harasses me", "relations__harassment")
    assert dataset.test == (
        ("am i being harassed", "relations__harassment"),
        ("call hr", "employment__contact_hr"),
        ("a gun!", "crisis"),
    )
    assert dataset.out_of_scope == ("tell me a joke",)
    assert dataset.meanings["talk_to_person"] == "employment__contact_hr"
    assert dataset.meanings["crisis_danger"] == "crisis"
    assert dataset.intents["relations__harassment"] == {
        "kind": "sensitive",
        "topic": "relations__harassment",
    }
    assert dataset.rejected == {"out_of_scope"}

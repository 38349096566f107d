from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from bot import training
from bot.settings import ROOT, Settings
from bot.training import model_path, train, training_files


@pytest.fixture
def copied(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Give settings of a copy of the project's files."""
    project = tmp_path / "project"
    for folder in ("data/faq", "data/dialogue", "bot/nlu"):
        shutil.copytree(ROOT / folder, project / folder)
    for file in ("config.yml", "domain.yml", "uv.lock"):
        shutil.copy(ROOT / file, project / file)
    monkeypatch.setattr(training, "ROOT", project)
    return replace(settings, data_dir=project / "data")


def test_the_same_files_have_the_same_model(copied: Settings) -> None:
    first = model_path(copied)
    assert model_path(copied) == first
    assert first.parent == copied.var_dir / "models"
    for file in training_files(copied):
        file.touch()
    assert model_path(copied) == first


@pytest.mark.parametrize(
    "name",
    [
        "config.yml",
        "domain.yml",
        "uv.lock",
        "data/faq/benefits.yml",
        "data/dialogue/rules.yml",
        "bot/nlu/selector.py",
    ],
)
def test_whatever_the_model_is_made_of_makes_another_one(copied: Settings, name: str) -> None:
    first = model_path(copied)
    file = copied.data_dir.parent / name
    file.write_bytes(file.read_bytes() + b"\n# a word more\n")
    assert model_path(copied) != first


def test_a_new_or_renamed_or_removed_file_makes_another_one(copied: Settings) -> None:
    faq = copied.data_dir / "faq"
    seen = {model_path(copied)}
    (faq / "travel.yml").write_text("version: '3.1'\n", encoding="utf-8")
    seen.add(model_path(copied))
    (faq / "travel.yml").rename(faq / "trips.yml")
    seen.add(model_path(copied))
    (faq / "benefits.yml").unlink()
    seen.add(model_path(copied))
    assert len(seen) == 4


def test_what_stands_in_which_file_matters(copied: Settings) -> None:
    first, second = sorted((copied.data_dir / "faq").glob("*.yml"))[:2]
    before = model_path(copied)
    moved = second.read_bytes()
    second.write_bytes(b"")
    first.write_bytes(first.read_bytes() + moved)
    assert model_path(copied) != before


def test_texts_that_are_read_when_they_are_said_need_no_training(copied: Settings) -> None:
    before = model_path(copied)
    (copied.data_dir / "company.yml").write_text("name: Cedar\n", encoding="utf-8")
    (copied.data_dir / "wording.yml").write_text("a: b\n", encoding="utf-8")
    assert model_path(copied) == before


def test_a_trained_model_is_not_trained_again(copied: Settings) -> None:
    wanted = model_path(copied)
    wanted.parent.mkdir(parents=True)
    wanted.write_bytes(b"a model")
    assert train(copied) == wanted
    assert wanted.read_bytes() == b"a model"

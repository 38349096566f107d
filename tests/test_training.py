from __future__ import annotations

import os
import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot import training
from bot.db.migrate import upgrade
from bot.db.session import Database
from bot.faq import content
from bot.faq.book import load_book
from bot.nlu.evaluation.gate import Compared, Comparison
from bot.nlu.evaluation.judging import Outcome
from bot.nlu.evaluation.questions import Question
from bot.settings import ROOT, Settings
from bot.training import WorseModelError, model_path, train, training_files, usable_model

NAME = "utter_pay/expenses"


@pytest.fixture
def copied(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Give settings of a copy of the project's files."""
    project = tmp_path / "project"
    for folder in ("data/faq", "data/dialogue", "bot/nlu"):
        shutil.copytree(ROOT / folder, project / folder)
    for file in ("config.yml", "domain.yml", "uv.lock"):
        shutil.copy(ROOT / file, project / file)
    monkeypatch.setattr(training, "ROOT", project)
    # Training puts the settings into the environment, for the model's components.
    monkeypatch.setattr(os, "environ", dict(os.environ))
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


@pytest.fixture
def with_database(copied: Settings) -> Settings:
    database = Database(copied.database_url)
    upgrade(database)
    database.dispose()
    return copied


def edit(settings: Settings, now: datetime, text: str) -> None:
    database = Database(settings.database_url)
    book = load_book(settings.data_dir, training.ROOT / "domain.yml")
    in_file = content.content_of(book.of_files[NAME])
    with database.write() as session:
        content.change(
            session,
            now,
            kind=content.ANSWER,
            subject=NAME,
            content=[{**in_file[0], "text": text}],
            in_file=in_file,
            cause=content.EDITED,
            person_id=None,
        )
    database.dispose()


def test_what_hr_changed_makes_another_model(with_database: Settings, now: datetime) -> None:
    plain = model_path(with_database)
    edit(with_database, now, "Within 60 days.\n")
    changed = model_path(with_database)
    assert changed != plain
    assert changed.name.startswith(plain.name.removesuffix(".tar.gz"))
    edit(with_database, now, "Within 90 days.\n")
    assert model_path(with_database) not in (plain, changed)


def test_it_is_trained_on_the_files_as_they_would_be(
    with_database: Settings, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(with_database, now, "Within 60 days.\n")
    learnt = fake_training(monkeypatch)
    wanted = train(with_database)
    assert wanted.read_bytes() == b"a new model"
    [faq] = [Path(folder) for folder in learnt if Path(folder).name == "faq"]
    assert "Within 60 days." in (faq / "pay.yml").read_text()
    assert "Within 60 days." not in (with_database.data_dir / "faq" / "pay.yml").read_text()
    assert (faq / "leave.yml").read_bytes() == (
        with_database.data_dir / "faq" / "leave.yml"
    ).read_bytes()


def test_a_model_without_hrs_latest_changes_will_do(with_database: Settings, now: datetime) -> None:
    assert usable_model(with_database) is None
    plain = model_path(with_database)
    plain.parent.mkdir(parents=True)
    plain.write_bytes(b"a model")
    edit(with_database, now, "Within 60 days.\n")
    assert usable_model(with_database) == plain
    exact = model_path(with_database)
    exact.write_bytes(b"another")
    assert usable_model(with_database) == exact


@pytest.mark.parametrize(("force", "is_taken"), [(False, False), (True, True)])
def test_a_worse_model_is_refused_unless_it_is_forced(
    copied: Settings, monkeypatch: pytest.MonkeyPatch, force: bool, is_taken: bool
) -> None:
    older = copied.var_dir / "models" / "hrbot-older.tar.gz"
    older.parent.mkdir(parents=True)
    older.write_bytes(b"an older model")
    fake_training(monkeypatch)
    worse = tuple(
        Compared(Question(f"question {n}", "pay/w2"), Outcome.RIGHT, Outcome.WRONG)
        for n in range(9)
    )
    asked = []

    def compare_models(*given: object) -> Comparison:
        asked.append(given)
        return Comparison(worse)

    monkeypatch.setattr("bot.evaluate.compare_models", compare_models)
    if is_taken:
        train(copied, force=force)
    else:
        with pytest.raises(WorseModelError, match=r"9 golden questions.*pay/w2.*--force") as found:
            train(copied, force=force)
        assert found.value.comparison.is_worse
        assert asked[0][0] == older
    assert model_path(copied).exists() == is_taken
    assert not list(older.parent.glob("part-*"))


def test_without_a_model_before_there_is_nothing_to_compare(
    copied: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_training(monkeypatch)
    assert train(copied).exists()


def fake_training(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let Rasa write any model; return what it was given to learn."""
    import rasa

    learnt: list[str] = []

    def write(*, output: str, fixed_model_name: str, training_files: list[str], **_: object):
        Path(output).mkdir(parents=True, exist_ok=True)
        (Path(output) / fixed_model_name).write_bytes(b"a new model")
        learnt.extend(training_files)
        return SimpleNamespace(code=0)

    monkeypatch.setattr(rasa, "train", write)
    monkeypatch.setattr(training, "configure_logging", lambda *given: None)
    return learnt

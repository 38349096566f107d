"""`hrbot faq …`: what HR changed, from the database into the files."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.db.migrate import upgrade
from bot.db.session import Database
from bot.faq import content
from bot.faq.book import load_book
from bot.settings import ROOT

NAME = "utter_pay/expenses"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, now: datetime) -> Path:
    folder = tmp_path / "data"
    shutil.copytree(ROOT / "data", folder)
    monkeypatch.setenv("HRBOT_DATA_DIR", str(folder))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'faq.db'}")
    database = Database(f"sqlite:///{tmp_path / 'faq.db'}")
    upgrade(database)
    in_file = content.content_of(load_book(folder, ROOT / "domain.yml").of_files[NAME])
    with database.write() as session:
        content.change(
            session,
            now,
            kind=content.ANSWER,
            subject=NAME,
            content=[{**in_file[0], "text": "Within 60 days."}],
            in_file=in_file,
            cause=content.EDITED,
            person_id=None,
        )
    database.dispose()
    return folder


def run(*words: str) -> str:
    result = CliRunner().invoke(app, ["faq", *words])
    assert result.exit_code == 0, result.output
    return result.output


def test_what_hr_changed_is_shown_and_written_once(data: Path) -> None:
    assert "pay/expenses: changed" in run("pending")
    assert "pay.yml" in run("export").replace("\n", "")
    assert "Within 60 days." in (data / "faq" / "pay.yml").read_text()
    for command in ("pending", "export"):
        assert "The files have everything." in run(command)

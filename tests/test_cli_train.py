"""`hrbot train` shows where a new model is worse, and refuses it."""

from __future__ import annotations

import os
from typing import Any

import pytest
from typer.testing import CliRunner

from bot import training
from bot.cli import app
from bot.cli_processes import ONE_THREAD
from bot.nlu.evaluation.gate import Compared, Comparison
from bot.nlu.evaluation.judging import Outcome
from bot.nlu.evaluation.questions import Question
from bot.training import WorseModelError

WORSE = Comparison(
    tuple(
        Compared(Question(f"dentist {n}?", "benefits/dental"), Outcome.RIGHT, Outcome.WRONG)
        for n in range(6)
    )
)


def test_a_worse_model_is_refused_with_the_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **given: Any) -> None:
        assert given == {"force": False, "questions": []}
        raise WorseModelError(WORSE)

    for name in ONE_THREAD:
        monkeypatch.setenv(name, "2")
    monkeypatch.setattr(training, "train", refuse)
    done = CliRunner().invoke(app, ["train"])
    assert isinstance(done.exception, WorseModelError)
    assert done.exit_code != 0
    assert os.environ.items() >= ONE_THREAD.items()
    rows = [line.split("│")[1:-1] for line in done.output.splitlines() if "│" in line]
    figures = {row[0].strip(): [cell.strip() for cell in row[1:]] for row in rows}
    assert figures["benefits"] == ["6", "6", "0", "0", "6"]
    assert figures["all"] == figures["benefits"]
    assert "hrbot train --force" in str(done.exception)

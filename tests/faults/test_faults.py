"""Messages and cases while processes die and everything fails: nothing is lost, nothing doubled.

A failing seed is run again with `python -m tests.faults --seed …`, which leaves its logs.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from bot.settings import load_settings

from ..conftest import HAS_POSTGRESQL, new_database
from ..e2e.stack import trained_model
from .product import redis_answers
from .run import FULL, QUICK, run

IS_FULL = os.environ.get("HRBOT_TEST_FULL") == "1"
SEEDS = range(1, 11) if IS_FULL else [1]


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the trained model."""
    return trained_model(load_settings({}, tmp_path_factory.mktemp("settings") / "none.env"))


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_lost_and_nothing_comes_twice(
    seed: int, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Every second full run is what a larger employer has.
    is_large = seed % 2 == 0 and HAS_POSTGRESQL and redis_answers()
    scale = FULL if IS_FULL else QUICK
    if is_large:
        scale = replace(scale, gateways=2, assistants=2, has_disk=False)
    with new_database("postgresql" if is_large else "sqlite", tmp_path) as url:
        report = run(seed, scale, tmp_path, model, url)
    with capsys.disabled():
        print(f"\n{report}")
    assert not report.wrong, str(report)

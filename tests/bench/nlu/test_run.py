"""Trains and asks our component in processes of its own, as the benchmark does."""

from __future__ import annotations

import pytest

from tests.bench.nlu.__main__ import RunError, measure
from tests.bench.nlu.datasets import Dataset
from tests.bench.nlu.systems import OURS
from tests.nlu.conftest import TOPICS, phrasings


@pytest.fixture
def dataset() -> Dataset:
    pairs = {name.replace("/", "__"): phrasings(block) for name, block in TOPICS.items()}
    return Dataset(
        "made up",
        train=tuple((text, name) for name, texts in pairs.items() for text in texts[:6]),
        test=tuple((text, name) for name, texts in pairs.items() for text in texts[6:]),
        validation=tuple((text, name) for name, texts in pairs.items() for text in texts[:6]),
        out_of_scope=("what is the weather tomorrow", "a recipe for banana bread"),
        intents={name: {"kind": "faq", "topic": name} for name in pairs},
    )


def test_a_run_measures_everything(dataset: Dataset) -> None:
    result = measure(dataset, OURS, seed=3)
    figures = result["figures"]
    assert (result["dataset"], result["system"], result["seed"]) == ("made up", "ours", 3)
    assert result["versions"]["rasa"].startswith("3.6")
    assert figures["accuracy"] >= 0.5
    assert figures["auroc"] > 0.5
    assert 0 < figures["p50_ms"] <= figures["p95_ms"]
    assert figures["training_processor_seconds"] > 0
    # Rasa with TensorFlow begins at 500.
    assert 50 < figures["memory_megabytes"] < 400
    assert figures["first_answer_seconds"] > 0.5


def test_a_system_that_cannot_be_trained_is_told_with_its_last_lines(dataset: Dataset) -> None:
    nothing = Dataset("made up", train=dataset.train[:1], test=dataset.test)
    with pytest.raises(RunError, match="at least two topics"):
        measure(nothing, OURS, seed=0)

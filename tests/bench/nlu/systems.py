"""The systems that are compared, each as a Rasa project of its own."""

from __future__ import annotations

from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from tests.bench.nlu.child import OUR_COMPONENT
from tests.bench.nlu.datasets import Dataset

OURS, STOCK, COUNTS = "ours", "stock", "counts"
TITLES = {
    OURS: "HR Assistant",
    STOCK: "`rasa init` (DIET, 100 epochs)",
    COUNTS: "count vectors + LogisticRegressionClassifier",
}
_PIPELINES = {
    # Without a pipeline Rasa takes the one that `rasa init` gives.
    STOCK: None,
    COUNTS: [
        {"name": "WhitespaceTokenizer"},
        {"name": "CountVectorsFeaturizer"},
        {
            "name": "CountVectorsFeaturizer",
            "analyzer": "char_wb",
            "min_ngram": 1,
            "max_ngram": 4,
        },
        {"name": "LogisticRegressionClassifier"},
    ],
}


def write_project(folder: Path, system: str, dataset: Dataset, seed: int) -> None:
    """Write config.yml and nlu.yml for a system to learn a data set."""
    pipeline = _PIPELINES.get(system, [{"name": OUR_COMPONENT, "seed": seed}])
    config = {"recipe": "default.v1", "assistant_id": "bench", "language": "en"}
    if pipeline:  # Nothing is learnt for dialogue; without policies Rasa would write its own in.
        config = {**config, "pipeline": pipeline, "policies": [{"name": "RulePolicy"}]}
    _write(folder / "config.yml", config)
    _write(folder / "nlu.yml", {"version": "3.1", "nlu": _entries(dataset)})


def _entries(dataset: Dataset) -> list[dict[str, object]]:
    texts: dict[str, list[str]] = {}
    for text, label in dataset.train:
        texts.setdefault(label, []).append(text)
    return [
        {
            "intent": label,
            "metadata": dict(dataset.intents.get(label, {})),
            "examples": LiteralScalarString("".join(f"- {text}\n" for text in texts[label])),
        }
        for label in dataset.labels
    ]


def _write(file: Path, content: dict[str, object]) -> None:
    with file.open("w", encoding="utf-8") as stream:
        YAML().dump(content, stream)

"""What the systems are trained and tested on: public benchmarks, and the project's own data."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from bot.errors import HRBotError
from bot.faq.phrasings import read_phrasings
from bot.nlu.decision import OUT_OF_SCOPE, Label, kind_of, topic_of
from bot.nlu.evaluation.questions import Question, load_questions
from bot.settings import ROOT

DEFAULT_FOLDER = ROOT.parent / "shared" / "benchmarks"
FOLDER_VARIABLE = "HRBOT_BENCHMARKS"
OWN = "own data"
EVALUATION = ROOT / "tests" / "evaluation"

Example = tuple[str, str]
"""A text and its label."""


@dataclass(frozen=True)
class Dataset:
    """What is learnt, and what is asked afterwards.

    Attributes:
        name: How reports call it.
        train: Learnt.
        test: In scope.
        validation: In scope; rejection thresholds are taken from it.
        out_of_scope: Texts that no label fits.
        intents: What Rasa's intent metadata tells, by label.
        meanings: Labels that count as another one, by label.
        rejected: Labels that are no answer.
    """

    name: str
    train: tuple[Example, ...]
    test: tuple[Example, ...]
    validation: tuple[Example, ...] = ()
    out_of_scope: tuple[str, ...] = ()
    intents: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    meanings: Mapping[str, str] = field(default_factory=dict)
    rejected: frozenset[str] = frozenset()

    @property
    def labels(self) -> list[str]:
        """Return all labels, sorted."""
        return sorted({label for _, label in self.train})

    def with_intents(self, count: int) -> Dataset:
        """Return the part with the first so many labels, for trying things out."""
        kept = set(self.labels[:count])
        parts = {
            name: tuple(one for one in getattr(self, name) if one[1] in kept)
            for name in ("train", "test", "validation")
        }
        return replace(self, name=f"{self.name}, {count} intents", **parts)


def clinc150(folder: Path, phrasings: int, seed: int) -> Dataset:
    """Read CLINC150 with so many phrasings an intent, drawn by this seed."""
    data = json.loads(_file(folder, "clinc150/data_full.json").read_text(encoding="utf-8"))
    return _of_topics(
        f"CLINC150, {phrasings} phrasings",
        train=_few(_tidy(data["train"]), phrasings, seed),
        test=_tidy(data["test"]),
        validation=_tidy(data["val"]),
        out_of_scope=tuple(text for text, _ in _tidy(data["oos_test"])),
    )


def banking77(folder: Path, phrasings: int, seed: int) -> Dataset:
    """Read BANKING77 with so many phrasings an intent, drawn by this seed; it has no others."""
    train, test = (
        _tidy(_rows(_file(folder, f"banking77/{part}.csv"))) for part in ("train", "test")
    )
    return _of_topics(
        f"BANKING77, {phrasings} phrasings", train=_few(train, phrasings, seed), test=test
    )


def own_data(data_dir: Path = ROOT / "data", evaluation: Path = EVALUATION) -> Dataset:
    """Read data/ and the test files, without follow-ups: the other systems know no context."""
    phrasings = read_phrasings(data_dir)
    test, validation = (
        [one for one in load_questions([evaluation / part]) if not one.context]
        for part in ("test", "validation")
    )
    return Dataset(
        OWN,
        train=_tidy((text, _opaque(name)) for name, texts in phrasings.items() for text in texts),
        test=_in_scope(test),
        validation=_in_scope(validation),
        out_of_scope=tuple(one.text for one in test if one.is_out_of_scope),
        intents={_opaque(name): _metadata(name) for name in phrasings},
        meanings={_opaque(name): _opaque(Label.named(name).meaning) for name in phrasings},
        rejected=frozenset(_opaque(n) for n in phrasings if kind_of(n) == OUT_OF_SCOPE),
    )


DATASETS = {
    "clinc150-15": lambda seed: clinc150(benchmarks_folder(), 15, seed),
    "clinc150-10": lambda seed: clinc150(benchmarks_folder(), 10, seed),
    "banking77-10": lambda seed: banking77(benchmarks_folder(), 10, seed),
    "own": lambda seed: own_data(),
}
"""How to read each data set, by the name that `--only` takes; the seed draws phrasings."""


def benchmarks_folder() -> Path:
    """Return where the public benchmarks are."""
    return Path(os.environ.get(FOLDER_VARIABLE) or DEFAULT_FOLDER)


def _of_topics(name: str, *, train: tuple[Example, ...], **others: tuple) -> Dataset:
    intents = {label: {"kind": "faq", "topic": label} for _, label in train}
    return Dataset(name, train=train, intents=intents, **others)


def _file(folder: Path, name: str) -> Path:
    file = folder / name
    if not file.is_file():
        raise HRBotError(
            f"{file} is missing. Put CLINC150 (clinc150/data_full.json) and BANKING77 "
            f"(banking77/train.csv, test.csv) into one folder and name it in {FOLDER_VARIABLE}."
        )
    return file


def _rows(file: Path) -> list[Example]:
    with file.open(encoding="utf-8", newline="") as stream:
        return [(row["text"], row["category"]) for row in csv.DictReader(stream)]


def _tidy(examples: Iterable[Sequence[str]]) -> tuple[Example, ...]:
    """Bring each text onto one line; a leading slash would make it a command of Rasa's."""
    return tuple((" ".join(text.split()).lstrip("/- "), label) for text, label in examples)


def _few(examples: Sequence[Example], phrasings: int, seed: int) -> tuple[Example, ...]:
    random = Random(seed)
    texts: dict[str, list[str]] = {}
    for text, label in examples:
        texts.setdefault(label, []).append(text)
    return tuple(
        (text, label)
        for label in sorted(texts)
        for text in random.sample(texts[label], min(phrasings, len(texts[label])))
    )


def _in_scope(questions: Iterable[Question]) -> tuple[Example, ...]:
    return _tidy(
        (one.text, _opaque(Label.named(one.topic_id).meaning))
        for one in questions
        if not one.is_out_of_scope
    )


def _metadata(name: str) -> dict[str, str]:
    told = {"kind": kind_of(name)}
    topic = topic_of(name)
    return {**told, "topic": _opaque(topic)} if topic else told


def _opaque(name: str) -> str:
    """Return a label without the slash, in which Rasa would see a retrieval intent."""
    return name.replace("/", "__")

"""Compares understanding with stock Rasa: `python -m tests.bench.nlu`, one to two hours.

Results are kept in var/bench/nlu, one file a run, so parts can be measured again by `--only`,
`--systems` and `--seeds`; docs/benchmarks.md shows all that are there.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from importlib.metadata import version
from pathlib import Path
from random import Random
from typing import Any

from bot.errors import HRBotError
from bot.settings import ROOT
from tests.bench.nlu import document
from tests.bench.nlu.child import QUESTIONS
from tests.bench.nlu.datasets import DATASETS, Dataset
from tests.bench.nlu.measures import figures
from tests.bench.nlu.systems import COUNTS, OURS, STOCK, write_project
from tests.bench.nlu.typos import with_typos

RESULTS = ROOT / "var" / "bench" / "nlu"
SEEDS = 5
LOG_LINES = 60
PACKAGES = ("rasa", "tensorflow", "scikit-learn", "onnxruntime", "numpy")
ONE_THREAD = dict.fromkeys(
    (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "TF_INTRA_OP_PARALLELISM_THREADS",
        "TF_INTER_OP_PARALLELISM_THREADS",
        "TF_NUM_INTRAOP_THREADS",
        "TF_NUM_INTEROP_THREADS",
    ),
    "1",
)


class RunError(HRBotError):
    """A system could not be trained or asked."""


def main() -> None:
    """Measure what the arguments choose, and write docs/benchmarks.md."""
    arguments = _arguments()
    try:
        for name in arguments.only:
            for system in arguments.systems:
                for seed in range(arguments.seeds if system == OURS else 1):
                    dataset = DATASETS[name](seed)
                    if arguments.intents:
                        dataset = dataset.with_intents(arguments.intents)
                    result = measure(dataset, system, seed)
                    print(json.dumps({**result, "versions": None}), flush=True)
                    if not arguments.intents:
                        _keep(result, f"{name}-{system}-{seed}")
    except HRBotError as error:
        sys.exit(str(error))
    if not arguments.intents:
        document.write_section(list(_kept()))
        print(f"Written: {document.FILE}")


def measure(dataset: Dataset, system: str, seed: int) -> document.Result:
    """Train and ask a system, each in a process of its own; return figures with their origin.

    Raises:
        RunError: A process failed; its last lines are told.
    """
    with tempfile.TemporaryDirectory() as scratch:
        project = Path(scratch)
        write_project(project, system, dataset, seed)
        (project / QUESTIONS).write_text(json.dumps(_questions(dataset, seed)), encoding="utf-8")
        trained = _run("train", project)
        asked = _run("ask", project, ONE_THREAD)
    return {
        "dataset": dataset.name,
        "system": system,
        "seed": seed,
        "date": date.today().isoformat(),
        "machine": _machine(),
        "versions": {
            "Python": platform.python_version(),
            **{package: version(package) for package in PACKAGES},
        },
        "figures": {**figures(dataset, asked), **trained},
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.nlu", description=__doc__)
    parser.add_argument("--only", nargs="+", default=[*DATASETS], help=", ".join(DATASETS))
    parser.add_argument(
        "--systems", nargs="+", default=[OURS, STOCK, COUNTS], choices=[OURS, STOCK, COUNTS]
    )
    parser.add_argument("--seeds", type=int, default=SEEDS, help="of ours; the others have one")
    parser.add_argument(
        "--intents", type=int, help="the first so many labels only; kept nowhere, to try things out"
    )
    arguments = parser.parse_args()
    arguments.only = [
        name for name in DATASETS if any(name.startswith(wanted) for wanted in arguments.only)
    ]
    if not arguments.only:
        parser.error(f"--only takes the beginning of {', '.join(DATASETS)}")
    return arguments


def _questions(dataset: Dataset, seed: int) -> dict[str, Any]:
    random = Random(seed)
    test = [text for text, _ in dataset.test]
    groups = {
        "test": test,
        "typos": [with_typos(text, random) for text in test],
        "validation": [text for text, _ in dataset.validation],
        "out_of_scope": list(dataset.out_of_scope),
    }
    return {"labels": dataset.labels, "groups": groups}


def _run(what: str, project: Path, environment: dict[str, str] | None = None) -> dict[str, Any]:
    out = project / f"{what}.json"
    command = [sys.executable, "-m", "tests.bench.nlu.child", what, str(project), str(out)]
    cache = project / "cache"
    with (project / f"{what}.log").open("w+", encoding="utf-8") as log:
        done = subprocess.run(
            [*command, str(time.time())],
            cwd=ROOT,
            env={
                **os.environ,
                **(environment or {}),
                "RASA_TELEMETRY_ENABLED": "false",
                # A model from the cache would be trained in no time.
                "RASA_CACHE_DIRECTORY": str(cache),
            },
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        )
        log.seek(0)
        if done.returncode != 0 or not out.exists():
            lines = log.read().splitlines()[-LOG_LINES:]
            raise RunError("\n".join([f"{' '.join(command)} failed:", *lines]))
    shutil.rmtree(cache, ignore_errors=True)
    return json.loads(out.read_text(encoding="utf-8"))


def _machine() -> str:
    info = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    models = [line.partition(":")[2].strip() for line in info.splitlines() if "model name" in line]
    return f"{os.cpu_count()} cores of {models[0] if models else platform.machine()}"


def _keep(result: document.Result, name: str) -> None:
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=1), encoding="utf-8")


def _kept() -> Iterator[document.Result]:
    for name in DATASETS:
        for file in sorted(RESULTS.glob(f"{name}-*.json")):
            yield json.loads(file.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()

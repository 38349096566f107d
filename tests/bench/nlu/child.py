"""One system in a process of its own: trains it, or loads it and asks it, and writes JSON.

`python -m tests.bench.nlu.child train PROJECT OUT` and
`python -m tests.bench.nlu.child ask PROJECT OUT STARTED`, where STARTED is the time.time() at
which the process was started.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

from bot.logs import configure_logging, quiet_libraries
from bot.tensorflow_standin import keep_out_unless_needed

MODEL, QUESTIONS = "model", "questions.json"
OUR_COMPONENT = "bot.nlu.components.FaqSelector"


def train(project: Path) -> dict[str, float]:
    """Train and return how many seconds that took, by the clock and of the processor."""
    from rasa.model_training import train_nlu

    started, processor = time.perf_counter(), time.process_time()
    train_nlu(
        config=str(project / "config.yml"),
        nlu_data=str(project / "nlu.yml"),
        output=str(project / "models"),
        fixed_model_name=MODEL,
    )
    return {
        "training_seconds": time.perf_counter() - started,
        "training_processor_seconds": time.process_time() - processor,
    }


def ask(project: Path, started: float) -> dict[str, Any]:
    """Load the model, ask all questions and return what was understood, times and memory.

    Predictions are pairs of label and confidence by group of questions; milliseconds, by the
    clock and of the processor, are those of each message of the group `test`.
    """
    from rasa.core.agent import Agent

    agent = Agent.load(str(model_of(project)))
    asyncio.run(agent.parse_message("is anybody there"))
    first_answer, processor = time.time() - started, time.process_time()
    told = json.loads((project / QUESTIONS).read_text(encoding="utf-8"))
    labels = set(told["labels"])
    predictions: dict[str, list[tuple[str, float]]] = {}
    milliseconds: list[float] = []
    processor_milliseconds: list[float] = []

    async def ask_all() -> None:
        for group, texts in told["groups"].items():
            predictions[group] = []
            for text in texts:
                before, before_processor = time.perf_counter(), time.process_time()
                parsed = await agent.parse_message(text)
                if group == "test":
                    milliseconds.append(1000 * (time.perf_counter() - before))
                    used = time.process_time() - before_processor
                    processor_milliseconds.append(1000 * used)
                predictions[group].append(_best(parsed, labels))

    asyncio.run(ask_all())
    return {
        "predictions": predictions,
        "milliseconds": milliseconds,
        "processor_milliseconds": processor_milliseconds,
        "first_answer_seconds": first_answer,
        "first_answer_processor_seconds": processor,
        "memory_megabytes": proportional_megabytes(),
        "load_average": os.getloadavg()[0],
    }


def model_of(project: Path) -> Path:
    """Return where a project's model stands."""
    return project / "models" / f"{MODEL}.tar.gz"


def proportional_megabytes() -> float:
    """Return the memory of this process; pages that others share count in part (PSS)."""
    rollup = Path("/proc/self/smaps_rollup").read_text(encoding="ascii")
    return int(re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE).group(1)) / 1024


def _best(parsed: dict[str, Any], labels: set[str]) -> tuple[str, float]:
    """Return the best label with its confidence; what isn't one (a fallback) is passed over."""
    for one in parsed["intent_ranking"]:
        if one["name"] in labels:
            return one["name"], float(one["confidence"])
    return "", 0.0


def main() -> None:
    """Do what the arguments say."""
    what, project, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    quiet_libraries()
    config = project / "config.yml"
    if OUR_COMPONENT in config.read_text(encoding="utf-8"):
        # As the product starts; the others run as Rasa starts them.
        keep_out_unless_needed(config if what == "train" else model_of(project))
    import rasa  # noqa: F401

    configure_logging("WARNING", "bench")
    told = train(project) if what == "train" else ask(project, float(sys.argv[4]))
    out.write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()

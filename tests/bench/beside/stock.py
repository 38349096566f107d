"""A stock Rasa 3.6 project with our topics: what `rasa init` gives, REST channel, SQL trackers.

Each topic is an intent with a rule and one answer. It is trained for few epochs on few phrasings
and never falls back: what is asked here is how fast it serves, and that hardly depends on either.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from bot.faq.phrasings import read_phrasings
from bot.settings import ROOT
from tests.bench.beside.processes import until_answers
from tests.bench.beside.questions import LABELS
from tests.e2e.stack import free_port

EPOCHS, PHRASINGS = 10, 6
# What `rasa init` writes as suggestions into config.yml, but for epochs and threshold.
CONFIG = {
    "recipe": "default.v1",
    "assistant_id": "stock",
    "language": "en",
    "pipeline": [
        {"name": "WhitespaceTokenizer"},
        {"name": "RegexFeaturizer"},
        {"name": "LexicalSyntacticFeaturizer"},
        {"name": "CountVectorsFeaturizer"},
        {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
        {"name": "DIETClassifier", "epochs": EPOCHS, "constrain_similarities": True},
        {"name": "EntitySynonymMapper"},
        {"name": "ResponseSelector", "epochs": EPOCHS, "constrain_similarities": True},
        {"name": "FallbackClassifier", "threshold": 0.0, "ambiguity_threshold": 0.0},
    ],
    "policies": [
        {"name": "MemoizationPolicy"},
        {"name": "RulePolicy"},
        {
            "name": "UnexpecTEDIntentPolicy",
            "max_history": 5,
            "epochs": EPOCHS,
        },
        {"name": "TEDPolicy", "max_history": 5, "epochs": EPOCHS, "constrain_similarities": True},
    ],
}
DOES = {"find_program": "action_find_program", "talk_to_person": "action_escalate"}
ACTIONS = """
import sqlite3
from rasa_sdk import Action

DATABASE = "programs.db"


def connect():
    connection = sqlite3.connect(DATABASE)
    connection.execute("CREATE TABLE IF NOT EXISTS programs (name TEXT, summary TEXT)")
    connection.execute("CREATE TABLE IF NOT EXISTS cases (sender TEXT, question TEXT)")
    return connection


class FindProgram(Action):
    def name(self):
        return "action_find_program"

    def run(self, dispatcher, tracker, domain):
        with connect() as connection:
            found = connection.execute(
                "SELECT name, summary FROM programs WHERE summary LIKE ?", ("%RN%",)
            ).fetchall()
        dispatcher.utter_message(text="; ".join(name for name, _ in found) or "I found none.")
        return []


class Escalate(Action):
    def name(self):
        return "action_escalate"

    def run(self, dispatcher, tracker, domain):
        with connect() as connection:
            connection.execute(
                "INSERT INTO cases VALUES (?, ?)",
                (tracker.sender_id, tracker.latest_message.get("text")),
            )
        dispatcher.utter_message(text="I have asked HR; they will write to you.")
        return []
"""


@dataclass(frozen=True)
class Stock:
    """A stock project that runs: its REST webhook and its processes by name."""

    webhook: str
    children: dict[str, subprocess.Popen]
    seconds_to_ready: float


@contextmanager
def running_stock(folder: Path) -> Iterator[Stock]:
    """Write, train and run the project in `folder`; stop it at the end."""
    action_port, port = free_port(), free_port()
    _write_project(folder, action_port)
    _rasa(folder, "train", "--quiet").wait()
    children = {
        "actions": _rasa(folder, "run", "actions", "--port", str(action_port)),
        "rasa": _rasa(folder, "run", "--port", str(port)),
    }
    try:
        seconds = until_answers(f"http://127.0.0.1:{port}/webhooks/rest/")
        until_answers(f"http://127.0.0.1:{action_port}/health")
        yield Stock(f"http://127.0.0.1:{port}/webhooks/rest/webhook", children, seconds)
    finally:
        for child in children.values():
            child.terminate()
        for child in children.values():
            child.wait(60)


def _rasa(folder: Path, *arguments: str) -> subprocess.Popen:
    with (folder / f"{arguments[-1]}.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "rasa", *arguments],
            cwd=folder,
            env={
                **os.environ,
                "RASA_TELEMETRY_ENABLED": "false",
                "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
            },
            stdout=log,
            stderr=log,
        )


def _write_project(folder: Path, action_port: int) -> None:
    ours = read_phrasings(ROOT / "data")
    wanted = [label for label in ours if "/" in label or label in DOES]
    phrasings = {label.replace("/", "_"): ours[label][:PHRASINGS] for label in wanted}
    for text, label in LABELS.items():
        phrasings[label.replace("/", "_")].append(text)
    does = {intent: DOES.get(intent, f"utter_{intent}") for intent in phrasings}
    rules = [
        {"rule": intent, "steps": [{"intent": intent}, {"action": action}]}
        for intent, action in does.items()
    ]
    # TED needs a story.
    first = next(iter(does))
    stories = [{"story": "one", "steps": [{"intent": first}, {"action": does[first]}]}]
    _dump(folder / "config.yml", CONFIG)
    _dump(
        folder / "domain.yml",
        {
            "version": "3.1",
            "intents": list(phrasings),
            "actions": list(DOES.values()),
            "responses": {
                action: [{"text": f"The answer about {intent}. " * 12}]
                for intent, action in does.items()
                if action.startswith("utter_")
            },
        },
    )
    (folder / "data").mkdir()
    examples = [
        {"intent": intent, "examples": LiteralScalarString("".join(f"- {t}\n" for t in texts))}
        for intent, texts in phrasings.items()
    ]
    _dump(
        folder / "data" / "all.yml",
        {"version": "3.1", "nlu": examples, "rules": rules, "stories": stories},
    )
    _dump(folder / "credentials.yml", {"rest": None})
    _dump(
        folder / "endpoints.yml",
        {
            "action_endpoint": {"url": f"http://127.0.0.1:{action_port}/webhook"},
            "tracker_store": {"type": "SQL", "dialect": "sqlite", "db": "trackers.db"},
        },
    )
    (folder / "actions").mkdir()
    (folder / "actions" / "__init__.py").write_text("")
    (folder / "actions" / "actions.py").write_text(ACTIONS)


def _dump(file: Path, content: dict[str, Any]) -> None:
    with file.open("w", encoding="utf-8") as stream:
        YAML().dump(content, stream)

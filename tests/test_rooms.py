"""Who may import whom (DESIGN.md, “Rooms”), read from the source without importing it."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bot.settings import ROOT

# What the gateway reaches of the understanding: words only, no model.
WITHOUT_MODEL = {"bot.nlu.crisis"}
GROUND = {
    "bot.db",
    "bot.settings",
    "bot.url_settings",
    "bot.errors",
    "bot.periods",
    "bot.safe_settings",
}
MIDDLE = {
    "bot.faq",
    "bot.programs",
    "bot.desk",
    "bot.privacy",
    "bot.listening",
    "bot.telling",
}
RASA_SOCKETS = {"bot.faq.nlg"}
# The sandbox can be started by itself, without the product and its settings.
READS_THE_ENVIRONMENT = {"bot.settings", "bot.sandbox.__main__"}
HEAVY = {"rasa", "rasa_sdk", "tensorflow", "onnxruntime", "onnx", "numpy", "sklearn", "scipy"}
SLACK_APP = {"slack_bolt", "slack_sdk"}


def modules() -> dict[str, Path]:
    found = {}
    for path in [*(ROOT / "bot").rglob("*.py"), *(ROOT / "actions").rglob("*.py")]:
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        found[name.removesuffix(".__init__")] = path
    return found


MODULES = modules()


@cache
def nodes_of(name: str) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(MODULES[name].read_text(encoding="utf-8"))))


def imported_names(name: str) -> Iterator[str]:
    """Every module and every name of one that `name` imports anywhere in its text."""
    for node in nodes_of(name):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} has a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name: str, rooms: set[str]) -> bool:
    return any(name == room or name.startswith(f"{room}.") for room in rooms)


def ours(name: str) -> bool:
    return within(name, {"bot", "actions"})


def of_rooms(rooms: set[str]) -> list[str]:
    return sorted(name for name in MODULES if within(name, rooms))


def test_there_is_something_to_look_at() -> None:
    for room in (*GROUND, *MIDDLE, "bot.gateway", "actions"):
        assert of_rooms({room}), room
    assert set(imported_names("bot.desk.cases")) >= {"bot.db.queues.enqueue"}


@pytest.mark.parametrize("name", of_rooms(GROUND))
def test_the_ground_stands_on_nothing_of_ours(name: str) -> None:
    above = {n for n in imported_names(name) if ours(n) and not within(n, GROUND)}
    assert above == set()


@pytest.mark.parametrize("name", of_rooms(MIDDLE))
def test_the_middle_knows_nothing_of_what_is_on_top(name: str) -> None:
    above = {n for n in imported_names(name) if ours(n) and not within(n, GROUND | MIDDLE)}
    assert above == set()


@pytest.mark.parametrize("name", of_rooms(MIDDLE))
def test_the_middle_is_plain_python(name: str) -> None:
    forbidden = SLACK_APP if name in RASA_SOCKETS else SLACK_APP | HEAVY
    # The search index of the catalogue is numbers; the gateway doesn't import it.
    forbidden = forbidden - ({"numpy"} if name == "bot.programs.index" else set())
    assert {n for n in imported_names(name) if within(n, forbidden)} == set()


@pytest.mark.parametrize("name", sorted(MODULES))
def test_nobody_reaches_into_anothers_insides(name: str) -> None:
    room = name.rpartition(".")[0]
    private = {
        n
        for n in imported_names(name)
        if ours(n)
        and not n.startswith(f"{room}.")
        and any(re.match(r"_(?!_)", part) for part in n.split("."))
    }
    assert private == set()


@pytest.mark.parametrize("name", of_rooms({"bot.gateway"}))
def test_the_gateway_knows_neither_rasa_nor_a_model(name: str) -> None:
    names = set(imported_names(name))
    assert {n for n in names if within(n, HEAVY | {"actions", "bot.channels"})} == set()
    assert {n for n in names if within(n, RASA_SOCKETS)} == set()
    assert {n for n in names if within(n, {"bot.nlu"}) and not within(n, WITHOUT_MODEL)} == set()


@pytest.mark.parametrize("name", of_rooms({"actions", "bot.channels", "bot.assistant", "bot.nlu"}))
def test_the_assistant_never_talks_to_slack(name: str) -> None:
    slack = SLACK_APP | {"bot.gateway", "bot.sandbox"}
    assert {n for n in imported_names(name) if within(n, slack)} == set()


@pytest.mark.parametrize("name", sorted(MODULES))
def test_only_the_settings_read_the_environment(name: str) -> None:
    reading = {
        ast.unparse(node)
        for node in nodes_of(name)
        if (isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ")
        or (
            isinstance(node, ast.Call)
            and ast.unparse(node.func) in ("os.environ.get", "os.getenv", "environ.get")
        )
    }
    assert reading == set() or name in READS_THE_ENVIRONMENT


def loaded_after(statement: str) -> set[str]:
    """The top-level packages that a fresh interpreter has loaded after a statement."""
    script = f"import json, sys\n{statement}\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_starting_the_gateway_loads_nothing_heavy() -> None:
    loaded = loaded_after("import bot.gateway.app, bot.gateway.server")
    assert "slack_bolt" in loaded
    assert {name for name in loaded if name in HEAVY} == set()


def test_importing_bot_loads_nothing_at_all() -> None:
    loaded = loaded_after("import bot, bot.settings, bot.cli")
    assert {n for n in loaded if n in HEAVY | SLACK_APP | {"sqlalchemy.orm", "alembic"}} == set()

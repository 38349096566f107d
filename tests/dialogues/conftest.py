"""The real assistant and actions as two processes, spoken to as the gateway does."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from bot.gateway.assistant_client import AssistantClient
from bot.prepare import prepare_database
from bot.settings import Settings, load_settings
from tests.dialogues.dialogue import Dialogue, read_dialogues
from tests.dialogues.talk import Outcome, Talk
from tests.e2e.stack import free_port, trained_model

START_SECONDS = 90
PROCESSES = ("actions", "assistant")


class Stage:
    """Where dialogues are played; each is played once, whoever asks for its outcome first."""

    def __init__(self, settings: Settings) -> None:
        self.dialogues = {dialogue.name: dialogue for dialogue in read_dialogues()}
        self._settings = settings
        self._outcomes: dict[str, Outcome] = {}

    def play(self, name: str) -> Outcome:
        """Return what came of a dialogue."""
        if name not in self._outcomes:
            self._outcomes[name] = asyncio.run(self._played(self.dialogues[name]))
        return self._outcomes[name]

    async def _played(self, dialogue: Dialogue) -> Outcome:
        client = AssistantClient(self._settings.assistant_urls, self._settings.internal_token)
        try:
            return await Talk(self._settings, client, dialogue).play()
        finally:
            await client.close()


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Give the stage with its two processes running."""
    folder = tmp_path_factory.mktemp("dialogues")
    none = folder / "none.env"
    model = trained_model(load_settings({}, none))
    settings = load_settings(
        {
            "HRBOT_VAR_DIR": str(folder),
            "ASSISTANT_URL": f"http://127.0.0.1:{free_port()}",
            "ACTIONS_URL": f"http://127.0.0.1:{free_port()}",
        },
        none,
    )
    prepare_database(settings)
    with _running(settings, model, folder):
        yield Stage(settings)


@contextmanager
def _running(settings: Settings, model: Path, folder: Path) -> Iterator[None]:
    environment = {**os.environ, **settings.environment()}
    children = []
    for name in PROCESSES:
        arguments = ["--model", str(model)] if name == "assistant" else []
        with open(folder / f"{name}.log", "ab") as log:
            command = [sys.executable, "-m", "bot", name, *arguments]
            child = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
            children.append(child)
    try:
        _wait_for(f"{settings.actions_url}/health", folder)
        _wait_for(f"{settings.assistant_url}/webhooks/gateway/ready", folder)
        yield
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait(30)


def _wait_for(url: str, folder: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            if httpx.get(url, timeout=5).status_code == httpx.codes.OK:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise TimeoutError(f"{url} did not answer; logs in {folder}")

"""A sandbox with an app that it sends to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from slack_sdk import WebClient

from bot.sandbox.app import SandboxServer

from .app_double import SECRET, AppDouble, running_app


@pytest.fixture(scope="session")
def app_of_all_tests() -> Iterator[AppDouble]:
    with running_app() as double:
        yield double


@pytest.fixture
def app(app_of_all_tests: AppDouble) -> AppDouble:
    """The app as if new; starting one for each test would double their time."""
    app_of_all_tests.forget()
    return app_of_all_tests


@pytest.fixture
def slack(app: AppDouble) -> Iterator[SandboxServer]:
    with SandboxServer(app.url, signing_secret=SECRET, manifest=None) as server:
        yield server


@pytest.fixture
def client(slack: SandboxServer) -> WebClient:
    return WebClient(slack.bot_token, base_url=slack.api_url)

"""A gateway with a month behind it, and people who sign in to its report."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, sync_playwright

from bot.db.session import Database

from ..gateway.slack.desk_loop import DeskLoop, desk_loop
from . import month

CHROMIUM = Path("/usr/bin/chromium")
CLIENT = {"SLACK_CLIENT_ID": "a-client", "SLACK_CLIENT_SECRET": "a-client-secret"}

SignIn = Callable[[str], httpx.Client]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip("no browser here: install chromium to test the page")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskLoop]:
    with desk_loop(tmp_path_factory.mktemp("report"), before=prepare, **CLIENT) as running:
        # Every question without an answer is about dogs.
        running.assistant.tells["group"] = {"groups": [list(range(12))]}
        yield running


def prepare(database: Database) -> None:
    month.fill(database)
    month.silence(database)


@pytest.fixture
def url(loop: DeskLoop) -> str:
    return loop.slack.request_url.replace("/slack/events", "")


@pytest.fixture
def sign_in(url: str) -> Iterator[SignIn]:
    """Sign somebody in, as a browser would do it."""
    clients: list[httpx.Client] = []

    def signed_in(user: str) -> httpx.Client:
        http = httpx.Client(base_url=url, trust_env=False)
        clients.append(http)
        slack = http.get("/report/sign-in", follow_redirects=True)
        link = next(a for a in re.findall(r'href="([^"]+)"', slack.text) if f"as={user}" in a)
        answer = http.get(slack.url.join(unescape(link)), follow_redirects=True)
        assert answer.url.path == "/report"
        return http

    yield signed_in
    for http in clients:
        http.close()

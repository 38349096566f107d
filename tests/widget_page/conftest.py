"""One browser and one gateway for all tests of the careers page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from ..gateway.servers import reply
from .candidate import Candidate
from .product import Product, running_product

CHROMIUM = Path("/usr/bin/chromium")

Enter = Callable[..., Candidate]
# Something that never comes fails late; what comes is seen at once, however busy the machine.
expect.set_options(timeout=15_000)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip("no browser here: install chromium to test the page")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with running_product(tmp_path_factory.mktemp("widget")) as product:
        yield product


@pytest.fixture
def product(running: Product) -> Product:
    running.assistant.answer = lambda body: reply(audience="candidate")
    running.assistant.received.clear()
    running.mail.texts.clear()
    return running


@pytest.fixture
def enter(browser: Browser, product: Product) -> Iterator[Enter]:
    """Let somebody visit the careers page in a browser of their own.

    Whatever a page reports as an error fails the test, unless it is told to be expected.
    """
    contexts: list[BrowserContext] = []
    candidates: list[Candidate] = []

    def visit(path: str = "/careers", *, expects: str = "", **options: Any) -> Candidate:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 860}, **options})
        contexts.append(context)
        candidate = Candidate(context, product.url, expects=expects)
        candidates.append(candidate)
        candidate.visit(path)
        return candidate

    yield visit
    for context in contexts:
        context.close()
    assert [problem for candidate in candidates for problem in candidate.problems] == []

"""Somebody on the careers page: what they do, and what they see."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, expect

LAUNCHER = "Questions? Ask us"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
# A window of 1280 by 1024 pixels, enlarged to 400 %.
ZOOMED = {"viewport": {"width": 320, "height": 256}}
DARK = {"color_scheme": "dark"}
AXE = Axe()
# Everything that axe knows of WCAG 2.2 AA, and its advice beyond.
AXE_OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


class Candidate:
    """A browser with the careers page in it; `expects`: a pattern of errors that it may report."""

    def __init__(self, context: BrowserContext, url: str, expects: str = "") -> None:
        self.context, self._url, self._expects = context, url, expects
        self.problems: list[str] = []
        self.page = self._new_page()

    def _new_page(self) -> Page:
        page = self.context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", self._on_console)
        return page

    def _on_console(self, message: ConsoleMessage) -> None:
        is_expected = self._expects and re.search(self._expects, message.text)
        if message.type in ("error", "warning") and not is_expected:
            self.problems.append(message.text)

    def visit(self, path: str = "/careers") -> None:
        self.page.goto(urljoin(self._url, path))
        expect(self.page.locator("hr-assistant")).to_be_attached()

    def second_tab(self) -> Candidate:
        """Give the same person in another tab, the panel open."""
        tab = Candidate.__new__(Candidate)
        tab.context, tab._url, tab._expects = self.context, self._url, self._expects
        tab.problems = self.problems
        tab.page = tab._new_page()
        tab.visit()
        tab.open()
        return tab

    # Parts of the widget

    @property
    def launcher(self) -> Locator:
        return self.page.locator("hr-assistant .launcher")

    @property
    def panel(self) -> Locator:
        return self.page.locator("hr-assistant .panel")

    @property
    def box(self) -> Locator:
        return self.panel.get_by_role("textbox", name="Write a message")

    @property
    def log(self) -> Locator:
        return self.panel.get_by_role("log")

    @property
    def form(self) -> Locator:
        return self.panel.get_by_role("form", name="Get the answer by e-mail")

    @property
    def notice(self) -> Locator:
        return self.panel.locator(".notice")

    def messages(self) -> list[str]:
        """Return what is said, each with who says it, without times and what can be done."""
        return self.log.evaluate(
            """(log) => [...log.querySelectorAll(".entry")].map((entry) => [
                entry.querySelector("b").textContent, entry.querySelector(".bubble").innerText,
            ].join(": "))"""
        )

    def button(self, name: str) -> Locator:
        return self.panel.get_by_role("button", name=name, exact=True)

    # What they do

    def open(self) -> Candidate:
        self.launcher.click()
        expect(self.panel).to_be_visible()
        return self

    def say(self, text: str) -> None:
        self.box.fill(text)
        self.box.press("Enter")

    def ask(self, text: str, *, answer: str) -> Locator:
        """Say something and wait for one more answer, with these words; return it."""
        answers = self.log.locator(".entry:not(.me)", has_text=answer)
        before = answers.count()
        self.say(text)
        expect(answers).to_have_count(before + 1)
        return answers.last

    def hears(self, words: str) -> Locator:
        entry = self.log.locator(".entry:not(.me)", has_text=words).last
        expect(entry).to_be_visible()
        return entry

    # What is asserted often

    def has_focus(self, locator: Locator) -> bool:
        return locator.evaluate("(node) => node.getRootNode().activeElement === node")

    def is_accessible(self, within: str = "hr-assistant") -> None:
        """See that axe finds nothing in the widget, or in all of the page, as it is now."""
        found = AXE.run(self.page, within, AXE_OPTIONS).response["violations"]
        told = [f"{one['id']}: {[node['html'] for node in one['nodes']]}" for one in found]
        assert not told, told

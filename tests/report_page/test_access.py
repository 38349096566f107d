"""For everybody: what axe finds in both colour schemes and on a phone, and no errors."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

VIEWS = {
    "light": {"viewport": {"width": 1280, "height": 900}},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}},
}


@pytest.fixture(params=VIEWS)
def page(request: pytest.FixtureRequest, browser: Browser, url: str) -> Iterator[Page]:
    """Give a page before the report, whose errors fail the test."""
    # axe brings a script of its own, which the page's policy rightly refuses.
    context = browser.new_context(**VIEWS[request.param], base_url=url, bypass_csp=True)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto("/report")
    yield page
    context.close()
    assert errors == []


def sign_in(page: Page, name: str) -> None:
    page.get_by_role("link", name="Sign in with Slack").click()
    page.get_by_role("link", name=name).click()


def faults(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['html']}" for one in found for node in one["nodes"]]


def test_the_way_in_and_the_report_are_accessible(page: Page) -> None:
    assert faults(page) == []
    sign_in(page, "Sam Ortiz")
    expect(page.get_by_role("heading", level=1)).to_have_text("HR report")
    expect(page.get_by_role("table")).not_to_have_count(0)
    pictures = page.locator("img").evaluate_all(
        "(found) => Promise.all(found.map((one) => one.decode().then(() => one.alt)))"
    )
    assert len(pictures) == 3
    assert all(pictures)
    assert faults(page) == []
    too_wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not too_wide


def test_who_isn_t_of_hr_can_sign_in_as_somebody_else(browser: Browser, url: str) -> None:
    context = browser.new_context(base_url=url)
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.goto("/report")
    sign_in(page, "Robin Reed")
    expect(page.get_by_text("This report is for HR")).to_be_visible()
    page.get_by_role("button", name="Sign in as somebody else").click()
    expect(page.get_by_role("link", name="Sign in with Slack")).to_be_visible()
    sign_in(page, "Dana Wu")
    page.get_by_role("link", name="Last week").click()
    expect(page.locator("[aria-current=page]")).to_have_text("Last week")
    # 403 is what the browser was told, and nothing was refused by the page's policy.
    assert [text for text in errors if "status of 403" not in text] == []
    context.close()

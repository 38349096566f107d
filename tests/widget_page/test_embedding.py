"""What a page can set, and the page of the sandbox that shows all three sides at once."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from .answers import APPLY
from .conftest import Enter
from .product import Product


def test_a_page_sets_words_colours_and_side(product: Product, enter: Enter) -> None:
    candidate = enter(f"http://127.0.0.1:{product.other_port}/element")
    element = candidate.page.locator("hr-assistant")
    element.evaluate(
        """(element) => {
            element.strings = { title: "Fragen?", launcher: "Frag uns" };
            element.style.setProperty("--hr-accent", "rgb(90, 20, 60)");
            element.open("Hallo");
        }"""
    )
    expect(candidate.panel).to_have_accessible_name("Fragen?")
    expect(candidate.box).to_have_value("Hallo")
    expect(candidate.button("Send")).to_have_css("background-color", "rgb(90, 20, 60)")
    assert candidate.panel.bounding_box()["x"] < 100
    element.evaluate("(element) => element.close()")
    expect(candidate.panel).to_be_hidden()
    expect(candidate.launcher).to_have_accessible_name("Frag uns")
    element.evaluate("(element) => element.remove()")
    assert candidate.page.evaluate("document.querySelector('hr-assistant')") is None


def test_the_sandbox_shows_employee_hr_and_candidate(product: Product, browser: Browser) -> None:
    product.answer_with(other=APPLY)
    page = browser.new_page(viewport={"width": 1500, "height": 900})
    problems: list[str] = []
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    page.goto(f"{product.slack.base_url}/sandbox/")
    careers = page.frame_locator("#candidate iframe")
    careers.get_by_role("button", name="Questions? Ask us").click()
    box = careers.get_by_role("textbox", name="Write a message")
    box.fill("How do I apply?")
    box.press("Enter")
    expect(careers.get_by_text("Add your resume.")).to_be_visible()
    widths = [
        page.locator(pane).bounding_box()["width"] for pane in ("#employee", "#hr", "#candidate")
    ]
    assert max(widths) - min(widths) < 2
    page.close()
    assert problems == []

"""For everybody: keyboard, phone, dark, 400 %, forced colours, less motion, and what axe finds."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .answers import APPLY, WHICH
from .candidate import DARK, PHONE, ZOOMED, Candidate
from .conftest import Enter
from .product import Product

# Everything in the panel that can be focused or clicked, with its size.
TARGETS = """(panel) => [...panel.querySelectorAll("button, input, textarea, a")]
    .filter((node) => node.checkVisibility())
    .map((node) => {
        const { width, height } = node.getBoundingClientRect();
        return { name: node.ariaLabel || node.textContent || node.id, tag: node.localName,
            size: Math.min(width, height), look: node.className };
    })"""
# Whether what has the focus is really to be seen where it is, with a ring around it.
IS_SEEN = """(panel) => {
    const root = panel.getRootNode();
    const node = root.activeElement;
    if (!node || !panel.contains(node)) return true;
    const { left, right, top, bottom } = node.getBoundingClientRect();
    const y = (Math.max(top, 0) + Math.min(bottom, innerHeight)) / 2;
    const shown = root.elementFromPoint((left + right) / 2, y);
    const isOnTop = node.contains(shown) || shown?.contains(node);
    return isOnTop && getComputedStyle(node).outlineStyle !== "none";
}"""


def press_until(candidate: Candidate, key: str, is_there: str) -> None:
    """Press a key until a condition holds in the page; never more than sixty times."""
    for _ in range(60):
        candidate.page.keyboard.press(key)
        if candidate.page.evaluate(is_there):
            return
    raise AssertionError(f"{key} never led to where {is_there}")


def focused(selector: str) -> str:
    return (
        "Boolean(document.querySelector('hr-assistant').shadowRoot.activeElement"
        f"?.matches('{selector}'))"
    )


def test_everything_is_done_with_the_keyboard(product: Product, enter: Enter) -> None:
    product.answer_with(apply=WHICH, other=APPLY)
    candidate = enter()
    keyboard = candidate.page.keyboard
    press_until(candidate, "Tab", focused(".launcher"))
    expect(candidate.launcher).to_have_attribute("aria-expanded", "false")
    keyboard.press("Enter")
    expect(candidate.launcher).to_have_attribute("aria-expanded", "true")
    expect(candidate.box).to_be_focused()
    keyboard.type("how to apply")
    keyboard.press("Shift+Enter")
    keyboard.type("soon?")
    keyboard.press("Enter")
    candidate.hears("Which do you mean?")
    press_until(candidate, "Shift+Tab", focused(".choice"))
    expect(candidate.button("What to send")).to_be_focused()
    keyboard.press("Space")
    candidate.hears("You apply online")
    assert candidate.messages()[0] == "You: how to apply\nsoon?"
    expect(candidate.panel.get_by_role("region", name="Conversation")).to_be_focused()
    press_until(candidate, "Tab", focused(".feedback button"))
    keyboard.press("Enter")
    expect(candidate.panel.get_by_text("Thank you for telling us.")).to_be_focused()
    keyboard.press("Escape")
    expect(candidate.panel).to_be_hidden()
    expect(candidate.launcher).to_be_focused()


@pytest.mark.parametrize("look", [{}, PHONE, ZOOMED], ids=["desktop", "phone", "400 %"])
def test_the_focus_is_always_seen_and_targets_are_large(
    product: Product, enter: Enter, look: dict
) -> None:
    product.answer_with(other=APPLY)
    candidate = enter(**look).open()
    candidate.ask("How do I apply?", answer="You apply online")
    candidate.page.keyboard.press("Tab")
    for _ in range(16):
        assert candidate.panel.evaluate(IS_SEEN), candidate.panel.evaluate(
            "(panel) => panel.getRootNode().activeElement.outerHTML"
        )
        candidate.page.keyboard.press("Tab")
    targets = candidate.panel.evaluate(TARGETS)
    assert len(targets) > 6
    for target in targets:
        is_in_text = target["tag"] == "a"
        is_minor = "link" in target["look"] or target["name"] in ("Yes", "No")
        least = 0 if is_in_text else 24 if is_minor else 44
        assert target["size"] >= least, target


def test_a_phone_gets_all_of_its_screen(product: Product, enter: Enter) -> None:
    candidate = enter(**PHONE)
    candidate.launcher.tap()
    expect(candidate.panel.get_by_role("heading", name="Ask us about working here")).to_be_focused()
    box = candidate.panel.evaluate(
        "async (panel) => { await Promise.all(panel.getAnimations().map((one) => one.finished));"
        " const { x, y, width, height } = panel.getBoundingClientRect();"
        " return [x, y, width, height].map(Math.round); }"
    )
    assert box == [0, 0, 390, 844]
    # The page behind is out of reach, as it is out of sight.
    assert candidate.panel.evaluate("(panel) => panel.matches(':modal')")
    candidate.page.set_viewport_size({"width": 1000, "height": 800})
    expect(candidate.panel).to_be_visible()
    assert not candidate.panel.evaluate("(panel) => panel.matches(':modal')")
    candidate.page.set_viewport_size({"width": 844, "height": 390})
    assert candidate.panel.evaluate("(panel) => panel.matches(':modal')")
    candidate.page.keyboard.press("Escape")
    expect(candidate.launcher).to_be_focused()


def test_at_400_percent_nothing_is_cut_off(product: Product, enter: Enter) -> None:
    product.answer_with(other=APPLY)
    candidate = enter(**ZOOMED).open()
    candidate.ask("How do I apply?", answer="You apply online")
    overflowing = candidate.page.evaluate(
        """() => {
            const root = document.querySelector("hr-assistant").shadowRoot;
            const nodes = [document.documentElement, ...root.querySelectorAll(".panel, .panel *")];
            return nodes.filter((node) => node.checkVisibility() && !node.closest(".unseen")
                && node.scrollWidth > Math.max(node.clientWidth, 0) + 1
                && getComputedStyle(node).display !== "inline").map((node) => node.outerHTML);
        }"""
    )
    assert overflowing == []
    candidate.button("Close").click()
    expect(candidate.panel).to_be_hidden()


def test_the_panel_leaves_room_and_the_page_usable(enter: Enter) -> None:
    candidate = enter().open()
    candidate.page.get_by_role("link", name="See open jobs").click()
    expect(candidate.panel).to_be_visible()
    # Escape is the panel's only where it has the focus.
    candidate.page.keyboard.press("Escape")
    expect(candidate.panel).to_be_visible()
    candidate.box.press("Escape")
    expect(candidate.panel).to_be_hidden()


def test_less_motion_means_none(product: Product, enter: Enter) -> None:
    candidate = enter(reduced_motion="reduce").open()
    moving = candidate.panel.evaluate("(panel) => getComputedStyle(panel).animationName")
    assert moving == "none"


def test_forced_colours_keep_the_bubbles_apart(product: Product, enter: Enter) -> None:
    product.answer_with(other=APPLY)
    candidate = enter(forced_colors="active").open()
    answer = candidate.ask("How do I apply?", answer="You apply online")
    border = answer.locator(".bubble").evaluate(
        "(bubble) => { const style = getComputedStyle(bubble);"
        " return [style.borderTopStyle, style.borderTopColor !== style.backgroundColor]; }"
    )
    assert border == ["solid", True]


@pytest.mark.parametrize("look", [{}, DARK, PHONE, ZOOMED], ids=["light", "dark", "phone", "400 %"])
def test_axe_finds_nothing_in_an_ordinary_talk(product: Product, enter: Enter, look: dict) -> None:
    product.answer_with(apply=WHICH, other=APPLY)
    candidate = enter(reduced_motion="reduce", **look)
    candidate.is_accessible("html")
    candidate.open().is_accessible("html")
    candidate.ask("how to apply", answer="Which do you mean?")
    candidate.is_accessible()
    candidate.button("How to apply").click()
    candidate.hears("You apply online")
    candidate.button("Delete my conversation").click()
    expect(candidate.page.get_by_role("alertdialog")).to_be_visible()
    candidate.is_accessible()


def test_axe_finds_nothing_when_something_fails(product: Product, enter: Enter) -> None:
    for look in ({}, DARK):
        candidate = enter(expects="Failed to load", reduced_motion="reduce", **look).open()
        candidate.context.set_offline(True)
        candidate.say("Hello?")
        expect(candidate.log.locator(".failed")).to_contain_text("Not sent yet.")
        candidate.is_accessible()

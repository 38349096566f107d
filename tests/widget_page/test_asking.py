"""Asking in a real browser: answers, choices, feedback, reload, two tabs."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

from playwright.sync_api import expect
from sqlalchemy import select

from bot.db.models import WidgetEvent
from bot.db.session import Database

from ..gateway.servers import reply
from .answers import APPLY, WHICH
from .conftest import Enter
from .product import Product


def test_a_question_is_clarified_and_answered(product: Product, enter: Enter) -> None:
    product.answer_with(apply=WHICH, other=APPLY)
    candidate = enter().open()
    candidate.ask("how apply", answer="Which do you mean?")
    candidate.button("How to apply").click()
    answer = candidate.hears("You apply online")
    assert candidate.messages()[:3] == [
        "You: how apply",
        "Assistant: Which do you mean?",
        "You: How to apply",
    ]
    expect(answer.get_by_role("link", name="careers site")).to_have_attribute(
        "href", "https://careers.example"
    )
    expect(answer.locator("li")).to_have_text(["Open a job and choose Apply.", "Add your resume."])
    expect(answer.locator("blockquote")).to_have_text("It's free.Really.")
    expect(candidate.button("What to send")).to_have_count(0)


def test_the_conversation_is_there_after_a_reload_and_is_not_read_out_again(
    product: Product, enter: Enter
) -> None:
    product.answer_with(other=APPLY)
    candidate = enter().open()
    candidate.ask("How do I apply?", answer="You apply online")
    before = candidate.messages()
    # How loudly the log was set whenever something was added to it.
    candidate.page.add_init_script(
        """
        window.addedWhile = [];
        new MutationObserver(() => {
            const widget = document.querySelector("hr-assistant");
            const log = widget?.shadowRoot?.querySelector("[role=log]");
            if (!log || window.watched) return;
            window.watched = new MutationObserver(() => addedWhile.push(log.ariaLive));
            watched.observe(log, { childList: true });
        }).observe(document, { childList: true, subtree: true });
        """
    )
    candidate.page.reload()
    candidate.open()
    candidate.hears("You apply online")
    assert candidate.messages() == before
    expect(candidate.log).to_have_attribute("aria-live", "polite")
    assert set(candidate.page.evaluate("window.addedWhile")) == {"off"}
    candidate.ask("And then?", answer="You apply online")
    assert candidate.page.evaluate("window.addedWhile").pop() == "polite"


def test_one_sees_that_an_answer_is_on_its_way(product: Product, enter: Enter) -> None:
    may_answer = threading.Event()

    def answer(body: dict[str, Any]) -> dict[str, Any]:
        may_answer.wait(10)
        return APPLY

    product.assistant.answer = answer
    candidate = enter().open()
    candidate.say("How do I apply?")
    typing = candidate.panel.get_by_role("status").filter(has_text="One moment")
    expect(typing).to_be_visible()
    may_answer.set()
    candidate.hears("You apply online")
    expect(typing).to_have_count(0)


def test_days_and_speakers_stand_where_they_change(product: Product, enter: Enter) -> None:
    product.answer_with(other=APPLY)
    candidate = enter().open()
    candidate.ask("How do I apply?", answer="You apply online")
    with Database(product.settings.database_url).write() as session:
        newest = select(WidgetEvent).order_by(WidgetEvent.created_at.desc()).limit(2)
        for event in session.scalars(newest):
            event.created_at -= timedelta(days=1)
    candidate.page.reload()
    candidate.open()
    candidate.ask("And today?", answer="You apply online")
    candidate.ask("And now?", answer="You apply online")
    expect(candidate.log.get_by_role("heading")).to_have_text(["Yesterday", "Today"])


def test_two_tabs_show_the_same(product: Product, enter: Enter) -> None:
    product.answer_with(other=APPLY)
    first = enter().open()
    first.ask("From the first tab", answer="You apply online")
    second = first.second_tab()
    second.hears("You apply online")
    second.say("From the second tab")
    expect(first.log.locator(".me", has_text="From the second tab")).to_be_visible()
    expect(first.log.locator(".entry")).to_have_count(4)
    expect(second.log.locator(".entry")).to_have_count(4)
    assert first.messages() == second.messages()


def test_two_tabs_that_begin_at_the_same_time_share_one_conversation(
    product: Product, enter: Enter
) -> None:
    first = enter().open()
    second = first.second_tab()
    for tab in (first, second):
        tab.box.fill("Hello from a tab")
    for tab in (first, second):
        tab.box.press("Enter")
    for tab in (first, second):
        expect(tab.log.locator(".me")).to_have_count(2)
        expect(tab.log.locator(".assistant")).to_have_count(2)


def test_without_storage_the_widget_works_as_long_as_the_page(
    product: Product, enter: Enter
) -> None:
    product.answer_with(other=APPLY)
    candidate = enter("/careers")
    candidate.page.add_init_script(
        'Object.defineProperty(window, "localStorage", { get() { throw new Error("blocked"); } });'
    )
    candidate.page.reload()
    candidate.open()
    candidate.ask("How do I apply?", answer="You apply online")
    candidate.ask("Again, please", answer="You apply online")
    expect(candidate.log.locator(".entry")).to_have_count(4)
    candidate.page.reload()
    candidate.open()
    expect(candidate.log.locator(".entry")).to_have_count(0)


def test_scripts_stay_text_wherever_they_come_from(product: Product, enter: Enter) -> None:
    evil = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    told = reply(
        f"Program {evil} see [here](https://good.example) or [there](mailto:a@b.example) and "
        "[never](javascript:alert(3)) ",
        audience="candidate",
        decision="clarify",
    )
    told["messages"][0]["buttons"] = [{"title": f"{evil}", "meaning": {"intent": "x/y"}}]
    product.answer_with(other=told)
    candidate = enter().open()
    answer = candidate.ask(f"{evil} [x](javascript:alert(4))", answer="Program")
    expect(answer).to_contain_text(evil)
    expect(candidate.button(evil)).to_be_visible()
    expect(candidate.log.locator(".me")).to_contain_text(evil)
    expect(candidate.log.locator("img, script")).to_have_count(0)
    hrefs = candidate.log.evaluate("(log) => [...log.querySelectorAll('a')].map((a) => a.href)")
    assert sorted(hrefs) == ["https://good.example/", "mailto:a@b.example"]


def test_a_button_of_the_page_opens_the_panel_with_a_draft(product: Product, enter: Enter) -> None:
    candidate = enter()
    asker = candidate.page.get_by_role("button", name="Ask about this job").first
    asker.click()
    expect(candidate.box).to_have_value("Do you pay a sign-on bonus?")
    expect(candidate.box).to_be_focused()
    candidate.box.press("Escape")
    expect(candidate.panel).to_be_hidden()
    expect(asker).to_be_focused()

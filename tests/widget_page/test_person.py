"""A person's answer: the form, HR's answer live, later and by e-mail, and deletion."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from .answers import APPLY
from .candidate import DARK, LAUNCHER, PHONE, ZOOMED, Candidate
from .conftest import Enter
from .product import Product


def fill_in(candidate: Candidate, *, email: str = "kim@example.org", name: str = "Kim") -> None:
    candidate.form.get_by_label("E-mail", exact=True).fill(email)
    candidate.form.get_by_label("Name (optional)").fill(name)
    candidate.form.get_by_label("You may use my e-mail").check()


def send_to_a_person(
    product: Product, candidate: Candidate, question: str, name: str = "Kim"
) -> None:
    """Ask what nobody has answered yet, and leave an e-mail address."""
    product.offer_a_person(question)
    candidate.say(question)
    expect(candidate.form).to_be_visible()
    fill_in(candidate, name=name)
    candidate.button("Send to a person").click()
    candidate.hears("Thank you. Our team has your question")
    expect(candidate.form).to_have_count(0)


def test_the_form_says_what_is_missing_where_it_is_missing(product: Product, enter: Enter) -> None:
    product.offer_a_person("May I bring my parrot?")
    candidate = enter().open()
    candidate.say("May I bring my parrot?")
    candidate.hears("please leave your e-mail address")
    form = candidate.form
    expect(form).to_contain_text("“May I bring my parrot?”")
    expect(form).to_contain_text("A person replies by ")
    email, consent = form.get_by_label("E-mail", exact=True), form.get_by_role("checkbox")
    candidate.button("Send to a person").click()
    expect(email).to_be_focused()
    expect(email).to_have_accessible_description(
        "Please enter an e-mail address like name@example.org."
    )
    expect(consent).to_have_accessible_description(
        "Please tick the box, so that we may write to you."
    )
    candidate.is_accessible()
    email.fill("kim@example.org")
    candidate.button("Send to a person").click()
    expect(consent).to_be_focused()
    expect(email).to_have_accessible_description("")
    # The gateway knows better than the page what an address is.
    email.fill("kim@example..org")
    consent.check()
    candidate._expects = "Failed to load resource"
    candidate.button("Send to a person").click()
    expect(email).to_have_accessible_description(
        "That doesn't look like an e-mail address. Please check it."
    )
    expect(email).to_be_focused()
    expect(email).to_have_value("kim@example..org")


def test_who_declines_may_think_again_even_after_a_reload(product: Product, enter: Enter) -> None:
    product.offer_a_person("Is there a piano?")
    candidate = enter().open()
    candidate.say("Is there a piano?")
    candidate.button("No, thanks").click()
    expect(candidate.form).to_have_count(0)
    candidate.page.reload()
    candidate.open()
    candidate.button("Leave my e-mail after all").click()
    expect(candidate.form.get_by_label("E-mail", exact=True)).to_be_focused()
    fill_in(candidate)
    candidate.page.keyboard.press("Enter")
    candidate.hears("Thank you. Our team has your question")
    assert "Kim" in str(product.card("Is there a piano?").blocks)


def test_hr_answers_into_the_open_widget(product: Product, enter: Enter) -> None:
    candidate = enter().open()
    send_to_a_person(product, candidate, "Can I visit the unit first?")
    evil = "<img src=x onerror=alert(1)> see https://visit.example/now"
    product.hr_answers("Can I visit the unit first?", f"Of course! {evil}")
    answer = candidate.hears("Of course!")
    expect(answer).to_contain_text("HR team")
    expect(answer).to_contain_text("<img src=x onerror=alert(1)>")
    expect(answer.get_by_role("link")).to_have_attribute("href", "https://visit.example/now")
    expect(candidate.log.locator("img")).to_have_count(0)
    candidate.is_accessible()


@pytest.mark.parametrize(("look", "toy"), [(DARK, "kite"), (PHONE, "drum"), (ZOOMED, "yo-yo")])
def test_axe_finds_nothing_on_the_way_to_hr(
    product: Product, enter: Enter, look: dict[str, Any], toy: str
) -> None:
    question = f"May I bring my {toy}?"
    product.offer_a_person(question)
    candidate = enter(reduced_motion="reduce", **look).open()
    candidate.say(question)
    candidate.button("Send to a person").click()
    expect(candidate.form).to_contain_text("Please tick the box")
    candidate.is_accessible()
    fill_in(candidate)
    candidate.button("Send to a person").click()
    candidate.hears("Thank you. Our team has your question")
    product.hr_answers(question, "We do. Bring it!")
    candidate.hears("Bring it!")
    candidate.is_accessible()


def test_an_answer_waits_for_the_next_visit(product: Product, enter: Enter) -> None:
    candidate = enter().open()
    send_to_a_person(product, candidate, "Do you have a choir?", "Alma")
    candidate.page.goto("about:blank")
    product.hr_answers("Do you have a choir?", "We do, on Tuesdays.")
    product.mail_to("Alma")
    candidate.visit()
    expect(candidate.launcher).to_have_accessible_name(f"{LAUNCHER} New messages: 1")
    candidate.is_accessible()
    candidate.open()
    candidate.hears("We do, on Tuesdays.")
    expect(candidate.launcher).to_have_accessible_name("Close")
    candidate.button("Close").click()
    candidate.page.reload()
    expect(candidate.page.locator("hr-assistant .entry.hr")).to_have_count(1)
    expect(candidate.launcher).to_have_accessible_name(LAUNCHER)


def test_an_answer_is_announced_while_the_panel_is_closed(product: Product, enter: Enter) -> None:
    candidate = enter().open()
    send_to_a_person(product, candidate, "Is parking free?")
    candidate.box.press("Escape")
    product.hr_answers("Is parking free?", "It is, everywhere.")
    announced = candidate.page.locator("hr-assistant .unseen[role=status]").first
    expect(announced).to_have_text("New messages: 1")
    expect(candidate.launcher).to_be_focused()


def test_the_link_in_the_email_leads_back_on_another_device(product: Product, enter: Enter) -> None:
    candidate = enter().open()
    send_to_a_person(product, candidate, "Do you hire in spring?", "Bert")
    product.hr_answers("Do you hire in spring?", "All year round.")
    mail = product.mail_to("Bert")
    assert "All year round" not in mail
    other = enter(re.search(r"http\S+#hr=\S+", mail)[0])
    other.hears("All year round.")
    assert other.messages() == candidate.messages()
    assert "#" not in other.page.url
    other.page.reload()
    other.open().hears("All year round.")
    other.say("Thank you!")
    expect(candidate.log.locator(".me").last).to_contain_text("Thank you!")


def test_a_link_that_is_not_ours_says_so(enter: Enter) -> None:
    candidate = enter("/careers#hr=nonsense", expects="Failed to load resource")
    expect(candidate.notice).to_contain_text("This link has expired.")
    expect(candidate.panel).to_be_visible()
    assert "#" not in candidate.page.url


@pytest.mark.parametrize("asked_for", ["kept", "deleted"])
def test_the_conversation_is_deleted_only_when_confirmed(
    product: Product, enter: Enter, asked_for: str
) -> None:
    product.answer_with(other=APPLY)
    candidate = enter().open()
    expect(candidate.button("Delete my conversation")).to_have_count(0)
    candidate.ask("How do I apply?", answer="You apply online")
    tab = candidate.second_tab()
    tab.hears("You apply online")
    tab.button("Delete my conversation").click()
    question = tab.page.get_by_role("alertdialog", name="Delete my conversation?")
    expect(question.get_by_role("button", name="Keep it")).to_be_focused()
    if asked_for == "kept":
        tab.page.keyboard.press("Escape")
        expect(question).to_have_count(0)
        expect(tab.button("Delete my conversation")).to_be_focused()
        expect(tab.log.locator(".entry")).to_have_count(2)
        return
    question.get_by_role("button", name="Delete", exact=True).click()
    for one in (tab, candidate):
        expect(one.notice).to_have_text("Your conversation has been deleted.")
        expect(one.log.locator(".entry")).to_have_count(0)
    expect(tab.box).to_be_focused()
    left = tab.page.evaluate("JSON.stringify(localStorage)")
    assert "session" not in left
    assert "apply" not in left
    tab.page.reload()
    tab.open()
    expect(tab.log.locator(".entry")).to_have_count(0)
    tab.ask("How do I apply?", answer="You apply online")
    expect(candidate.log.locator(".entry")).to_have_count(2)


def test_feedback_is_asked_once(product: Product, enter: Enter) -> None:
    product.answer_with(other=APPLY)
    candidate = enter().open()
    candidate.ask("How do I apply?", answer="You apply online")
    with candidate.page.expect_response("**/widget/feedback") as told:
        candidate.button("No").click()
    assert told.value.status == 202
    expect(candidate.panel.get_by_text("Thank you for telling us.")).to_be_visible()
    candidate.page.reload()
    candidate.open().hears("You apply online")
    expect(candidate.button("No")).to_have_count(0)

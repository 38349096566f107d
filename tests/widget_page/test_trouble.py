"""When something fails: no network, no gateway, a page that may not ask. Nothing is ever lost."""

from __future__ import annotations

from datetime import datetime, timedelta

from playwright.sync_api import Route, expect

from ..gateway.servers import reply
from .conftest import Enter
from .product import Product

# What browsers report when a request fails.
FAILED = "Failed to load resource"
ANSWER = reply("Here is your answer.", audience="candidate")


def test_what_is_written_offline_is_kept_and_sent_once(product: Product, enter: Enter) -> None:
    product.answer_with(other=ANSWER)
    candidate = enter(expects=FAILED).open()
    candidate.ask("first", answer="Here is your answer.")
    candidate.context.set_offline(True)
    expect(candidate.notice).to_contain_text("You’re offline")
    candidate.say("while offline")
    candidate.say("and more")
    waiting = candidate.log.locator(".failed")
    expect(waiting.first).to_contain_text("Not sent yet.")
    expect(waiting.first.get_by_role("button", name="Try again")).to_be_visible()
    candidate.context.set_offline(False)
    expect(candidate.notice).to_have_text("You’re connected again.")
    expect(candidate.log.locator(".assistant")).to_have_count(3)
    expect(waiting).to_have_count(0)
    assert [body["text"] for body in product.assistant.received] == [
        "first",
        "while offline",
        "and more",
    ]


def test_somebody_in_a_hurry_tries_again_at_once(product: Product, enter: Enter) -> None:
    product.answer_with(other=ANSWER)
    candidate = enter(expects=FAILED)
    # With the clock stopped, nothing is tried again by itself.
    candidate.page.clock.install()
    candidate.page.clock.pause_at(datetime.now() + timedelta(seconds=5))
    candidate.open()
    candidate.page.route("**/widget/sessions", lambda route: route.abort())
    candidate.say("Now, please")
    failed = candidate.log.locator(".failed")
    expect(failed).to_contain_text("Now, please")
    candidate.page.unroute("**/widget/sessions")
    candidate.button("Try again").click()
    candidate.hears("Here is your answer.")
    expect(failed).to_have_count(0)


def test_what_is_not_sent_survives_a_reload(product: Product, enter: Enter) -> None:
    product.answer_with(other=ANSWER)
    candidate = enter(expects=FAILED).open()
    candidate.page.route("**/widget/sessions", lambda route: route.abort())
    candidate.say("Don't lose me")
    expect(candidate.log.locator(".failed")).to_contain_text("Don't lose me")
    candidate.page.unroute("**/widget/sessions")
    candidate.page.reload()
    candidate.open().hears("Here is your answer.")
    expect(candidate.log.locator(".me .bubble")).to_have_text(["Don't lose me"])
    assert [body["text"] for body in product.assistant.received] == ["Don't lose me"]


def test_a_reply_lost_on_the_way_leads_to_no_second_message(product: Product, enter: Enter) -> None:
    product.answer_with(other=ANSWER)
    candidate = enter(expects=FAILED).open()
    tries: list[str] = []

    def deliver_but_drop_the_reply(route: Route) -> None:
        tries.append(route.request.post_data_json["id"])
        if len(tries) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    candidate.page.route("**/widget/messages", deliver_but_drop_the_reply)
    candidate.say("Only once")
    candidate.hears("Here is your answer.")
    expect(candidate.log.locator(".failed")).to_have_count(0)
    candidate.page.wait_for_function("() => true")
    expect(candidate.log.locator(".me")).to_have_count(1)
    assert len(set(tries)) == 1
    assert len(product.assistant.received) == 1


def test_the_gateway_restarts_in_mid_conversation(product: Product, enter: Enter) -> None:
    product.answer_with(other=ANSWER)
    candidate = enter(expects=FAILED).open()
    candidate.ask("before", answer="Here is your answer.")
    product.stop()
    expect(candidate.notice).to_contain_text("We can’t be reached right now.")
    candidate.say("while it is away")
    expect(candidate.log.locator(".failed")).to_contain_text("while it is away")
    product.start()
    expect(candidate.notice).to_have_text("You’re connected again.")
    expect(candidate.log.locator(".assistant")).to_have_count(2)
    candidate.ask("after", answer="Here is your answer.")
    assert [body["text"] for body in product.assistant.received] == [
        "before",
        "while it is away",
        "after",
    ]


def test_too_many_messages_wait_as_long_as_they_are_told(product: Product, enter: Enter) -> None:
    product.answer_with(other=ANSWER)
    candidate = enter(expects=FAILED).open()
    told: list[int] = []

    def refuse_once(route: Route) -> None:
        told.append(1)
        if len(told) > 1:
            route.continue_()
            return
        error = {"code": "too_many", "message": "That was a lot at once."}
        route.fulfill(status=429, headers={"Retry-After": "1"}, json={"error": error})

    candidate.page.route("**/widget/messages", refuse_once)
    candidate.say("Quickly")
    expect(candidate.log.locator(".failed")).to_contain_text("That was a lot at once.")
    candidate.hears("Here is your answer.")


def test_what_can_not_be_sent_can_be_changed(product: Product, enter: Enter) -> None:
    product.answer_with(other=ANSWER)
    candidate = enter(expects=FAILED).open()
    candidate.say("long " * 2000)
    expect(candidate.log.locator(".failed")).to_contain_text("That is too long for one message.")
    candidate.button("Change it").click()
    expect(candidate.box).to_be_focused()
    expect(candidate.box).to_have_value(("long " * 2000).strip())
    candidate.ask("short", answer="Here is your answer.")
    expect(candidate.log.locator(".me")).to_have_count(1)


def test_a_session_that_has_ended_is_replaced(product: Product, enter: Enter) -> None:
    product.answer_with(other=ANSWER)
    candidate = enter(expects=FAILED).open()
    candidate.ask("old", answer="Here is your answer.")
    candidate.page.evaluate(
        """() => {
            const key = Object.keys(localStorage).find((one) => one.endsWith(" session"));
            const session = JSON.parse(localStorage[key]);
            localStorage[key] = JSON.stringify({ ...session, token: session.token + "x" });
        }"""
    )
    candidate.page.reload()
    candidate.open()
    expect(candidate.notice).to_contain_text("Your earlier conversation has ended")
    candidate.ask("new", answer="Here is your answer.")
    expect(candidate.log.locator(".me")).to_have_count(1)


def test_a_page_of_an_allowed_origin_embeds_it(product: Product, enter: Enter) -> None:
    product.answer_with(other=ANSWER)
    for kind in ("script", "element"):
        candidate = enter(f"http://127.0.0.1:{product.other_port}/{kind}")
        candidate.page.get_by_role("button", name="Ask about overtime").click()
        expect(candidate.box).to_have_value("Do you pay overtime?")
        candidate.box.press("Enter")
        candidate.hears("Here is your answer.")
        title = "Ask Elsewhere" if kind == "script" else "Ask us about working here"
        expect(candidate.panel).to_have_accessible_name(title)


def test_a_page_of_another_origin_is_refused(product: Product, enter: Enter) -> None:
    # The browser says without an origin that it loaded nothing.
    expected = "from origin 'http://localhost|Failed to load resource"
    candidate = enter(f"http://localhost:{product.other_port}/script", expects=expected).open()
    refusals = []
    candidate.page.on("console", lambda message: refusals.append(message.text))
    candidate.say("May I ask from here?")
    expect(candidate.log.locator(".failed")).to_contain_text("Not sent yet.")
    expect(candidate.notice).to_contain_text("We can’t be reached right now.")
    assert any("blocked by CORS policy" in text for text in refusals)
    assert product.assistant.received == []
    candidate.page.close()

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from slack_sdk import WebClient
from starlette.responses import JSONResponse, Response

from bot.sandbox.app import SandboxServer
from bot.sandbox.seed import HR_CHANNEL, ROBIN, SAM

from .app_double import AppDouble
from .block_kit import actions, button, datepicker, mrkdwn, plain, section, text_input
from .block_kit import modal as modal_view

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason="no browser here: install chromium to test the page"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, slack: SandboxServer) -> Iterator[Page]:
    page = browser.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    page.goto(f"{slack.base_url}/sandbox/")
    expect(page.locator("#employee .empty")).to_be_visible()
    yield page
    page.close()
    assert problems == []


def test_a_suggested_question_is_asked_and_answered(
    page: Page, client: WebClient, app: AppDouble
) -> None:
    page.get_by_role("button", name="When is payday?").click()
    app.wait_for("message")
    client.chat_postMessage(
        channel=ROBIN,
        text="x",
        blocks=[
            section(
                "*Every other Friday*, see <https://pay.example|MyCedar>\n• one\n• two\n> note"
            ),
            actions(button("Helped", style="primary")),
        ],
    )
    log = page.locator("#employee").get_by_role("log")
    expect(log.get_by_role("link", name="MyCedar")).to_have_attribute("href", "https://pay.example")
    expect(log.locator("p", has_text="Every other Friday")).to_contain_text("• one• two")
    expect(log.locator("strong", has_text="Every other Friday")).to_be_visible()
    expect(log.locator("blockquote")).to_have_text("note")
    log.get_by_role("button", name="Helped").click()
    assert app.wait_for("block_actions")[0].payload["user"]["id"] == ROBIN


def test_text_looks_as_in_slack(page: Page, client: WebClient) -> None:
    now = int(time.time())
    lines = [
        f"due <!date^{now}^{{date_short_pretty}}|never> or <!date^86400^{{date_num}}|never>",
        "- a hyphen is no list, https://bare.example/x. is a link, jo@x.example too :tada:",
    ]
    client.chat_postMessage(channel=ROBIN, text="x", blocks=[section("\n".join(lines))])
    markdown = {"type": "markdown", "text": "# Title\n**bold** [link](https://m.example)\n- one"}
    client.chat_postMessage(channel=ROBIN, text="x", blocks=[markdown])
    log = page.locator("#employee").get_by_role("log")
    expect(log.locator("article p", has_text="due today or")).to_contain_text("/1970- a hyphen")
    expect(log.get_by_role("link", name="https://bare.example/x", exact=True)).to_be_visible()
    expect(log.get_by_role("link", name="jo@x.example")).to_have_attribute(
        "href", "mailto:jo@x.example"
    )
    expect(log.get_by_role("link", name="link", exact=True)).to_have_attribute(
        "href", "https://m.example"
    )
    expect(log.locator(".text strong")).to_have_text(["Title", "bold"])
    expect(log.locator("li")).to_have_text(["one"])


def test_a_menu_closes_once_something_is_chosen(
    page: Page, client: WebClient, app: AppDouble
) -> None:
    options = [{"text": plain(name), "value": name} for name in ("Snooze…", "Move…")]
    menu = {"type": "overflow", "action_id": "more", "options": options}
    client.chat_postMessage(channel=ROBIN, text="x", blocks=[actions(menu)])
    more = page.locator("#employee").get_by_label("More")
    more.click()
    page.get_by_role("button", name="Move…").click()
    (got,) = app.wait_for("block_actions")
    assert got.payload["actions"][0]["selected_option"]["value"] == "Move…"
    expect(page.get_by_role("button", name="Move…")).to_be_hidden()
    more.click()
    page.locator("#employee").get_by_label("Write a message").click()
    expect(page.get_by_role("button", name="Move…")).to_be_hidden()


def test_a_day_is_picked_once_even_when_it_is_typed(
    page: Page, client: WebClient, app: AppDouble
) -> None:
    client.chat_postMessage(channel=ROBIN, text="x", blocks=[section("First day", **datepicker())])
    picker = page.locator("#employee").get_by_label("Pick a day")
    picker.press_sequentially("03152024")
    (got,) = app.wait_for("block_actions")
    (action,) = got.payload["actions"]
    assert (action["type"], action["selected_date"]) == ("datepicker", "2024-03-15")
    picker.fill("2024-03-16")
    got = app.wait_for("block_actions", 2)
    assert [one.payload["actions"][0]["selected_date"] for one in got] == [
        "2024-03-15",
        "2024-03-16",
    ]


def test_text_never_becomes_markup(page: Page, slack: SandboxServer) -> None:
    slack.say("<img src=x onerror=alert(1)> <javascript:alert(1)|here>")
    log = page.locator("#employee").get_by_role("log")
    expect(log).to_contain_text("<img src=x onerror=alert(1)>")
    expect(log.locator("img, a")).to_have_count(0)


def test_a_modal_shows_field_errors_and_keeps_what_was_typed(
    page: Page, client: WebClient, slack: SandboxServer, app: AppDouble
) -> None:
    def answer(payload: dict) -> Response | None:
        if payload.get("type") == "block_actions":
            view = modal_view(text_input(), text_input("Note", "note", optional=True))
            client.views_open(trigger_id=payload["trigger_id"], view=view)
        if payload.get("type") == "view_submission":
            values = payload["view"]["state"]["values"]
            if len(values["answer-block"]["answer"]["value"]) < 5:
                errors = {"answer-block": "A bit more, please."}
                return JSONResponse({"response_action": "errors", "errors": errors})
        return None

    app.answer = answer
    client.chat_postMessage(channel=HR_CHANNEL, text="x", blocks=[actions(button("Answer"))])
    hr = page.locator("#hr")
    hr.get_by_role("button", name="Answer").click()
    dialog = hr.get_by_role("dialog")
    field = dialog.get_by_label("Answer")
    expect(field).to_be_focused()
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.get_by_text("Please complete this required field.")).to_be_visible()
    field.fill("no")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.get_by_text("A bit more, please.")).to_be_visible()
    expect(field).to_have_value("no")
    field.fill("Every other Friday.")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog).to_have_count(0)


def test_what_was_typed_is_still_there_below_a_pushed_modal(
    page: Page, client: WebClient, slack: SandboxServer
) -> None:
    client.views_open(trigger_id=slack.workspace.new_trigger(SAM), view=modal_view(text_input()))
    hr = page.locator("#hr")
    field = hr.get_by_role("textbox", name="Answer")
    field.fill("Every other Friday.")
    pushed = modal_view(section("As the asker sees it"))
    client.views_push(trigger_id=slack.workspace.new_trigger(SAM), view=pushed)
    expect(hr.get_by_role("dialog")).to_contain_text("As the asker sees it")
    hr.get_by_role("dialog").press("Escape")
    expect(field).to_have_value("Every other Friday.")


def test_escape_closes_a_modal(page: Page, client: WebClient, slack: SandboxServer) -> None:
    client.views_open(trigger_id=slack.workspace.new_trigger(SAM), view=modal_view())
    dialog = page.locator("#hr").get_by_role("dialog")
    dialog.get_by_label("Answer").press("Escape")
    expect(dialog).to_have_count(0)
    assert slack.open_view(user=SAM) is None


def test_a_confirm_dialog_can_be_declined(page: Page, client: WebClient, app: AppDouble) -> None:
    confirm = {
        "title": plain("Resolve?"),
        "text": mrkdwn("It leaves the list."),
        "confirm": plain("Resolve it"),
        "deny": plain("Keep it"),
    }
    blocks = [actions(button("Resolve", confirm=confirm))]
    client.chat_postMessage(channel=HR_CHANNEL, text="x", blocks=blocks)
    resolve = page.locator("#hr").get_by_role("button", name="Resolve")
    resolve.click()
    page.get_by_role("button", name="Keep it").click()
    resolve.click()
    page.get_by_role("button", name="Resolve it").click()
    app.wait_for("block_actions")
    assert len(app.of_kind("block_actions")) == 1


def test_ephemeral_and_changed_messages_and_threads_show(page: Page, client: WebClient) -> None:
    card = client.chat_postMessage(channel=HR_CHANNEL, text="HR-1001 open")["ts"]
    client.chat_postMessage(channel=HR_CHANNEL, text="another card")
    client.chat_postMessage(channel=HR_CHANNEL, text="in the thread", thread_ts=card)
    client.chat_postEphemeral(channel=HR_CHANNEL, user=SAM, text="psst")
    client.chat_update(channel=HR_CHANNEL, ts=card, text="HR-1001 claimed")
    log = page.locator("#hr").get_by_role("log")
    expect(log.get_by_text("Only visible to you")).to_be_visible()
    articles = log.locator("article .text")
    expect(articles).to_have_text(["HR-1001 claimed", "in the thread", "another card", "psst"])
    page.locator("#hr").get_by_label("You are").select_option(
        label="Dana Wu, HR benefits specialist"
    )
    expect(articles).to_have_text(["HR-1001 claimed", "in the thread", "another card"])


def test_one_writes_with_the_keyboard_and_runs_commands(
    page: Page, slack: SandboxServer, app: AppDouble
) -> None:
    box = page.locator("#employee").get_by_label("Write a message")
    box.fill("hello")
    box.press("Enter")
    app.wait_for("message")
    box.fill("/hr dental")
    box.press("Enter")
    slack.wait_for(lambda w: any(a.kind == "slash_command" for a in w.attempts))
    assert app.received[-1].payload["command"] == "/hr"
    assert slack.messages()[0].text == "hello"


def test_the_home_tab_is_there_only_where_the_app_has_one(
    page: Page, client: WebClient, slack: SandboxServer, app: AppDouble
) -> None:
    home = page.locator("#employee").get_by_role("button", name="Home")
    home.click()
    app.wait_for("app_home_opened")
    client.views_publish(user_id=ROBIN, view={"type": "home", "blocks": [section("Your cases")]})
    expect(page.locator("#employee .home")).to_contain_text("Your cases")
    slack.workspace.app.has_home_tab = False
    page.reload()
    expect(page.locator("#employee .empty")).to_be_visible()
    expect(home).to_have_count(0)


def test_a_new_chat_shows_what_the_app_suggests(
    page: Page, client: WebClient, slack: SandboxServer, app: AppDouble
) -> None:
    pane = page.locator("#employee")
    pane.get_by_role("button", name="New chat").click()
    thread = app.wait_for("assistant_thread_started")[0].event["assistant_thread"]
    key = {"channel_id": slack.dm(), "thread_ts": thread["thread_ts"]}
    prompts = [{"title": "Payday?", "message": "When is payday?"}]
    client.assistant_threads_setSuggestedPrompts(**key, title="What now?", prompts=prompts)
    expect(pane.get_by_role("heading", name="What now?")).to_be_visible()
    pane.get_by_role("button", name="Payday?", exact=True).click()
    said = app.wait_for("message")[0].event
    assert (said["text"], said["thread_ts"]) == ("When is payday?", thread["thread_ts"])
    client.assistant_threads_setTitle(**key, title="Payday")
    expect(pane.get_by_role("heading", name="Payday")).to_be_visible()


def test_a_message_shortcut_is_used_on_a_message(
    browser: Browser, slack: SandboxServer, app: AppDouble
) -> None:
    slack.workspace.app.shortcuts = {"ask": "Ask HR about this"}
    said = slack.say("overtime?")
    page = browser.new_page()
    page.goto(f"{slack.base_url}/sandbox/")
    message = page.locator("#employee article", has_text="overtime?")
    message.hover()
    message.get_by_role("button", name="Ask HR about this").click()
    picked = app.wait_for("message_action")[0].payload
    assert (picked["callback_id"], picked["message"]["ts"]) == ("ask", said.ts)
    page.close()

from __future__ import annotations

from typing import Any

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.sandbox.app import SandboxServer
from bot.sandbox.model import RefusedError
from bot.sandbox.seed import CASEY, GENERAL, HR_CHANNEL, ROBIN, SAM, make_workspace

from .app_double import SECRET, AppDouble
from .block_kit import actions, button, modal, plain, section, text_input

Json = dict[str, Any]


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def error_of(call: Any, **arguments: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        call(**arguments)
    return caught.value.response["error"]


def post_card(client: WebClient, *elements: Json) -> str:
    blocks = [section("HR-1001"), actions(*(elements or (button("Claim", "claim", value="7"),)))]
    return client.chat_postMessage(channel=HR_CHANNEL, text="HR-1001", blocks=blocks)["ts"]


def click_for_trigger(client: WebClient, slack: SandboxServer, app: AppDouble) -> str:
    post_card(client)
    slack.click("Claim", user=SAM)
    return app.of_kind("block_actions")[-1].payload["trigger_id"]


# Buttons


def test_a_click_carries_everything_slack_sends(
    client: WebClient, slack: SandboxServer, app: AppDouble
) -> None:
    ts = post_card(client)
    assert slack.click("Claim", user=SAM).is_ok
    (got,) = app.wait_for("block_actions")
    assert got.is_signed
    assert got.headers["content-type"] == "application/x-www-form-urlencoded"
    payload = got.payload
    assert payload["user"]["id"] == SAM
    assert payload["team"]["id"] == slack.workspace.team_id
    assert payload["container"] == {
        "type": "message",
        "message_ts": ts,
        "channel_id": HR_CHANNEL,
        "is_ephemeral": False,
    }
    assert payload["channel"] == {"id": HR_CHANNEL, "name": "privategroup"}
    assert payload["message"]["ts"] == ts
    assert payload["state"] == {"values": {}}
    assert payload["trigger_id"]
    assert payload["response_url"].startswith(slack.base_url)
    (action,) = payload["actions"]
    assert (action["action_id"], action["value"], action["type"]) == ("claim", "7", "button")
    assert action["block_id"] == payload["message"]["blocks"][1]["block_id"]


def test_a_button_is_found_by_action_id_and_value(
    client: WebClient, slack: SandboxServer, app: AppDouble
) -> None:
    post_card(client, button("One", "choice-1", value="1"), button("Two", "choice-2", value="2"))
    slack.click(user=SAM, action_id="choice-2")
    slack.click(user=SAM, value="1")
    values = [r.payload["actions"][0]["value"] for r in app.wait_for("block_actions", 2)]
    assert values == ["2", "1"]


def test_nobody_clicks_what_they_do_not_see(client: WebClient, slack: SandboxServer) -> None:
    post_card(client)
    with pytest.raises(RefusedError) as caught:
        slack.click("Claim", user=ROBIN)
    assert caught.value.code == "no_such_button"


def test_an_option_is_chosen_by_its_text(
    client: WebClient, slack: SandboxServer, app: AppDouble
) -> None:
    options = [{"text": plain("High"), "value": "h"}, {"text": plain("Low"), "value": "l"}]
    post_card(client, {"type": "static_select", "action_id": "priority", "options": options})
    slack.click("Low", user=SAM)
    (action,) = app.wait_for("block_actions")[0].payload["actions"]
    assert action["selected_option"]["value"] == "l"


def test_a_date_is_picked_by_value(client: WebClient, slack: SandboxServer, app: AppDouble) -> None:
    post_card(client, {"type": "datepicker", "action_id": "due"})
    slack.click(user=SAM, action_id="due", value="2026-12-01")
    (action,) = app.wait_for("block_actions")[0].payload["actions"]
    assert action["selected_date"] == "2026-12-01"


def test_feedback_buttons_send_their_value(
    client: WebClient, slack: SandboxServer, app: AppDouble
) -> None:
    feedback = {
        "type": "feedback_buttons",
        "action_id": "feedback",
        "positive_button": {"text": plain("Good"), "value": "up"},
        "negative_button": {"text": plain("Bad"), "value": "down"},
    }
    blocks = [{"type": "context_actions", "elements": [feedback]}]
    client.chat_postMessage(channel=ROBIN, text="x", blocks=blocks)
    slack.click("Bad")
    (action,) = app.wait_for("block_actions")[0].payload["actions"]
    assert (action["type"], action["value"]) == ("feedback_buttons", "down")


def test_a_click_that_the_app_does_not_take_is_told(
    client: WebClient, slack: SandboxServer, app: AppDouble
) -> None:
    post_card(client)
    app.answer = lambda payload: PlainTextResponse("", status_code=500)
    assert slack.click("Claim", user=SAM).error == "http_error"
    assert len(app.of_kind("block_actions")) == 1, "interactions are not redelivered"


# response_url


def response_url(client: WebClient, slack: SandboxServer, app: AppDouble) -> str:
    post_card(client)
    slack.click("Claim", user=SAM)
    return app.of_kind("block_actions")[-1].payload["response_url"]


def test_the_response_url_replaces_adds_and_deletes(
    client: WebClient, slack: SandboxServer, app: AppDouble
) -> None:
    webhook = WebhookClient(response_url(client, slack, app))
    assert webhook.send(text="Claimed by Sam", replace_original=True).status_code == 200
    assert [m.text for m in slack.messages(HR_CHANNEL, user=SAM)] == ["Claimed by Sam"]
    webhook.send(text="only you")
    webhook.send(text="for all", response_type="in_channel")
    shown = slack.messages(HR_CHANNEL, user=SAM)
    assert [(m.text, m.visible_to) for m in shown[1:]] == [("only you", SAM), ("for all", None)]
    webhook.send(delete_original=True)
    assert "Claimed by Sam" not in [m.text for m in slack.messages(HR_CHANNEL, user=SAM)]


def test_an_ephemeral_message_is_changed_through_its_response_url(
    client: WebClient, slack: SandboxServer, app: AppDouble
) -> None:
    blocks = [actions(button("Send", "send"))]
    client.chat_postEphemeral(channel=HR_CHANNEL, user=SAM, text="?", blocks=blocks)
    slack.click("Send", user=SAM)
    (got,) = app.wait_for("block_actions")
    assert got.payload["container"]["is_ephemeral"] is True
    assert "message" not in got.payload
    WebhookClient(got.payload["response_url"]).send(text="Sent.", replace_original=True)
    assert [m.text for m in slack.messages(HR_CHANNEL, user=SAM)] == ["Sent."]


def test_a_response_url_works_five_times(
    client: WebClient, slack: SandboxServer, app: AppDouble
) -> None:
    webhook = WebhookClient(response_url(client, slack, app))
    codes = [webhook.send(text="x").status_code for _ in range(6)]
    assert codes == [200] * 5 + [404]


def test_a_response_url_refuses_what_slack_refuses(
    client: WebClient, slack: SandboxServer, app: AppDouble
) -> None:
    url = response_url(client, slack, app)
    assert httpx.post(url, content="{").json()["error"] == "invalid_payload"
    assert httpx.post(url, json={}).json()["error"] == "no_text"
    assert httpx.post(url, json={"blocks": [{"type": "x"}]}).json()["error"] == "invalid_blocks"
    elsewhere = httpx.post(f"{slack.base_url}/response/unknown", json={"text": "x"})
    assert elsewhere.json()["error"] == "invalid_url"


def test_a_response_url_lives_half_an_hour(app: AppDouble) -> None:
    clock = Clock()
    workspace = make_workspace(manifest=None, clock=clock)
    with SandboxServer(app.url, signing_secret=SECRET, workspace=workspace) as slack:
        url = slack.sandbox.new_response_url(SAM, HR_CHANNEL)
        clock.now += 1801
        assert httpx.post(url, json={"text": "x"}).json()["error"] == "expired_url"


# Triggers and views


def test_a_trigger_opens_one_view(client: WebClient, slack: SandboxServer, app: AppDouble) -> None:
    trigger_id = click_for_trigger(client, slack, app)
    opened = client.views_open(trigger_id=trigger_id, view=modal())
    view = slack.open_view(user=SAM)
    assert view is not None
    assert opened["view"]["id"] == view.id
    assert error_of(client.views_open, trigger_id=trigger_id, view=modal()) == (
        "exchanged_trigger_id"
    )


def test_a_trigger_expires_after_three_seconds(app: AppDouble) -> None:
    clock = Clock()
    workspace = make_workspace(manifest=None, clock=clock)
    with SandboxServer(app.url, signing_secret=SECRET, workspace=workspace) as slack:
        client = WebClient(slack.bot_token, base_url=slack.api_url)
        trigger_id = click_for_trigger(client, slack, app)
        clock.now += 3.1
        error = error_of(client.views_open, trigger_id=trigger_id, view=modal())
        assert error == "expired_trigger_id"


def test_a_made_up_trigger_is_refused(client: WebClient) -> None:
    assert error_of(client.views_open, trigger_id="1.2", view=modal()) == "invalid_trigger_id"
    assert error_of(client.views_open, trigger_id="", view=modal()) == "invalid_trigger_id"


def test_a_wrong_view_does_not_use_up_the_trigger(
    client: WebClient, slack: SandboxServer, app: AppDouble
) -> None:
    trigger_id = click_for_trigger(client, slack, app)
    wrong = modal(title=plain("x" * 25))
    assert error_of(client.views_open, trigger_id=trigger_id, view=wrong) == "invalid_arguments"
    home = {"type": "home", "blocks": [section()]}
    assert error_of(client.views_open, trigger_id=trigger_id, view=home) == "invalid_arguments"
    assert client.views_open(trigger_id=trigger_id, view=modal())["ok"]


def test_three_views_may_lie_on_each_other(
    client: WebClient, slack: SandboxServer, app: AppDouble
) -> None:
    client.views_open(trigger_id=click_for_trigger(client, slack, app), view=modal())
    for _ in range(2):
        trigger_id = slack.workspace.new_trigger(SAM)
        pushed = client.views_push(trigger_id=trigger_id, view=modal())["view"]
        assert pushed["previous_view_id"]
    trigger_id = slack.workspace.new_trigger(SAM)
    assert error_of(client.views_push, trigger_id=trigger_id, view=modal()) == (
        "push_limit_reached"
    )


def test_a_view_is_updated_by_id_external_id_and_hash(
    client: WebClient, slack: SandboxServer
) -> None:
    trigger_id = slack.workspace.new_trigger(SAM)
    first = modal(external_id="case-1")
    opened = client.views_open(trigger_id=trigger_id, view=first)["view"]
    trigger_id = slack.workspace.new_trigger(SAM)
    assert error_of(client.views_open, trigger_id=trigger_id, view=first) == (
        "duplicate_external_id"
    )
    changed = modal(section("changed"), external_id="case-1")
    client.views_update(view_id=opened["id"], view=changed, hash=opened["hash"])
    error = error_of(client.views_update, view_id=opened["id"], view=changed, hash=opened["hash"])
    assert error == "hash_conflict"
    assert client.views_update(external_id="case-1", view=modal())["ok"]
    assert error_of(client.views_update, view_id="V0NONE", view=modal()) == "not_found"
    assert error_of(client.views_update, view=modal()) == "invalid_arguments"


def test_a_home_tab_is_published_for_one_person(
    client: WebClient, slack: SandboxServer, app: AppDouble
) -> None:
    home = {"type": "home", "blocks": [section(accessory=button("Open", "open"))]}
    published = client.views_publish(user_id=ROBIN, view=home)["view"]
    assert slack.workspace.home(CASEY) is None
    assert slack.click("Open").is_ok
    (got,) = app.wait_for("block_actions")
    assert got.payload["view"]["id"] == published["id"]
    assert got.payload["container"] == {"type": "view", "view_id": published["id"]}
    stale = error_of(client.views_publish, user_id=ROBIN, view=home, hash="old")
    assert stale == "hash_conflict"
    assert error_of(client.views_publish, user_id=ROBIN, view=modal()) == "invalid_arguments"
    assert error_of(client.views_publish, user_id="U0", view=home) == "user_not_found"
    slack.workspace.app.has_home_tab = False
    assert error_of(client.views_publish, user_id=ROBIN, view=home) == "not_enabled"


# Submitting


def answering(body: Json) -> Any:
    def answer(payload: Json) -> Response | None:
        return JSONResponse(body) if payload.get("type") == "view_submission" else None

    return answer


def open_modal(client: WebClient, slack: SandboxServer, view: Json | None = None) -> None:
    trigger_id = slack.workspace.new_trigger(SAM)
    client.views_open(trigger_id=trigger_id, view=view or modal(private_metadata="HR-1001"))


def test_a_submission_carries_state_and_private_metadata(
    client: WebClient, slack: SandboxServer, app: AppDouble
) -> None:
    options = [{"text": plain("Yes"), "value": "y"}, {"text": plain("No"), "value": "n"}]
    fields = [
        text_input(),
        text_input(
            "Reuse",
            "reuse",
            element={"type": "radio_buttons", "action_id": "reuse", "options": options},
        ),
        text_input(
            "Tell",
            "tell",
            element={"type": "checkboxes", "action_id": "tell", "options": options},
        ),
        text_input("Due", "due", element={"type": "datepicker", "action_id": "due"}),
        text_input("Note", "note", optional=True),
    ]
    open_modal(client, slack, modal(*fields, private_metadata="HR-1001", callback_id="answer"))
    entered = {"answer": "Every other Friday.", "reuse": "No", "tell": ["y"], "due": "2026-12-01"}
    done = slack.submit(entered, user=SAM)
    assert not done.is_open
    view = app.wait_for("view_submission")[0].payload["view"]
    assert (view["private_metadata"], view["callback_id"]) == ("HR-1001", "answer")
    values = view["state"]["values"]
    assert values["answer-block"]["answer"] == {
        "type": "plain_text_input",
        "value": "Every other Friday.",
    }
    assert values["reuse-block"]["reuse"]["selected_option"]["value"] == "n"
    assert [o["value"] for o in values["tell-block"]["tell"]["selected_options"]] == ["y"]
    assert values["due-block"]["due"]["selected_date"] == "2026-12-01"
    assert values["note-block"]["note"]["value"] is None


def test_a_required_field_left_empty_never_reaches_the_app(
    client: WebClient, slack: SandboxServer, app: AppDouble
) -> None:
    open_modal(client, slack)
    done = slack.submit({}, user=SAM)
    assert done.errors == {"answer-block": "Please complete this required field."}
    assert app.of_kind("view_submission") == []


@pytest.mark.parametrize(("text", "word"), [("a", "at least 2"), ("abcd", "no more than 3")])
def test_lengths_are_held_by_slacks_own_client(
    client: WebClient, slack: SandboxServer, text: str, word: str
) -> None:
    element = {
        "type": "plain_text_input",
        "action_id": "answer",
        "min_length": 2,
        "max_length": 3,
    }
    open_modal(client, slack, modal(text_input(element=element)))
    assert word in slack.submit({"answer": text}, user=SAM).errors["answer-block"]


def test_errors_of_the_app_stay_in_the_modal(
    client: WebClient, slack: SandboxServer, app: AppDouble
) -> None:
    app.answer = answering(
        {"response_action": "errors", "errors": {"answer-block": "A bit more, please."}}
    )
    open_modal(client, slack)
    done = slack.submit({"answer": "no"}, user=SAM)
    assert done.is_open
    assert done.errors == {"answer-block": "A bit more, please."}
    view = slack.open_view(user=SAM)
    assert view is not None
    assert view.errors == done.errors


def test_errors_for_a_block_that_is_not_there_are_refused(
    client: WebClient, slack: SandboxServer, app: AppDouble
) -> None:
    app.answer = answering({"response_action": "errors", "errors": {"elsewhere": "x"}})
    open_modal(client, slack)
    with pytest.raises(RefusedError) as caught:
        slack.submit({"answer": "no"}, user=SAM)
    assert caught.value.code == "invalid_response_action"


@pytest.mark.parametrize(("action", "depth"), [("update", 1), ("push", 2)])
def test_the_answer_may_show_another_view(
    client: WebClient, slack: SandboxServer, app: AppDouble, action: str, depth: int
) -> None:
    app.answer = answering({"response_action": action, "view": modal(section("next"))})
    open_modal(client, slack)
    assert slack.submit({"answer": "yes"}, user=SAM).is_open
    view = slack.open_view(user=SAM)
    assert view is not None
    assert view.content["blocks"][0]["text"]["text"] == "next"
    for _ in range(depth):
        slack.close(user=SAM)
    assert slack.open_view(user=SAM) is None


def test_a_wrong_view_in_the_answer_is_refused(
    client: WebClient, slack: SandboxServer, app: AppDouble
) -> None:
    app.answer = answering({"response_action": "update", "view": {"type": "modal"}})
    open_modal(client, slack)
    with pytest.raises(RefusedError):
        slack.submit({"answer": "yes"}, user=SAM)


def test_clear_closes_everything(client: WebClient, slack: SandboxServer, app: AppDouble) -> None:
    app.answer = answering({"response_action": "clear"})
    open_modal(client, slack)
    client.views_push(trigger_id=slack.workspace.new_trigger(SAM), view=modal())
    assert not slack.submit({"answer": "yes"}, user=SAM).is_open


def test_a_modal_stays_open_when_the_app_does_not_answer(
    client: WebClient, slack: SandboxServer, app: AppDouble
) -> None:
    app.answer = lambda payload: PlainTextResponse("", status_code=503)
    open_modal(client, slack)
    done = slack.submit({"answer": "yes"}, user=SAM)
    assert done.is_open
    view = slack.open_view(user=SAM)
    assert view is not None
    assert "did not respond" in view.notice


def test_closing_is_told_where_the_app_asked(
    client: WebClient, slack: SandboxServer, app: AppDouble
) -> None:
    open_modal(client, slack)
    assert slack.close(user=SAM) is None
    open_modal(client, slack, modal(notify_on_close=True, clear_on_close=True))
    slack.close(user=SAM)
    (got,) = app.wait_for("view_closed")
    assert got.payload["is_cleared"] is True
    with pytest.raises(RefusedError) as caught:
        slack.close(user=SAM)
    assert caught.value.code == "no_open_view"


@pytest.mark.parametrize(("values", "code"), [({"nothing": "x"}, "no_such_field"), (None, None)])
def test_a_field_that_is_not_there_is_a_mistake_of_the_test(
    client: WebClient, slack: SandboxServer, values: Json | None, code: str | None
) -> None:
    open_modal(client, slack)
    if code is None:
        assert slack.submit(values, user=SAM).errors
        return
    with pytest.raises(RefusedError) as caught:
        slack.submit(values, user=SAM)
    assert caught.value.code == code


# Commands, shortcuts, and who may write where


def test_a_slash_command_arrives_and_its_answer_is_ephemeral(
    slack: SandboxServer, app: AppDouble
) -> None:
    app.answer = lambda payload: PlainTextResponse("Looking…") if "command" in payload else None
    assert slack.command("/hr", "dental", channel=GENERAL).is_ok
    got = app.received[0]
    assert got.is_signed
    assert (got.payload["command"], got.payload["text"]) == ("/hr", "dental")
    assert got.payload["channel_id"] == GENERAL
    assert got.payload["trigger_id"]
    answer = slack.messages(GENERAL)[-1]
    assert (answer.text, answer.visible_to) == ("Looking…", ROBIN)


def test_a_command_may_answer_in_the_channel(slack: SandboxServer, app: AppDouble) -> None:
    body = {"response_type": "in_channel", "text": "Here"}
    app.answer = lambda payload: JSONResponse(body) if "command" in payload else None
    slack.command("/hr", channel=GENERAL)
    assert slack.messages(GENERAL)[-1].visible_to is None


def test_a_command_that_the_manifest_lacks_is_refused(slack: SandboxServer) -> None:
    slack.workspace.app.commands = frozenset({"/hr"})
    with pytest.raises(RefusedError) as caught:
        slack.command("/payroll")
    assert caught.value.code == "invalid_command"


def test_shortcuts_are_global_or_about_a_message(slack: SandboxServer, app: AppDouble) -> None:
    said = slack.say("hello", channel=GENERAL)
    slack.shortcut("ask_hr")
    slack.shortcut("send_to_hr", channel=GENERAL, ts=said.ts)
    assert app.wait_for("shortcut")[0].payload["callback_id"] == "ask_hr"
    about = app.wait_for("message_action")[0].payload
    assert about["message"]["text"] == "hello"
    assert about["response_url"]


@pytest.mark.parametrize(
    ("user", "channel", "code"),
    [
        (ROBIN, HR_CHANNEL, "not_in_channel"),
        (ROBIN, "C0NOWHERE01", "channel_not_found"),
        (SAM, "C0ARCHIVED1", "is_archived"),
        ("U0NOBODY001", None, "user_not_found"),
    ],
)
def test_people_cannot_write_everywhere(
    slack: SandboxServer, user: str, channel: str | None, code: str
) -> None:
    with pytest.raises(RefusedError) as caught:
        slack.say("hello", user=user, channel=channel)
    assert caught.value.code == code


def test_nobody_says_nothing_or_changes_what_others_said(slack: SandboxServer) -> None:
    with pytest.raises(RefusedError):
        slack.say("  ")
    said = slack.say("mine", channel=GENERAL)
    said.user = CASEY
    slack.edit(said, "by its author")
    with pytest.raises(RefusedError) as caught:
        slack._call(lambda: slack._do.edit(ROBIN, said.channel, said.ts, "x"))
    assert caught.value.code == "cant_update_message"

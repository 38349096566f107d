from __future__ import annotations

from typing import Any

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient
from starlette.responses import JSONResponse, PlainTextResponse

from bot.sandbox.app import SandboxServer
from bot.sandbox.model import RefusedError
from bot.sandbox.seed import CASEY, GENERAL, HR_CHANNEL, ROBIN, SAM, make_workspace

from .app_double import SECRET, AppDouble, Clock
from .block_kit import actions, button, plain, section

Json = dict[str, Any]


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


def test_opening_the_assistant_pane_tells_the_app(slack: SandboxServer, app: AppDouble) -> None:
    root = slack.open_assistant()
    event = app.wait_for("assistant_thread_started")[0].event
    assert event["assistant_thread"]["user_id"] == ROBIN
    assert event["assistant_thread"]["thread_ts"] == root.ts
    assert event["assistant_thread"]["channel_id"] == slack.dm()


def test_what_the_manifest_lacks_is_refused(slack: SandboxServer) -> None:
    app = slack.workspace.app
    app.shortcuts, app.has_assistant = {"known": "Known"}, False
    with pytest.raises(RefusedError, match="invalid_shortcut"):
        slack.shortcut("unknown")
    with pytest.raises(RefusedError, match="not_enabled"):
        slack.open_assistant()

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk import WebClient
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.sandbox.app import SandboxServer
from bot.sandbox.model import RefusedError
from bot.sandbox.seed import CASEY, HR_CHANNEL, ROBIN, SAM, make_workspace

from .app_double import SECRET, AppDouble, Clock, refused
from .block_kit import actions, button, modal, plain, section, text_input

Json = dict[str, Any]


def post_card(client: WebClient, *elements: Json) -> str:
    blocks = [section("HR-1001"), actions(*(elements or (button("Claim", "claim", value="7"),)))]
    return client.chat_postMessage(channel=HR_CHANNEL, text="HR-1001", blocks=blocks)["ts"]


def click_for_trigger(client: WebClient, slack: SandboxServer, app: AppDouble) -> str:
    post_card(client)
    slack.click("Claim", user=SAM)
    return app.of_kind("block_actions")[-1].payload["trigger_id"]


# Triggers and views


def test_a_trigger_opens_one_view(client: WebClient, slack: SandboxServer, app: AppDouble) -> None:
    trigger_id = click_for_trigger(client, slack, app)
    opened = client.views_open(trigger_id=trigger_id, view=modal())
    view = slack.open_view(user=SAM)
    assert view is not None
    assert opened["view"]["id"] == view.id
    assert refused(client.views_open, trigger_id=trigger_id, view=modal())["error"] == (
        "exchanged_trigger_id"
    )


def test_a_trigger_expires_after_three_seconds(app: AppDouble) -> None:
    clock = Clock()
    workspace = make_workspace(manifest=None, clock=clock)
    with SandboxServer(app.url, signing_secret=SECRET, workspace=workspace) as slack:
        client = WebClient(slack.bot_token, base_url=slack.api_url)
        trigger_id = click_for_trigger(client, slack, app)
        clock.now += 3.1
        error = refused(client.views_open, trigger_id=trigger_id, view=modal())["error"]
        assert error == "expired_trigger_id"


def test_a_made_up_trigger_is_refused(client: WebClient) -> None:
    assert (
        refused(client.views_open, trigger_id="1.2", view=modal())["error"] == "invalid_trigger_id"
    )
    assert refused(client.views_open, trigger_id="", view=modal())["error"] == "invalid_trigger_id"


def test_a_wrong_view_does_not_use_up_the_trigger(
    client: WebClient, slack: SandboxServer, app: AppDouble
) -> None:
    trigger_id = click_for_trigger(client, slack, app)
    wrong = modal(title=plain("x" * 25))
    assert (
        refused(client.views_open, trigger_id=trigger_id, view=wrong)["error"]
        == "invalid_arguments"
    )
    home = {"type": "home", "blocks": [section()]}
    assert (
        refused(client.views_open, trigger_id=trigger_id, view=home)["error"] == "invalid_arguments"
    )
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
    assert refused(client.views_push, trigger_id=trigger_id, view=modal())["error"] == (
        "push_limit_reached"
    )


def test_a_view_is_updated_by_id_external_id_and_hash(
    client: WebClient, slack: SandboxServer
) -> None:
    trigger_id = slack.workspace.new_trigger(SAM)
    first = modal(external_id="case-1")
    opened = client.views_open(trigger_id=trigger_id, view=first)["view"]
    trigger_id = slack.workspace.new_trigger(SAM)
    assert refused(client.views_open, trigger_id=trigger_id, view=first)["error"] == (
        "duplicate_external_id"
    )
    changed = modal(section("changed"), external_id="case-1")
    client.views_update(view_id=opened["id"], view=changed, hash=opened["hash"])
    error = refused(client.views_update, view_id=opened["id"], view=changed, hash=opened["hash"])[
        "error"
    ]
    assert error == "hash_conflict"
    assert client.views_update(external_id="case-1", view=modal())["ok"]
    assert refused(client.views_update, view_id="V0NONE", view=modal())["error"] == "not_found"
    nameless = refused(client.api_call, "views.update", json={"view": modal()})
    assert nameless["error"] == "invalid_arguments"


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
    stale = refused(client.views_publish, user_id=ROBIN, view=home, hash="old")["error"]
    assert stale == "hash_conflict"
    assert (
        refused(client.views_publish, user_id=ROBIN, view=modal())["error"] == "invalid_arguments"
    )
    assert refused(client.views_publish, user_id="U0", view=home)["error"] == "user_not_found"
    slack.workspace.app.has_home_tab = False
    assert refused(client.views_publish, user_id=ROBIN, view=home)["error"] == "not_enabled"


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


def test_a_field_that_is_not_there_is_a_mistake_of_the_test(
    client: WebClient, slack: SandboxServer
) -> None:
    open_modal(client, slack)
    with pytest.raises(RefusedError) as caught:
        slack.submit({"nothing": "x"}, user=SAM)
    assert caught.value.code == "no_such_field"

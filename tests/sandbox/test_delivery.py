from __future__ import annotations

import threading

from slack_sdk import WebClient
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.sandbox.app import SandboxServer
from bot.sandbox.seed import GENERAL, HR_CHANNEL, ROBIN, SAM

from .app_double import SECRET, AppDouble


def test_a_direct_message_arrives_signed_in_a_full_envelope(
    slack: SandboxServer, app: AppDouble
) -> None:
    said = slack.say("When is payday?")
    (got,) = app.wait_for("message")
    assert got.is_signed
    assert got.payload["type"] == "event_callback"
    assert got.payload["team_id"] == slack.workspace.team_id
    assert got.payload["api_app_id"] == slack.workspace.app.app_id
    assert got.payload["event_id"].startswith("Ev")
    assert got.payload["authorizations"][0]["user_id"] == slack.workspace.app.bot_user_id
    assert got.payload["is_ext_shared_channel"] is False
    assert {"token", "event_time", "event_context"} <= set(got.payload)
    assert got.event["user"] == ROBIN
    assert got.event["channel_type"] == "im"
    assert got.event["ts"] == said.ts
    assert got.event["client_msg_id"]
    assert "x-slack-retry-num" not in got.headers


def test_another_secret_does_not_verify(app: AppDouble) -> None:
    with SandboxServer(app.url, signing_secret=SECRET + "x", manifest=None) as slack:
        slack.say("hello")
        assert not app.wait_for("message")[0].is_signed


def test_a_mention_arrives_as_two_events_with_one_ts(slack: SandboxServer, app: AppDouble) -> None:
    said = slack.say("@HR Assistant when is payday?", channel=GENERAL)
    (mention,) = app.wait_for("app_mention")
    (message,) = app.wait_for("message")
    assert mention.payload["event_id"] != message.payload["event_id"]
    assert mention.event["ts"] == message.event["ts"] == said.ts
    assert message.event["channel_type"] == "channel"
    assert "channel_type" not in mention.event
    assert mention.event["text"] == f"<@{slack.workspace.app.bot_user_id}> when is payday?"


def test_the_bots_own_message_comes_back_with_its_bot_id(
    client: WebClient, slack: SandboxServer, app: AppDouble
) -> None:
    client.chat_postMessage(channel=HR_CHANNEL, text="A question came in.")
    (got,) = app.wait_for("message")
    assert got.event["bot_id"] == slack.workspace.app.bot_id
    assert got.event["user"] == slack.workspace.app.bot_user_id
    assert got.event["channel_type"] == "group"


def test_a_thread_names_the_author_of_its_parent(
    client: WebClient, slack: SandboxServer, app: AppDouble
) -> None:
    parent = client.chat_postMessage(channel=HR_CHANNEL, text="HR-1001")
    slack.say("Mine.", user=SAM, channel=HR_CHANNEL, thread_ts=parent["ts"])
    reply = app.wait_for("message", 2)[1]
    assert reply.event["thread_ts"] == parent["ts"]
    assert reply.event["parent_user_id"] == slack.workspace.app.bot_user_id


def test_edits_deletions_and_files_have_their_subtypes(
    slack: SandboxServer, app: AppDouble
) -> None:
    said = slack.say("My pay is wrong", files=["paystub.pdf"])
    slack.edit(said, "My pay <is> wrong & late")
    slack.delete(said)
    shared, edited, deleted = app.wait_for("message", 3)
    assert shared.event["subtype"] == "file_share"
    assert shared.event["files"][0]["name"] == "paystub.pdf"
    assert edited.event["subtype"] == "message_changed"
    assert edited.event["message"]["text"] == "My pay &lt;is&gt; wrong &amp; late"
    assert edited.event["previous_message"]["text"] == "My pay is wrong"
    assert deleted.event["subtype"] == "message_deleted"
    assert deleted.event["deleted_ts"] == said.ts
    assert slack.messages() == []


def test_an_event_that_fails_is_retried_three_times_with_its_reason(
    slack: SandboxServer, app: AppDouble
) -> None:
    app.answer = lambda payload: PlainTextResponse("", status_code=500)
    slack.say("hello")
    got = app.wait_for("message", 4)
    assert [r.headers.get("x-slack-retry-num") for r in got] == [None, "1", "2", "3"]
    assert {r.headers.get("x-slack-retry-reason") for r in got[1:]} == {"http_error"}
    assert len({r.payload["event_id"] for r in got}) == 1
    slack.wait_for(lambda w: len(w.attempts) == 4)


def test_no_retry_is_honoured(slack: SandboxServer, app: AppDouble) -> None:
    app.answer = lambda payload: PlainTextResponse(
        "", status_code=500, headers={"X-Slack-No-Retry": "1"}
    )
    slack.say("hello")
    slack.wait_for(lambda w: w.attempts)
    app.answer = lambda payload: None
    slack.say("again")
    slack.wait_for(lambda w: len(w.attempts) == 2)
    assert len(app.received) == 2


def test_a_slow_answer_counts_as_a_timeout(app: AppDouble) -> None:
    go_on = threading.Event()

    def slow(payload: dict) -> None:
        if len(app.received) == 1:
            go_on.wait(10)

    app.answer = slow
    with SandboxServer(app.url, signing_secret=SECRET, manifest=None, timeout=0.2) as slack:
        slack.say("hello")
        retry = app.wait_for("message", 2)[1]
        assert retry.headers["x-slack-retry-reason"] == "http_timeout"
        go_on.set()


def test_an_app_that_is_down_is_tried_again(app: AppDouble) -> None:
    nowhere = "http://127.0.0.1:9/slack/events"
    with SandboxServer(nowhere, signing_secret=SECRET, manifest=None) as slack:
        slack.say("hello")
        slack.wait_for(lambda w: len(w.attempts) == 4)
        assert {a.error for a in slack.workspace.attempts} == {"connection_failed"}


def test_messages_of_one_channel_arrive_in_order(slack: SandboxServer, app: AppDouble) -> None:
    for number in range(20):
        slack.say(f"{number}")
    got = app.wait_for("message", 20)
    assert [r.event["text"] for r in got] == [str(number) for number in range(20)]


def test_a_message_where_the_bot_is_no_member_is_not_delivered(
    slack: SandboxServer, app: AppDouble
) -> None:
    slack.workspace.channel(GENERAL).members.remove(slack.workspace.app.bot_user_id)
    slack.say("not for the bot", channel=GENERAL)
    slack.say("for the bot")
    assert app.wait_for("message")[0].event["text"] == "for the bot"
    assert len(app.received) == 1


def test_the_request_url_is_verified_by_a_challenge(slack: SandboxServer, app: AppDouble) -> None:
    def repeat(payload: dict) -> Response:
        return JSONResponse({"challenge": payload["challenge"]})

    assert not slack._wait(slack.sandbox.delivery.verify_request_url())
    app.answer = repeat
    assert slack._wait(slack.sandbox.delivery.verify_request_url())


def test_events_can_be_duplicated_under_one_id(slack: SandboxServer, app: AppDouble) -> None:
    slack.faults.duplicate_events(5)
    slack.say("hello")
    got = app.wait_for("message", 5)
    assert len({r.payload["event_id"] for r in got}) == 1


def test_events_can_be_reordered(slack: SandboxServer, app: AppDouble) -> None:
    slack.faults.reorder_events(3)
    for text in ("one", "two", "three", "four"):
        slack.say(text)
    got = app.wait_for("message", 4)
    assert [r.event["text"] for r in got] == ["three", "two", "one", "four"]


def test_events_held_back_can_be_released(slack: SandboxServer, app: AppDouble) -> None:
    slack.faults.reorder_events(9)
    slack.say("one")
    slack.release_held_events()
    assert app.wait_for("message")[0].event["text"] == "one"


def test_opening_the_home_tab_is_an_event(slack: SandboxServer, app: AppDouble) -> None:
    slack.open_home(user=ROBIN)
    (got,) = app.wait_for("app_home_opened")
    assert (got.event["user"], got.event["tab"]) == (ROBIN, "home")


def test_an_attempt_says_which_message_it_was_about(slack: SandboxServer, app: AppDouble) -> None:
    said = slack.say("When is payday?")
    app.wait_for("message")
    slack.wait_for(lambda workspace: workspace.attempts)
    (attempt,) = slack.workspace.attempts
    assert (attempt.about, attempt.status) == ((said.channel, said.ts), 200)

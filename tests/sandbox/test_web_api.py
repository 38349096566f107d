from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.app import SandboxServer
from bot.sandbox.model import Channel
from bot.sandbox.seed import (
    ANNOUNCEMENTS,
    ARCHIVED,
    DANA,
    GENERAL,
    HR_CHANNEL,
    ROBIN,
    SAM,
)
from bot.sandbox.web_api import METHODS

from .app_double import refused
from .block_kit import section


@pytest.fixture(scope="module")
def slack() -> Iterator[SandboxServer]:
    with SandboxServer("http://127.0.0.1:9/slack/events", manifest=None) as server:
        yield server


@pytest.fixture(autouse=True)
def all_scopes(slack: SandboxServer) -> Iterator[None]:
    yield
    slack.workspace.app.scopes = None


# Tokens and arguments


def test_auth_test_names_the_bot(client: WebClient, slack: SandboxServer) -> None:
    answer = client.auth_test()
    assert answer["user_id"] == slack.workspace.app.bot_user_id
    assert answer["bot_id"] == slack.workspace.app.bot_id
    assert answer["team_id"] == slack.workspace.team_id


def test_a_call_without_token_is_not_authed(slack: SandboxServer) -> None:
    answer = httpx.post(slack.api_url + "auth.test")
    assert answer.json() == {"ok": False, "error": "not_authed"}


def test_a_wrong_token_is_refused(slack: SandboxServer) -> None:
    stranger = WebClient("xoxb-somebody-else", base_url=slack.api_url)
    assert refused(stranger.auth_test)["error"] == "invalid_auth"


def test_the_app_token_is_for_connections_only(slack: SandboxServer) -> None:
    app_level = WebClient(slack.app_token, base_url=slack.api_url)
    assert refused(app_level.auth_test)["error"] == "not_allowed_token_type"
    bot_level = WebClient(slack.bot_token, base_url=slack.api_url)
    answer = refused(bot_level.apps_connections_open, app_token=slack.bot_token)
    assert answer["error"] == "not_allowed_token_type"


@pytest.mark.parametrize("way", ["header", "form", "query", "json", "get"])
def test_token_and_arguments_are_read_wherever_they_stand(slack: SandboxServer, way: str) -> None:
    url = slack.api_url + "users.info"
    arguments = {"user": ROBIN}
    with_token = {**arguments, "token": slack.bot_token}
    bearer = {"Authorization": f"Bearer {slack.bot_token}"}
    answer = {
        "header": lambda: httpx.post(url, data=arguments, headers=bearer),
        "form": lambda: httpx.post(url, data=with_token),
        "query": lambda: httpx.post(url, params=with_token),
        "json": lambda: httpx.post(url, json=arguments, headers=bearer),
        "get": lambda: httpx.get(url, params=with_token),
    }[way]()
    assert answer.json()["user"]["real_name"] == "Robin Reed"


def test_an_unknown_method_is_refused(client: WebClient) -> None:
    assert refused(client.api_call, "chat.shout")["error"] == "unknown_method"


@pytest.mark.parametrize(("body", "error"), [("{", "invalid_json"), ("[]", "json_not_object")])
def test_unreadable_json_is_refused(slack: SandboxServer, body: str, error: str) -> None:
    headers = {"Content-Type": "application/json"}
    answer = httpx.post(slack.api_url + "api.test", content=body, headers=headers)
    assert answer.json()["error"] == error


def test_api_test_needs_no_token(slack: SandboxServer) -> None:
    answer = httpx.get(slack.api_url + "api.test", params={"foo": "bar"}).json()
    assert answer == {"ok": True, "args": {"foo": "bar"}}


def test_a_missing_scope_is_named(client: WebClient, slack: SandboxServer) -> None:
    slack.workspace.app.scopes = frozenset({"users:read"})
    answer = refused(client.chat_postMessage, channel=GENERAL, text="hi")
    assert answer["error"] == "missing_scope"
    assert answer["needed"] == "chat:write"
    assert answer["provided"] == "users:read"


def test_the_scope_of_a_channel_depends_on_its_kind(
    client: WebClient, slack: SandboxServer
) -> None:
    slack.workspace.app.scopes = frozenset({"channels:read"})
    assert client.conversations_info(channel=GENERAL)["channel"]["name"] == "general"
    answer = refused(client.conversations_info, channel=HR_CHANNEL)
    assert (answer["error"], answer["needed"]) == ("missing_scope", "groups:read")


def test_the_email_of_a_person_needs_its_scope(client: WebClient, slack: SandboxServer) -> None:
    assert client.users_info(user=ROBIN)["user"]["profile"]["email"]
    slack.workspace.app.scopes = frozenset({"users:read"})
    assert "email" not in client.users_info(user=ROBIN)["user"]["profile"]
    assert refused(client.users_lookupByEmail, email="x@y.example")["error"] == "missing_scope"


def test_scopes_are_told_in_a_header(client: WebClient, slack: SandboxServer) -> None:
    slack.workspace.app.scopes = frozenset({"chat:write", "im:write"})
    assert client.auth_test().headers["x-oauth-scopes"] == "chat:write,im:write"


def test_the_async_client_works_too(slack: SandboxServer) -> None:
    async def post() -> str:
        client = AsyncWebClient(slack.bot_token, base_url=slack.api_url)
        opened = await client.conversations_open(users=ROBIN)
        posted = await client.chat_postMessage(channel=opened["channel"]["id"], text="hello")
        return (await client.chat_delete(channel=posted["channel"], ts=posted["ts"]))["ts"]

    assert asyncio.run(post())


def test_calls_are_recorded_without_the_token(client: WebClient, slack: SandboxServer) -> None:
    client.users_info(user=SAM)
    call = slack.calls("users.info")[-1]
    assert call.arguments == {"user": SAM}
    assert slack.bot_token not in repr(slack.calls())


# chat.*


def test_a_message_is_stored_with_its_metadata(client: WebClient, slack: SandboxServer) -> None:
    metadata = {"event_type": "case_card", "event_payload": {"delivery_key": "k1"}}
    posted = client.chat_postMessage(channel=HR_CHANNEL, text="HR-1001", metadata=metadata)
    assert posted["message"]["metadata"] == metadata
    plain = client.conversations_history(channel=HR_CHANNEL, limit=1)["messages"][0]
    assert "metadata" not in plain
    full = client.conversations_history(channel=HR_CHANNEL, limit=1, include_all_metadata=True)[
        "messages"
    ][0]
    assert full["metadata"] == metadata


@pytest.mark.parametrize(
    "metadata",
    [
        "{",
        {"event_type": "x"},
        {"event_type": 3, "event_payload": {}},
        {"event_type": "x", "event_payload": "text"},
        {"event_type": "x", "event_payload": {}, "more": 1},
    ],
)
def test_wrong_metadata_is_refused(client: WebClient, metadata: Any) -> None:
    arguments = {"channel": HR_CHANNEL, "text": "x", "metadata": metadata}
    answer = refused(client.api_call, "chat.postMessage", json=arguments)
    assert answer["error"] == "invalid_metadata_format"


def test_too_much_metadata_is_refused(client: WebClient) -> None:
    metadata = {"event_type": "x", "event_payload": {"a": "b" * 20_000}}
    answer = refused(client.chat_postMessage, channel=HR_CHANNEL, text="x", metadata=metadata)
    assert answer["error"] == "metadata_too_large"


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        ("C0NOWHERE01", "channel_not_found"),
        ("#nowhere", "channel_not_found"),
        (ANNOUNCEMENTS, "not_in_channel"),
        (ARCHIVED, "is_archived"),
    ],
)
def test_where_the_app_cannot_post(client: WebClient, channel: str, error: str) -> None:
    assert refused(client.chat_postMessage, channel=channel, text="hi")["error"] == error


def test_a_private_channel_of_others_does_not_exist_for_the_app(
    client: WebClient, slack: SandboxServer
) -> None:
    secret = Channel("C0SECRET001", "secret", "group", [SAM])
    slack.workspace.channels[secret.id] = secret
    for call in (client.conversations_info, client.conversations_members):
        assert refused(call, channel=secret.id)["error"] == "channel_not_found"
    answer = refused(client.chat_postMessage, channel=secret.id, text="hi")
    assert answer["error"] == "channel_not_found"


def test_posting_to_a_person_goes_to_their_dm(client: WebClient, slack: SandboxServer) -> None:
    posted = client.chat_postMessage(channel=DANA, text="hi")
    assert posted["channel"] == slack.dm(DANA)


def test_a_channel_may_be_named(client: WebClient) -> None:
    assert client.chat_postMessage(channel="#general", text="hi")["channel"] == GENERAL


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ({}, "no_text"),
        ({"text": ""}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"blocks": "["}, "invalid_blocks_format"),
        ({"blocks": [{"type": "banner"}]}, "invalid_blocks"),
        ({"text": "x", "thread_ts": "yesterday"}, "invalid_thread_ts"),
    ],
)
def test_content_that_slack_refuses(client: WebClient, content: dict, error: str) -> None:
    arguments = {"channel": GENERAL, **content}
    answer = refused(client.api_call, "chat.postMessage", json=arguments)
    assert answer["error"] == error


def test_wrong_blocks_are_explained(client: WebClient) -> None:
    answer = refused(client.chat_postMessage, channel=GENERAL, text="x", blocks=[{"type": "nope"}])
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] unsupported type: nope [json-pointer:/blocks/0/type]"
    ]


def test_an_update_keeps_what_it_leaves_out(client: WebClient) -> None:
    posted = client.chat_postMessage(channel=GENERAL, text="one", blocks=[section("one")])
    kept = client.chat_update(channel=GENERAL, ts=posted["ts"], text="two")
    assert kept["message"]["blocks"][0]["text"]["text"] == "one"
    gone = client.chat_update(channel=GENERAL, ts=posted["ts"], text="two", blocks=[])
    assert "blocks" not in gone["message"]
    assert gone["message"]["edited"]


def test_only_the_apps_own_messages_can_be_changed(client: WebClient, slack: SandboxServer) -> None:
    said = slack.say("mine")
    where = {"channel": said.channel, "ts": said.ts}
    assert refused(client.chat_update, **where, text="x")["error"] == "cant_update_message"
    assert refused(client.chat_delete, **where)["error"] == "cant_delete_message"


def test_what_is_not_there_cannot_be_changed(client: WebClient) -> None:
    where = {"channel": GENERAL, "ts": "1700000000.000001"}
    for call, more in ((client.chat_update, {"text": "x"}), (client.chat_delete, {})):
        assert refused(call, **where, **more)["error"] == "message_not_found"
    answer = refused(client.chat_getPermalink, channel=GENERAL, message_ts="1700000000.000001")
    assert answer["error"] == "message_not_found"


def test_a_deleted_parent_leaves_a_tombstone(client: WebClient, slack: SandboxServer) -> None:
    parent = client.chat_postMessage(channel=HR_CHANNEL, text="card")
    client.chat_postMessage(channel=HR_CHANNEL, text="reply", thread_ts=parent["ts"])
    client.chat_delete(channel=HR_CHANNEL, ts=parent["ts"])
    assert slack.workspace.message(HR_CHANNEL, parent["ts"]).subtype == "tombstone"


def test_an_ephemeral_message_is_seen_by_one_and_not_stored(
    client: WebClient, slack: SandboxServer
) -> None:
    sent = client.chat_postEphemeral(channel=HR_CHANNEL, user=SAM, text="only you")
    assert "only you" in [m.text for m in slack.messages(HR_CHANNEL, user=SAM)]
    assert "only you" not in [m.text for m in slack.messages(HR_CHANNEL, user=DANA)]
    history = client.conversations_history(channel=HR_CHANNEL)["messages"]
    assert "only you" not in [m["text"] for m in history]
    answer = refused(client.chat_update, channel=HR_CHANNEL, ts=sent["message_ts"], text="x")
    assert answer["error"] == "message_not_found"


def test_an_ephemeral_message_shows_only_in_a_thread_that_has_replies(
    client: WebClient, slack: SandboxServer
) -> None:
    said = slack.say("hello", channel=GENERAL)
    where = {"channel": GENERAL, "user": ROBIN, "thread_ts": said.ts, "text": "only you"}
    client.chat_postEphemeral(**where)
    assert "only you" not in [m.text for m in slack.messages(GENERAL)]
    client.chat_postMessage(channel=GENERAL, thread_ts=said.ts, text="hi")
    client.chat_postEphemeral(**where)
    assert "only you" in [m.text for m in slack.messages(GENERAL)]


@pytest.mark.parametrize(
    ("channel", "user", "error"),
    [
        (HR_CHANNEL, ROBIN, "user_not_in_channel"),
        (HR_CHANNEL, "U0NOBODY001", "user_not_found"),
        (ANNOUNCEMENTS, ROBIN, "not_in_channel"),
    ],
)
def test_ephemeral_messages_need_membership(
    client: WebClient, channel: str, user: str, error: str
) -> None:
    answer = refused(client.chat_postEphemeral, channel=channel, user=user, text="x")
    assert answer["error"] == error


def test_a_permalink_names_the_thread(client: WebClient) -> None:
    parent = client.chat_postMessage(channel=HR_CHANNEL, text="card")["ts"]
    reply = client.chat_postMessage(channel=HR_CHANNEL, text="r", thread_ts=parent)["ts"]
    link = client.chat_getPermalink(channel=HR_CHANNEL, message_ts=reply)["permalink"]
    assert f"/archives/{HR_CHANNEL}/p{reply.replace('.', '')}" in link
    assert f"thread_ts={parent}" in link


def test_a_reply_to_an_unknown_thread_goes_to_the_channel(client: WebClient) -> None:
    posted = client.chat_postMessage(channel=HR_CHANNEL, text="late", thread_ts="1700000000.000001")
    assert "thread_ts" not in posted["message"]


def test_a_reaction_is_added_once(client: WebClient, slack: SandboxServer) -> None:
    said = slack.say("hello", channel=GENERAL)
    where = {"channel": GENERAL, "timestamp": said.ts, "name": "eyes"}
    client.reactions_add(**where)
    assert refused(client.reactions_add, **where)["error"] == "already_reacted"
    assert slack.workspace.message(GENERAL, said.ts).reactions[0]["name"] == "eyes"


def test_an_assistant_thread_has_status_title_and_prompts(
    client: WebClient, slack: SandboxServer
) -> None:
    key = {"channel_id": slack.dm(), "thread_ts": slack.open_assistant().ts}
    client.assistant_threads_setStatus(**key, status="is looking…")
    client.assistant_threads_setTitle(**key, title="Payday")
    prompts = [{"title": "Payday", "message": "When is payday?"}]
    client.assistant_threads_setSuggestedPrompts(**key, prompts=prompts)
    thread = slack.workspace.assistant_threads[(slack.dm(), key["thread_ts"])]
    assert thread["status"] == "is looking…"
    assert (thread["title"], thread["prompts"]) == ("Payday", prompts)
    many = refused(client.assistant_threads_setSuggestedPrompts, **key, prompts=prompts * 5)
    assert many["error"] == "invalid_arguments"
    elsewhere = {**key, "channel_id": GENERAL}
    answer = refused(client.assistant_threads_setStatus, **elsewhere, status="x")
    assert answer["error"] == "channel_not_found"
    no_thread = {**key, "thread_ts": "1700000000.000001"}
    answer = refused(client.assistant_threads_setStatus, **no_thread, status="x")
    assert answer["error"] == "invalid_thread_ts"
    client.chat_postMessage(channel=slack.dm(), thread_ts=key["thread_ts"], text="Friday.")
    assert thread["status"] == ""


def test_every_promised_method_is_there() -> None:
    promised = {
        "auth": "test",
        "api": "test",
        "chat": "postMessage update delete postEphemeral getPermalink",
        "conversations": "open info history replies members list",
        "users": "info lookupByEmail",
        "usergroups.users": "list",
        "views": "open update publish",
        "reactions": "add",
        "apps.connections": "open",
        "assistant.threads": "setStatus setTitle setSuggestedPrompts",
    }
    names = {f"{family}.{name}" for family, found in promised.items() for name in found.split()}
    assert names <= set(METHODS)

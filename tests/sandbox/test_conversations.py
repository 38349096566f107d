from __future__ import annotations

from collections.abc import Iterator

import pytest
from slack_sdk import WebClient

from bot.sandbox.app import SandboxServer
from bot.sandbox.model import Channel
from bot.sandbox.seed import (
    ANNOUNCEMENTS,
    ARCHIVED,
    DANA,
    GENERAL,
    HR_CHANNEL,
    HR_USER_GROUP,
    SAM,
)

from .app_double import refused


@pytest.fixture(scope="module")
def slack() -> Iterator[SandboxServer]:
    with SandboxServer("http://127.0.0.1:9/slack/events", manifest=None) as server:
        yield server


@pytest.fixture(autouse=True)
def all_scopes(slack: SandboxServer) -> Iterator[None]:
    yield
    slack.workspace.app.scopes = None


def test_history_leaves_out_replies_and_pages(client: WebClient, slack: SandboxServer) -> None:
    where = Channel("C0PAGES0001", "pages", "channel", [SAM, slack.workspace.app.bot_user_id])
    slack.workspace.channels[where.id] = where
    parents = [client.chat_postMessage(channel=where.id, text=str(n))["ts"] for n in range(3)]
    client.chat_postMessage(channel=where.id, text="reply", thread_ts=parents[0])
    first = client.conversations_history(channel=where.id, limit=2)
    assert [m["text"] for m in first["messages"]] == ["2", "1"]
    assert first["has_more"]
    cursor = first["response_metadata"]["next_cursor"]
    rest = client.conversations_history(channel=where.id, limit=2, cursor=cursor)
    assert [m["text"] for m in rest["messages"]] == ["0"]
    assert rest["messages"][0]["reply_count"] == 1
    later = client.conversations_history(channel=where.id, oldest=parents[0])
    assert [m["text"] for m in later["messages"]] == ["2", "1"]
    thread = client.conversations_replies(channel=where.id, ts=parents[0])
    assert [m["text"] for m in thread["messages"]] == ["0", "reply"]


@pytest.mark.parametrize(
    ("method", "arguments", "error"),
    [
        ("conversations.history", {"channel": GENERAL, "cursor": "?"}, "invalid_cursor"),
        ("conversations.history", {"channel": GENERAL, "limit": 0}, "invalid_limit"),
        ("conversations.history", {"channel": GENERAL, "limit": "x"}, "invalid_arguments"),
        ("conversations.history", {"channel": GENERAL, "oldest": "x"}, "invalid_arguments"),
        ("conversations.history", {"channel": ANNOUNCEMENTS}, "not_in_channel"),
        ("conversations.history", {}, "channel_not_found"),
        ("conversations.replies", {"channel": GENERAL, "ts": "1.0"}, "thread_not_found"),
        ("conversations.open", {}, "users_list_not_supplied"),
        ("conversations.open", {"users": "U0NOBODY001"}, "user_not_found"),
        ("conversations.open", {"users": "U0HRBOT0001"}, "cannot_dm_bot"),
        ("conversations.open", {"users": f"{SAM},{DANA}"}, "too_many_users"),
        ("conversations.list", {"types": "rooms"}, "invalid_types"),
        ("users.info", {"user": "U0NOBODY001"}, "user_not_found"),
        ("users.lookupByEmail", {"email": "no@body.example"}, "users_not_found"),
        ("usergroups.users.list", {"usergroup": "S0NONE"}, "no_such_subteam"),
        ("reactions.add", {"channel": GENERAL, "timestamp": "1.0"}, "message_not_found"),
    ],
)
def test_what_else_is_refused(
    client: WebClient, slack: SandboxServer, method: str, arguments: dict, error: str
) -> None:
    slack.say("something", channel=GENERAL)
    assert refused(client.api_call, method, params=arguments)["error"] == error


def test_opening_a_dm_returns_it(client: WebClient, slack: SandboxServer) -> None:
    assert client.conversations_open(users=SAM)["channel"] == {"id": slack.dm(SAM)}
    full = client.conversations_open(users=SAM, return_im=True)["channel"]
    assert (full["is_im"], full["user"]) == (True, SAM)
    again = client.conversations_open(channel=slack.dm(SAM))["channel"]
    assert again["id"] == slack.dm(SAM)


def test_channels_and_members_are_listed(client: WebClient) -> None:
    private = client.conversations_list(types="private_channel")["channels"]
    assert HR_CHANNEL in [channel["id"] for channel in private]
    public = client.conversations_list(exclude_archived=True)["channels"]
    assert ARCHIVED not in [channel["id"] for channel in public]
    assert SAM in client.conversations_members(channel=HR_CHANNEL)["members"]


def test_people_are_found_by_email_and_group(client: WebClient) -> None:
    found = client.users_lookupByEmail(email="sam.ortiz@cedarvalley.example")
    assert found["user"]["id"] == SAM
    assert client.usergroups_users_list(usergroup=HR_USER_GROUP)["users"] == [SAM, DANA]


def test_guests_carry_slacks_flags(client: WebClient) -> None:
    guest = client.users_lookupByEmail(email="alex.moss@contractor.example")["user"]
    assert guest["is_restricted"]
    assert not guest["is_stranger"]

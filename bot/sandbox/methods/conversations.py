"""conversations.*: which channels there are, who is in them, and what was said."""

from __future__ import annotations

from typing import Any

from bot.sandbox.core import Sandbox
from bot.sandbox.model import Channel, Message, RefusedError
from bot.sandbox.paging import next_page, page_of
from bot.sandbox.web_api import Arguments, method, need_scope

Json = dict[str, Any]

_SCOPE_FAMILY = {"im": "im", "mpim": "mpim", "channel": "channels", "group": "groups"}
_TYPE_NAMES = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}


@method("conversations.open", "im:write", "mpim:write")
def open_conversation(sandbox: Sandbox, arguments: Arguments) -> Json:
    """Open the DM with one person (groups of people are not part of the sandbox)."""
    workspace = sandbox.workspace
    if arguments.text("channel"):
        channel = workspace.channel(arguments.text("channel"))
    else:
        users = arguments.names("users")
        if not users:
            raise RefusedError("users_list_not_supplied")
        if len(users) > 1:
            raise RefusedError("too_many_users")
        if workspace.person(users[0]).is_bot:
            raise RefusedError("cannot_dm_bot")
        channel = workspace.dm(users[0])
    if arguments.flag("return_im"):
        return {"channel": channel.to_slack(workspace.app.bot_user_id)}
    return {"channel": {"id": channel.id}}


@method("conversations.info")
def info(sandbox: Sandbox, arguments: Arguments) -> Json:
    """One channel."""
    channel = _readable_channel(sandbox, arguments, "read")
    return {"channel": channel.to_slack(sandbox.workspace.app.bot_user_id)}


@method("conversations.list", "channels:read", "groups:read", "im:read", "mpim:read")
def list_channels(sandbox: Sandbox, arguments: Arguments) -> Json:
    """The channels of the given types that the app can see."""
    bot_id = sandbox.workspace.app.bot_user_id
    names = arguments.names("types") or ["public_channel"]
    if set(names) - set(_TYPE_NAMES):
        raise RefusedError("invalid_types")
    kinds = {_TYPE_NAMES[name] for name in names}
    for kind in sorted(kinds):
        need_scope(sandbox, f"{_SCOPE_FAMILY[kind]}:read")
    visible = [
        channel
        for channel in sandbox.workspace.channels.values()
        if channel.kind in kinds
        and (channel.kind == "channel" or bot_id in channel.members)
        and not (channel.is_archived and arguments.flag("exclude_archived"))
    ]
    page, cursor = page_of(visible, arguments)
    return {"channels": [channel.to_slack(bot_id) for channel in page], **next_page(cursor)}


@method("conversations.members")
def members(sandbox: Sandbox, arguments: Arguments) -> Json:
    """The ids of the members of a channel."""
    channel = _readable_channel(sandbox, arguments, "read")
    page, cursor = page_of(channel.members, arguments)
    return {"members": list(page), **next_page(cursor)}


@method("conversations.history")
def history(sandbox: Sandbox, arguments: Arguments) -> Json:
    """The messages of a channel, newest first, without the replies in threads."""
    channel = _readable_channel(sandbox, arguments, "history")
    _must_be_member(sandbox, channel)
    top_level = [
        message
        for message in sandbox.workspace.messages(channel.id)
        if message.thread_ts in (None, message.ts) or message.reply_broadcast
    ]
    found = [message for message in reversed(top_level) if _in_window(message, arguments)]
    page, cursor = page_of(found, arguments)
    return {
        "messages": [_shown(sandbox, message, arguments) for message in page],
        "has_more": cursor is not None,
        "pin_count": 0,
        **next_page(cursor),
    }


@method("conversations.replies")
def replies(sandbox: Sandbox, arguments: Arguments) -> Json:
    """A thread: its parent, then the replies, oldest first."""
    channel = _readable_channel(sandbox, arguments, "history")
    _must_be_member(sandbox, channel)
    ts = arguments.required("ts", "thread_not_found")
    thread = [m for m in sandbox.workspace.messages(channel.id) if ts in (m.ts, m.thread_ts)]
    if not thread:
        raise RefusedError("thread_not_found")
    found = [thread[0], *[m for m in thread[1:] if _in_window(m, arguments)]]
    page, cursor = page_of(found, arguments)
    return {
        "messages": [_shown(sandbox, message, arguments) for message in page],
        "has_more": cursor is not None,
        **next_page(cursor),
    }


def _readable_channel(sandbox: Sandbox, arguments: Arguments, what: str) -> Channel:
    """The channel, where the app may know of it and its token has the scope.

    Raises:
        RefusedError: `channel_not_found`, `missing_scope`.
    """
    workspace = sandbox.workspace
    channel = workspace.channel(arguments.required("channel", "channel_not_found"))
    need_scope(sandbox, f"{_SCOPE_FAMILY[channel.kind]}:{what}")
    if channel.kind != "channel" and workspace.app.bot_user_id not in channel.members:
        raise RefusedError("channel_not_found")
    return channel


def _must_be_member(sandbox: Sandbox, channel: Channel) -> None:
    if sandbox.workspace.app.bot_user_id not in channel.members:
        raise RefusedError("not_in_channel")


def _in_window(message: Message, arguments: Arguments) -> bool:
    oldest, latest = arguments.text("oldest", "0"), arguments.text("latest", "9" * 10)
    try:
        low, high, ts = float(oldest or 0), float(latest or 9e9), float(message.ts)
    except ValueError as error:
        raise RefusedError("invalid_arguments") from error
    if arguments.flag("inclusive"):
        return low <= ts <= high
    return low < ts < high


def _shown(sandbox: Sandbox, message: Message, arguments: Arguments) -> Json:
    workspace = sandbox.workspace
    body = message.to_slack(workspace.team_id, with_metadata=arguments.flag("include_all_metadata"))
    answers = workspace.replies(message.channel, message.ts)
    if answers:
        body |= {
            "reply_count": len(answers),
            "reply_users": sorted({answer.user for answer in answers}),
            "latest_reply": answers[-1].ts,
        }
    return body

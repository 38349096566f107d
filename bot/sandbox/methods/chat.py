"""chat.*, reactions.add: what the app posts, changes and deletes."""

from __future__ import annotations

import json
import re
from typing import Any

from bot.sandbox.core import Sandbox, check_content
from bot.sandbox.model import Channel, Message, RefusedError
from bot.sandbox.web_api import Arguments, method

Json = dict[str, Any]

METADATA_MAX_BYTES = 16_384


@method("chat.postMessage", "chat:write")
def post_message(sandbox: Sandbox, arguments: Arguments) -> Json:
    """Post a message; a user id as channel means that person's DM."""
    channel = _channel_to_write(sandbox, arguments.required("channel", "channel_not_found"))
    content = _content(arguments)
    thread_ts = arguments.text("thread_ts") or None
    if thread_ts and not re.fullmatch(r"\d{10}\.\d{6}", thread_ts):
        raise RefusedError("invalid_thread_ts")
    if thread_ts and thread_ts not in {m.ts for m in sandbox.workspace.messages(channel.id)}:
        # Slack does not refuse either: without the parent, the reply goes to the channel.
        thread_ts = None
    message = sandbox.bot_message(
        channel.id,
        **content,
        thread_ts=thread_ts,
        reply_broadcast=bool(thread_ts) and arguments.flag("reply_broadcast"),
        metadata=_metadata(arguments),
    )
    sandbox.post(message)
    return {"channel": channel.id, "ts": message.ts, "message": _shown(sandbox, message)}


@method("chat.postEphemeral", "chat:write")
def post_ephemeral(sandbox: Sandbox, arguments: Arguments) -> Json:
    """Post a message that one person sees, who must be in the channel as the app must."""
    channel = _channel_to_write(sandbox, arguments.required("channel", "channel_not_found"))
    user_id = arguments.required("user", "user_not_found")
    sandbox.workspace.person(user_id)
    if sandbox.workspace.app.bot_user_id not in channel.members:
        raise RefusedError("not_in_channel")
    if user_id not in channel.members:
        raise RefusedError("user_not_in_channel")
    # Slack takes it, but shows nothing in a thread that has no replies.
    thread_ts = arguments.text("thread_ts") or None
    message = sandbox.bot_message(
        channel.id,
        **_content(arguments),
        thread_ts=thread_ts,
        visible_to=user_id,
    )
    if not thread_ts or sandbox.workspace.replies(channel.id, thread_ts):
        sandbox.post(message)
    return {"message_ts": message.ts}


@method("chat.update", "chat:write")
def update(sandbox: Sandbox, arguments: Arguments) -> Json:
    """Change one of the app's own messages."""
    message = _own_message(sandbox, arguments, "cant_update_message")
    # What an update leaves out stays as it was; an empty list removes it.
    changes = {k: v for k, v in _content(arguments).items() if k in arguments.raw}
    if "metadata" in arguments.raw:
        changes["metadata"] = _metadata(arguments)
    sandbox.edit(message, **changes)
    return {
        "channel": message.channel,
        "ts": message.ts,
        "text": message.text,
        "message": _shown(sandbox, message),
    }


@method("chat.delete", "chat:write")
def delete(sandbox: Sandbox, arguments: Arguments) -> Json:
    """Delete one of the app's own messages."""
    message = _own_message(sandbox, arguments, "cant_delete_message")
    sandbox.delete(message)
    return {"channel": message.channel, "ts": message.ts}


@method("chat.getPermalink")
def get_permalink(sandbox: Sandbox, arguments: Arguments) -> Json:
    """A link to a message; it opens nothing here."""
    workspace = sandbox.workspace
    channel = workspace.channel(arguments.required("channel", "channel_not_found"))
    message = workspace.message(channel.id, arguments.required("message_ts", "message_not_found"))
    link = f"https://{workspace.team_domain}.slack.example/archives/{channel.id}"
    link += f"/p{message.ts.replace('.', '')}"
    if message.thread_ts and message.thread_ts != message.ts:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


@method("reactions.add", "reactions:write")
def add_reaction(sandbox: Sandbox, arguments: Arguments) -> Json:
    """Put an emoji on a message."""
    workspace = sandbox.workspace
    channel = _channel_to_write(sandbox, arguments.required("channel", "channel_not_found"))
    message = workspace.message(channel.id, arguments.required("timestamp", "no_item_specified"))
    name = arguments.required("name", "invalid_name")
    bot_id = workspace.app.bot_user_id
    with workspace.changing():
        for reaction in message.reactions:
            if reaction["name"] == name:
                if bot_id in reaction["users"]:
                    raise RefusedError("already_reacted")
                reaction["users"].append(bot_id)
                reaction["count"] += 1
                return {}
        message.reactions.append({"name": name, "users": [bot_id], "count": 1})
    return {}


def _channel_to_write(sandbox: Sandbox, channel_id: str) -> Channel:
    """The channel, where the app may write to it.

    Raises:
        RefusedError: `channel_not_found`, `not_in_channel`, `is_archived`.
    """
    workspace = sandbox.workspace
    if channel_id in workspace.people:
        return workspace.dm(channel_id)
    if channel_id.startswith("#"):
        channel = workspace.channel_named(channel_id)
    else:
        channel = workspace.channel(channel_id)
    if workspace.app.bot_user_id not in channel.members:
        # An app outside a private channel is not told that it exists.
        if channel.kind != "channel":
            raise RefusedError("channel_not_found")
        scopes = workspace.app.scopes
        if scopes is None or "chat:write.public" not in scopes:
            raise RefusedError("not_in_channel")
    if channel.is_archived:
        raise RefusedError("is_archived")
    return channel


def _own_message(sandbox: Sandbox, arguments: Arguments, error: str) -> Message:
    channel = _channel_to_write(sandbox, arguments.required("channel", "channel_not_found"))
    message = sandbox.workspace.message(channel.id, arguments.required("ts", "message_not_found"))
    if not message.is_from_bot:
        raise RefusedError(error)
    return message


def _content(arguments: Arguments) -> Json:
    text = arguments.text("text")
    blocks = arguments.structure("blocks", "invalid_blocks_format")
    attachments = arguments.structure("attachments", "invalid_attachments")
    check_content(text, blocks, attachments)
    return {"text": text, "blocks": blocks or [], "attachments": attachments or []}


def _metadata(arguments: Arguments) -> Json | None:
    """The message metadata: an event type and an object, both of which Slack insists on."""
    metadata = arguments.structure("metadata", "invalid_metadata_format")
    if not metadata:
        return None
    if not isinstance(metadata, dict) or set(metadata) - {"event_type", "event_payload"}:
        raise RefusedError("invalid_metadata_format")
    if not isinstance(metadata.get("event_type"), str) or not metadata["event_type"]:
        raise RefusedError("invalid_metadata_format")
    if not isinstance(metadata.get("event_payload"), dict):
        raise RefusedError("invalid_metadata_format")
    if len(json.dumps(metadata).encode()) > METADATA_MAX_BYTES:
        raise RefusedError("metadata_too_large")
    return metadata


def _shown(sandbox: Sandbox, message: Message) -> Json:
    return message.to_slack(sandbox.workspace.team_id, with_metadata=True)

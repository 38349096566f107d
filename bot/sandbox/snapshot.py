"""What one person sees, as JSON for the page, the terminal and tests; it changes nothing."""

from __future__ import annotations

from typing import Any

from bot.sandbox.model import Message, View
from bot.sandbox.workspace import Workspace

Json = dict[str, Any]


def people_and_channels(workspace: Workspace) -> Json:
    """Who is there and where one can write."""
    return {
        "team": workspace.team_name,
        "bot": workspace.app.bot_user_id,
        "has_home_tab": workspace.app.has_home_tab,
        "has_assistant": workspace.app.has_assistant,
        "shortcuts": dict(workspace.app.shortcuts or {}),
        "people": [
            {"id": p.id, "name": p.real_name, "title": p.title, "is_bot": p.is_bot}
            for p in workspace.people.values()
        ],
        "channels": [
            {"id": c.id, "name": c.name, "kind": c.kind, "members": list(c.members)}
            for c in workspace.channels.values()
        ],
    }


def channel_as_seen(workspace: Workspace, user_id: str, channel_id: str) -> list[Json]:
    """The messages of a channel that this person sees, oldest first.

    Raises:
        RefusedError: `channel_not_found`, also where the person is no member.
    """
    return [_message(workspace, message) for message in workspace.seen_by(user_id, channel_id)]


def trouble_of(workspace: Workspace) -> str | None:
    """A sentence for people where the app did not take the last thing sent to it."""
    if not workspace.attempts or workspace.attempts[-1].error is None:
        return None
    sentences = {
        "connection_failed": "The gateway is not reachable.",
        "http_timeout": "The gateway did not answer within 3 seconds.",
        "timeout": "The gateway did not answer within 3 seconds.",
        "http_error": "The gateway answered with an error.",
    }
    return sentences[workspace.attempts[-1].error]


def status_of(workspace: Workspace, channel_id: str) -> str:
    """What the app says it is doing in this DM, if anything."""
    found = [
        thread.get("status", "")
        for (channel, _), thread in workspace.assistant_threads.items()
        if channel == channel_id
    ]
    return next((status for status in reversed(found) if status), "")


def assistant_threads_of(workspace: Workspace, channel_id: str) -> Json:
    """The threads of the Assistant pane in a DM by ts: title, prompts and status."""
    return {
        ts: dict(thread)
        for (channel, ts), thread in workspace.assistant_threads.items()
        if channel == channel_id
    }


def view_as_seen(view: View | None) -> Json | None:
    """A modal or Home tab with the errors it shows, without its private metadata."""
    if view is None:
        return None
    shown = {
        key: view.content[key]
        for key in ("type", "title", "submit", "close", "blocks")
        if key in view.content
    }
    return {
        **shown,
        "id": view.id,
        "hash": view.hash,
        "callback_id": view.content.get("callback_id", ""),
        "errors": view.errors,
        "notice": view.notice,
    }


def _message(workspace: Workspace, message: Message) -> Json:
    author = workspace.people.get(message.user)
    return {
        "ts": message.ts,
        "channel": message.channel,
        "user": message.user,
        "name": author.real_name if author else message.user,
        "is_bot": message.is_from_bot,
        "is_ephemeral": message.is_ephemeral,
        "is_edited": message.edited_ts is not None,
        "is_tombstone": message.subtype == "tombstone",
        "is_assistant_thread": message.subtype == "assistant_app_thread",
        "text": message.text,
        "blocks": message.blocks,
        "thread_ts": message.thread_ts,
        "files": [file["name"] for file in message.files],
        "reactions": message.reactions,
        "metadata": message.metadata,
    }

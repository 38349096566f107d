"""assistant.threads.*: status, title and suggested prompts of a thread in the Assistant pane."""

from __future__ import annotations

from typing import Any

from bot.sandbox.core import Sandbox
from bot.sandbox.model import RefusedError
from bot.sandbox.web_api import Arguments, method

Json = dict[str, Any]

PROMPTS_MAX = 4


@method("assistant.threads.setStatus", "assistant:write", "chat:write")
def set_status(sandbox: Sandbox, arguments: Arguments) -> Json:
    """Show what the app is doing; an empty status clears it."""
    return _set(sandbox, arguments, status=arguments.text("status"))


@method("assistant.threads.setTitle", "assistant:write")
def set_title(sandbox: Sandbox, arguments: Arguments) -> Json:
    """Give the thread a title."""
    return _set(sandbox, arguments, title=arguments.required("title"))


@method("assistant.threads.setSuggestedPrompts", "assistant:write")
def set_suggested_prompts(sandbox: Sandbox, arguments: Arguments) -> Json:
    """Offer up to four prompts, each with a title and a message."""
    prompts = arguments.structure("prompts", "invalid_arguments")
    is_list = isinstance(prompts, list) and 0 < len(prompts) <= PROMPTS_MAX
    if not is_list or not all({"title", "message"} <= set(prompt) for prompt in prompts):
        raise RefusedError("invalid_arguments")
    return _set(sandbox, arguments, prompts=prompts, prompts_title=arguments.text("title"))


def _set(sandbox: Sandbox, arguments: Arguments, **members: Any) -> Json:
    workspace = sandbox.workspace
    channel = workspace.channel(arguments.required("channel_id", "channel_not_found"))
    if channel.kind != "im":
        raise RefusedError("channel_not_found")
    key = (channel.id, arguments.required("thread_ts", "invalid_thread_ts"))
    if key not in workspace.assistant_threads:
        raise RefusedError("invalid_thread_ts")
    with workspace.changing():
        workspace.assistant_threads[key].update(members)
    return {}

"""api.test, auth.test and apps.connections.open."""

from __future__ import annotations

from typing import Any

from bot.sandbox.core import Sandbox
from bot.sandbox.web_api import Arguments, method

Json = dict[str, Any]


@method("api.test", needs_token=False)
def api_test(sandbox: Sandbox, arguments: Arguments) -> Json:  # noqa: ARG001
    """Repeat the arguments."""
    return {"args": arguments.raw}


@method("auth.test")
def auth_test(sandbox: Sandbox, arguments: Arguments) -> Json:  # noqa: ARG001
    """Say whose token this is."""
    workspace = sandbox.workspace
    return {
        "url": f"https://{workspace.team_domain}.slack.example/",
        "team": workspace.team_name,
        "user": workspace.bot.handle,
        "team_id": workspace.team_id,
        "user_id": workspace.app.bot_user_id,
        "bot_id": workspace.app.bot_id,
        "is_enterprise_install": False,
    }


@method("apps.connections.open", is_app_level=True)
def apps_connections_open(sandbox: Sandbox, arguments: Arguments) -> Json:  # noqa: ARG001
    """Give a URL that takes one WebSocket."""
    base = sandbox.base_url.replace("http://", "ws://", 1)
    return {"url": f"{base}/socket/{sandbox.hub.new_ticket()}"}

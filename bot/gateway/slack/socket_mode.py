"""Slack's Socket Mode, where the workspace can't or shouldn't reach us over HTTP."""

from __future__ import annotations

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.gateway.metrics import acknowledging


class SocketMode(AsyncSocketModeHandler):
    """Bolt's handler, measured. Build it inside the running loop."""

    async def handle(self, client: AsyncBaseSocketModeClient, req: SocketModeRequest) -> None:
        """Handle one envelope, and acknowledge it."""
        with acknowledging("socket"):
            await super().handle(client, req)

"""Wires the Bolt app: who we are, and which listeners there are.

Listeners finish before the acknowledgement leaves (`process_before_response`): what Slack
is told we have, is in the database.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Protocol

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.gateway.slack.client import Slack
from bot.gateway.trace import follow_event
from bot.settings import Settings

log = structlog.get_logger(__name__)


class Listener(Protocol):
    """One feature of Slack."""

    def register(self, app: AsyncApp) -> None:
        """Listen for what belongs to the feature."""


def build_app(settings: Settings, slack: Slack, listeners: Iterable[Listener]) -> AsyncApp:
    """Return the Bolt app with these listeners."""

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        identity = await slack.identity()
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_token=settings.slack_bot_token,
            bot_user_id=identity.user if identity else None,
            bot_id=identity.bot if identity else None,
        )

    app = AsyncApp(
        client=AsyncWebClient(base_url=settings.slack_api_url),
        signing_secret=settings.slack_signing_secret,
        authorize=authorize,
        process_before_response=True,
    )
    app.use(_follow)
    for listener in listeners:
        listener.register(app)
    # Socket Mode redelivers what nobody acknowledges, so whatever is left is taken here.
    app.event(re.compile(".*"))(_leave)
    app.action(re.compile(".*"))(_leave)
    return app


async def _follow(body: dict[str, Any], next_: Callable[[], Awaitable[None]]) -> None:
    follow_event(body)
    await next_()


async def _leave(ack: AsyncAck, body: dict[str, Any]) -> None:
    await ack()
    kind = (body.get("event") or {}).get("type") or body.get("type")
    log.info("slack.left_alone", type=kind)

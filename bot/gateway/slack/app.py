"""Wires the Bolt app: who we are, and one listener a Slack feature.

Listeners finish before the acknowledgement leaves (`process_before_response`): what Slack
is told we have, is in the database.
"""

from __future__ import annotations

import re
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.gateway.slack.client import Slack
from bot.gateway.slack.gate import Gate
from bot.gateway.slack.intake import Intake
from bot.gateway.slack.listeners.answers import AnswerListener
from bot.gateway.slack.listeners.askers import AskerListener
from bot.gateway.slack.listeners.case_forms import CaseFormListener
from bot.gateway.slack.listeners.cases import CaseListener
from bot.gateway.slack.listeners.choices import ChoiceListener
from bot.gateway.slack.listeners.desk import DeskListener
from bot.gateway.slack.listeners.messages import MessageListener
from bot.gateway.slack.listeners.notes import NoteListener
from bot.gateway.slack.suggestions import Suggestions
from bot.settings import Settings

log = structlog.get_logger(__name__)


def build_app(
    settings: Settings, slack: Slack, intake: Intake, gate: Gate, suggestions: Suggestions
) -> AsyncApp:
    """Return the Bolt app with all listeners."""

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
    # What is said in a card's thread stays there, so its listener comes first.
    NoteListener(gate).register(app)
    MessageListener(intake, slack).register(app)
    askers = AskerListener(gate)
    askers.register(app)
    ChoiceListener(intake, askers.on_case_choice).register(app)
    CaseListener(gate, gate.desk.routing).register(app)
    CaseFormListener(gate, gate.desk.routing).register(app)
    AnswerListener(gate, suggestions).register(app)
    DeskListener(gate).register(app)
    # Socket Mode redelivers what nobody acknowledges, so whatever is left is taken here.
    app.event(re.compile(".*"))(_leave)
    app.action(re.compile(".*"))(_leave)
    return app


async def _leave(ack: AsyncAck, body: dict[str, Any]) -> None:
    await ack()
    kind = (body.get("event") or {}).get("type") or body.get("type")
    log.info("slack.left_alone", type=kind)

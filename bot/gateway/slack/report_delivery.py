"""The report in Slack: every week in the channel of the default queue, and with /hr-report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond

from bot.db.models import OutboxRow
from bot.desk.views import Block
from bot.gateway.outbox import Deliver
from bot.gateway.reporting import Reporting
from bot.gateway.slack.channels import HRChannels
from bot.gateway.slack.gate import Gate
from bot.listening.periods import Weeks
from bot.listening.summary import summary
from bot.listening.weekly import WEEKLY
from bot.privacy import audit

COMMAND = "/hr-report"


@dataclass(frozen=True)
class ReportInSlack:
    """See the module; `link` is where the whole report is, empty for nowhere."""

    reporting: Reporting
    gate: Gate
    channels: HRChannels
    link: str

    def register(self, app: AsyncApp) -> None:
        """Listen for the command."""
        app.command(COMMAND)(self.on_command)

    def deliverers(self) -> dict[str, Deliver]:
        """Return which kind of row is delivered how."""
        return {WEEKLY: self.post}

    async def on_command(
        self, ack: AsyncAck, command: dict[str, Any], respond: AsyncRespond
    ) -> None:
        """Answer `/hr-report` with last week's, to HR only."""
        if not await self.gate.members.queues_of(command["user_id"]):
            await ack(text=self.gate.say("not_hr"), response_type="ephemeral")
            return
        # Grouping the questions may take longer than Slack waits.
        await ack()
        weeks = self.reporting.weeks(1)
        text, blocks = await self._shown(weeks)
        team, user = command.get("team_id") or "", command["user_id"]
        await self.reporting.note(team, user, audit.VIEWED, weeks)
        await respond(text=text, blocks=blocks, response_type="ephemeral")

    async def post(self, row: OutboxRow) -> None:
        """Post the report of a week."""
        queue = self.reporting.routing.default
        until = date.fromisoformat(row.payload["until"])
        text, blocks = await self._shown(Weeks(until, 1, queue.hours.zone))
        await self.channels.post(
            queue,
            sensitive=False,
            text=text,
            blocks=blocks,
            delivery_key=row.delivery_key,
            unknown_since=row.attempted_at,
        )

    async def _shown(self, weeks: Weeks) -> tuple[str, list[Block]]:
        found = await self.reporting.report(weeks)
        return summary(found, self.reporting.book.title_of, self.link, self.gate.say)

"""Builds what HR learns from people's questions: the report page, and what Slack shows of it."""

from __future__ import annotations

from starlette.routing import BaseRoute

from bot.gateway.outbox import Deliver
from bot.gateway.report.pages import ReportPages
from bot.gateway.report.sign_in import SignIn
from bot.gateway.reporting import Reporting
from bot.gateway.schedule import Job
from bot.gateway.shared import Shared
from bot.gateway.slack.app import Listener
from bot.gateway.slack.report_delivery import ReportInSlack
from bot.gateway.wiring import HRDesk
from bot.listening.weekly import post_weekly


class Listening:
    """The report, wired once."""

    def __init__(self, shared: Shared, desk: HRDesk) -> None:
        self._routing = desk.routing
        reporting = Reporting(
            shared.database,
            shared.assistant,
            desk.routing,
            shared.live,
            desk.company,
            desk.rhythm,
            shared.addresses,
            shared.clock,
        )
        sign_in = SignIn(shared.settings, shared.seal, shared.slack)
        self._pages = ReportPages(reporting, sign_in, desk.gate.members)
        self._in_slack = ReportInSlack(
            reporting, desk.gate, desk.channels, shared.settings.report_url
        )

    def routes(self) -> list[BaseRoute]:
        """Return the routes of the report page."""
        return self._pages.routes()

    def deliverers(self) -> dict[str, Deliver]:
        """Return which kind of row is delivered how."""
        return self._in_slack.deliverers()

    def jobs(self) -> dict[str, Job]:
        """Return what is done again and again, by name."""
        return {"weekly_report": lambda s, now: post_weekly(s, self._routing, now)}

    def listeners(self) -> list[Listener]:
        """Return what listens."""
        return [self._in_slack]

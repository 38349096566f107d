"""Builds what HR learns from people's questions: the report page, and what Slack shows of it."""

from __future__ import annotations

from starlette.routing import BaseRoute

from bot.gateway.report.pages import ReportPages
from bot.gateway.report.sign_in import SignIn
from bot.gateway.reporting import Reporting
from bot.gateway.shared import Shared
from bot.gateway.wiring import HRDesk


class Listening:
    """The report, wired once."""

    def __init__(self, shared: Shared, desk: HRDesk) -> None:
        self._reporting = Reporting(
            shared.database,
            shared.assistant,
            desk.routing,
            shared.live,
            desk.company,
            desk.rhythm,
            shared.clock,
        )
        self._pages = ReportPages(
            self._reporting,
            SignIn(shared.settings, shared.seal, shared.slack),
            desk.gate.members,
            shared.database,
            shared.addresses,
        )

    def routes(self) -> list[BaseRoute]:
        """Return the routes of the report page."""
        return self._pages.routes()

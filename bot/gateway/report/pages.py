"""The routes of HR's report: the page, its charts and downloads, and signing in and out.

Whoever isn't signed in sees the way to do that and nothing else; who isn't of HR is told so.
Whoever reads or downloads stands in the audit trail.
"""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Awaitable, Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.gateway.report.charts import CHARTS
from bot.gateway.report.sign_in import SignIn, SignInError, SlackMember
from bot.gateway.reporting import Reporting
from bot.gateway.slack.members import Members
from bot.listening.periods import WEEKS, Weeks
from bot.privacy import audit

if TYPE_CHECKING:
    from jinja2 import Environment

HERE = Path(__file__).parent
START = "/report/start"
DEFAULT_WEEKS = 4
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
# A chart carries its own style; nothing in it can run or load anything.
CHART_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
# What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Page = Callable[[Request, SlackMember, Weeks], Awaitable[Response]]


class ReportPages:
    """See the module."""

    def __init__(
        self,
        reporting: Reporting,
        sign_in: SignIn,
        members: Members,
    ) -> None:
        self._reporting = reporting
        self._sign_in = sign_in
        self._members = members

    def routes(self) -> list[BaseRoute]:
        """Return the routes."""
        return [
            self._route("/report", self._for_hr(self.page)),
            self._route("/report/charts/{name}.svg", self._for_hr(self.chart)),
            self._route("/report/tables/{name}.csv", self._for_hr(self.download)),
            Route(START, self.start, methods=["GET"]),
            self._route("/report/sign-in", self.begin),
            self._route("/report/signed-in", self.end),
            self._route("/report/sign-out", self.sign_out, method="POST"),
            Route("/report/style.css", self.style, methods=["GET"]),
        ]

    async def page(self, request: Request, who: SlackMember, weeks: Weeks) -> Response:  # noqa: ARG002
        """Show the report."""
        found = await self._reporting.report(weeks)
        await self._reporting.note(who.team, who.user, audit.VIEWED, weeks)
        return self._html(
            "report.html",
            weeks=weeks,
            choices=WEEKS,
            tables=self._reporting.tables(found),
            charts={name: title for name, (_, title) in CHARTS.items()},
        )

    async def chart(self, request: Request, who: SlackMember, weeks: Weeks) -> Response:  # noqa: ARG002
        """Draw one of the page's charts."""
        if request.path_params["name"] not in CHARTS:
            return self._html("message.html", 404, message="not_found")
        draw, _ = CHARTS[request.path_params["name"]]
        drawn = await asyncio.to_thread(lambda: draw(self._reporting.figures(weeks)))
        headers = {"Content-Security-Policy": CHART_POLICY}
        return Response(drawn, media_type="image/svg+xml", headers=headers)

    async def download(self, request: Request, who: SlackMember, weeks: Weeks) -> Response:
        """Give a table as a file for spreadsheets."""
        name = request.path_params["name"]
        found = self._reporting.tables(await self._reporting.report(weeks))
        table = next((table for table in found if table.name == name), None)
        if table is None:
            return self._html("message.html", 404, message="not_found")
        await self._reporting.note(who.team, who.user, audit.EXPORTED, weeks, name)
        text = io.StringIO()
        rows = (table.columns, *table.rows)
        csv.writer(text).writerows([[_cell(cell) for cell in row] for row in rows])
        file = f"{name}-{weeks.since}-{weeks.last_day}.csv"
        return Response(
            # Spreadsheets take it for Latin-1 without the mark.
            "\ufeff" + text.getvalue(),
            media_type="text/csv",
            headers={"Content-Disposition": f'attachment; filename="{file}"'},
        )

    async def start(self, request: Request) -> Response:  # noqa: ARG002
        """Show the way in."""
        message = "sign_in" if self._sign_in.is_set_up else "not_set_up"
        return self._html("message.html", message=message)

    async def begin(self, request: Request) -> Response:
        """Lead to Slack."""
        if not self._sign_in.is_set_up:
            return RedirectResponse(START, 303)
        try:
            return await self._sign_in.begin(request)
        except SignInError:
            return self._html("message.html", 502, message="not_signed_in")

    async def end(self, request: Request) -> Response:
        """Let in who comes back from Slack."""
        if not self._sign_in.is_set_up:
            return RedirectResponse(START, 303)
        try:
            await self._sign_in.end(request, self._reporting.clock())
        except SignInError:
            return self._html("message.html", 403, message="not_signed_in")
        return RedirectResponse("/report", 303)

    async def sign_out(self, request: Request) -> Response:
        """Forget who it is."""
        self._sign_in.forget(request)
        return RedirectResponse(START, 303)

    async def style(self, request: Request) -> Response:  # noqa: ARG002
        """Give the page's style."""
        return FileResponse(HERE / "style.css", media_type="text/css")

    def _route(
        self, path: str, endpoint: Callable[[Request], Awaitable[Response]], method: str = "GET"
    ) -> Route:
        return Route(path, endpoint, methods=[method], middleware=[self._sign_in.middleware])

    def _for_hr(self, page: Page) -> Callable[[Request], Awaitable[Response]]:
        async def guarded(request: Request) -> Response:
            who = self._sign_in.who(request, self._reporting.clock())
            if who is None:
                return RedirectResponse(START, 303)
            if not await self._members.queues_of(who.user):
                return self._html("message.html", 403, message="not_hr")
            asked = request.query_params.get("weeks", "")
            count = int(asked) if asked in map(str, WEEKS) else DEFAULT_WEEKS
            return await page(request, who, self._reporting.weeks(count))

        return guarded

    def _html(self, template: str, status: int = 200, **values: object) -> Response:
        html = self._templates.get_template(template).render(values)
        headers = {"Content-Security-Policy": POLICY}
        return Response(html, status, media_type="text/html", headers=headers)

    @cached_property
    def _templates(self) -> Environment:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        return Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined
        )


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text

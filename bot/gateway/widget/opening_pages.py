"""The pages behind the links of e-mails: confirm, and stop. Opening one changes nothing.

Mail programs open links by themselves to look for harm; so each page has a button, and only
that does something.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from html import escape
from string import Template

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from bot.db.models import Program
from bot.db.session import Database
from bot.gateway.widget.http import Errors
from bot.gateway.widget.limits import RateLimits
from bot.gateway.widget.pages import STATIC
from bot.gateway.widget.tokens import REMINDER, Tokens
from bot.gateway.wording import Wording
from bot.programs import openings
from bot.programs.reminders import ON, UNCONFIRMED

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}


@dataclass(frozen=True)
class OpeningPages:
    """Shows the pages and takes their buttons in."""

    database: Database
    tokens: Tokens
    limits: RateLimits
    wording: Wording
    clock: Callable[[], datetime]

    def routes(self) -> list[BaseRoute]:
        """Return the routes for the gateway's application."""
        routes = [
            Route("/{token}", self.ask_confirm, methods=["GET"]),
            Route("/{token}", self.confirm, methods=["POST"]),
            Route("/{token}/stop", self.ask_stop, methods=["GET"]),
            Route("/{token}/stop", self.stop, methods=["POST"]),
        ]
        handlers = Errors(self.wording).handlers()
        return [Mount("/reminders", app=Starlette(routes=routes, exception_handlers=handlers))]

    async def ask_confirm(self, request: Request) -> Response:
        """Ask whether they want to be told."""
        found = await self._found(request)
        if found is None:
            return self._page("gone", 404)
        status, program = found
        if status not in (UNCONFIRMED, ON):
            return self._page("gone", 404)
        return self._page("confirm" if status == UNCONFIRMED else "confirmed", program=program)

    async def confirm(self, request: Request) -> Response:
        """Take their word."""
        found = await self._found(request)

        def take() -> bool:
            with self.database.write() as session:
                wanted = openings.with_token(session, self._token(request) or "")
                return openings.confirm(wanted, self.clock())

        if found is None or not await asyncio.to_thread(take):
            return self._page("gone", 404)
        return self._page("confirmed", program=found[1])

    async def ask_stop(self, request: Request) -> Response:
        """Ask whether they want nothing any more."""
        found = await self._found(request)
        return self._page("stop", program=found[1]) if found else self._page("stopped")

    async def stop(self, request: Request) -> Response:
        """Forget them. Whoever is forgotten already is told the same."""
        if await self._found(request) is not None:

            def forget() -> None:
                with self.database.write() as session:
                    wanted = openings.with_token(session, self._token(request) or "")
                    openings.stop(session, wanted)

            await asyncio.to_thread(forget)
        return self._page("stopped")

    async def _found(self, request: Request) -> tuple[str, str] | None:
        """Return where a wish stands and the program's name, if the link is one of ours.

        Raises:
            Refusal: if too many come from there.
        """
        await self.limits.count_address(request.client.host if request.client else None)
        token = self._token(request)
        return await asyncio.to_thread(self._read, token) if token else None

    def _read(self, token: str) -> tuple[str, str] | None:
        with self.database.read() as session:
            wanted = openings.with_token(session, token)
            program = session.get(Program, wanted.program_id) if wanted else None
            return (wanted.status, program.name) if wanted and program else None

    def _token(self, request: Request) -> str | None:
        return self.tokens.read(REMINDER, request.path_params["token"])

    def _page(self, name: str, status: int = 200, *, program: str = "") -> Response:
        say = self.wording.say
        button = ""
        if name in ("confirm", "stop"):
            label = escape(say(f"tell_me_page_{name}_button"))
            button = f'<form method="post"><button type="submit">{label}</button></form>'
        title = escape(say(f"tell_me_page_{name}_title"))
        text = escape(say(f"tell_me_page_{name}", program=program))
        page = Template((STATIC / "reminder.html").read_text(encoding="utf-8"))
        html = page.substitute(title=title, text=text, button=button)
        return HTMLResponse(html, status, headers=_HEADERS)

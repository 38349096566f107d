"""The widget's routes; /widget/openapi.json describes what they take and give."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from bot.db.session import Database
from bot.gateway.widget.events import iso
from bot.gateway.widget.feed import Feed
from bot.gateway.widget.forms import contact_from
from bot.gateway.widget.http import Endpoint, Errors, bearer, body_of, last_event, require_origin
from bot.gateway.widget.intake import WidgetIntake
from bot.gateway.widget.limits import RateLimits
from bot.gateway.widget.openapi import CHECKS, document, is_too_long
from bot.gateway.widget.pages import SCRIPT, Pages
from bot.gateway.widget.refusals import refusal
from bot.gateway.widget.sessions import Opened, Sessions
from bot.gateway.widget.stream import EventStream
from bot.gateway.wording import Wording

PREFLIGHT_SECONDS = 600
FULL_SECONDS = 30


@dataclass(frozen=True)
class WidgetRoutes:
    """Answers browsers. `origins` are those of the pages that may embed the widget."""

    database: Database
    sessions: Sessions
    intake: WidgetIntake
    limits: RateLimits
    feed: Feed
    pages: Pages
    wording: Wording
    origins: Collection[str]
    clock: Callable[[], datetime]

    def routes(self) -> list[BaseRoute]:
        """Return the routes for the gateway's application."""
        cors = Middleware(
            CORSMiddleware,
            allow_origins=list(self.origins),
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Last-Event-ID"],
            expose_headers=["Retry-After"],
            max_age=PREFLIGHT_SECONDS,
        )
        routes = [
            Route(f"/{SCRIPT}", self.pages.script, methods=["GET"]),
            Route("/openapi.json", self.openapi, methods=["GET"]),
            self._route("/sessions", "POST", self.new_session),
            self._route("/resume", "POST", self.resume),
            self._route("/messages", "POST", self.message),
            self._route("/events", "GET", self.events),
            self._route("/contact", "POST", self.contact),
            self._route("/feedback", "POST", self.feedback),
            self._route("/conversation", "DELETE", self.delete),
        ]
        handlers = Errors(self.wording).handlers()
        app = Starlette(routes=routes, middleware=[cors], exception_handlers=handlers)
        return [*self.pages.routes(), Mount("/widget", app=app)]

    async def openapi(self, request: Request) -> Response:  # noqa: ARG002
        """Describe the interface."""
        return JSONResponse(document())

    async def new_session(self, request: Request) -> Response:
        """Begin a conversation."""
        await body_of(request, CHECKS["NewSession"])
        return _opened(await asyncio.to_thread(self.sessions.mint), 201)

    async def resume(self, request: Request) -> Response:
        """Give a session to whoever holds a link."""
        body = await body_of(request, CHECKS["Resume"])
        return _opened(await asyncio.to_thread(self.sessions.resume, body["link"]), 200)

    async def message(self, request: Request) -> Response:
        """Take a message or the press of a button in."""
        session_id = await self._session(request)
        body = await body_of(request, CHECKS["Message"])
        if is_too_long(body.get("text", "")):
            raise refusal("too_long")
        take = self.intake.text if "text" in body else self.intake.choice
        said = body.get("text") or body.get("choice")
        number = await asyncio.to_thread(take, session_id, body["id"], said)
        return JSONResponse({"id": body["id"], "event": number}, 202)

    async def events(self, request: Request) -> Response | EventStream:
        """Stream what comes after an event."""
        session_id = await self._session(request)
        after = last_event(request)
        if self.feed.is_full:
            raise refusal("unavailable", retry_after=FULL_SECONDS)

        def conversation() -> str:
            with self.database.write() as session:
                return self.sessions.use(session, session_id)

        conversation_id = await asyncio.to_thread(conversation)
        return EventStream(self.database, self.feed, self.clock, session_id, conversation_id, after)

    async def contact(self, request: Request) -> Response:
        """Take a contact in, and send the question of its form to HR."""
        session_id = await self._session(request)
        body = await body_of(request, CHECKS["Contact"])
        contact = contact_from(body["email"], body.get("name", ""), consent=body["consent"])
        await self.limits.count_case(_host(request))
        number = await asyncio.to_thread(self.intake.contact, session_id, body["form"], contact)
        return JSONResponse({"id": body["id"], "event": number}, 202)

    async def feedback(self, request: Request) -> Response:
        """Take the word on whether an answer helped."""
        session_id = await self._session(request)
        body = await body_of(request, CHECKS["Feedback"])
        said = {"helped": body["helped"]}
        await asyncio.to_thread(self.intake.feedback, session_id, body["event"], **said)
        return JSONResponse({"id": body["id"], "event": body["event"]}, 202)

    async def delete(self, request: Request) -> Response:
        """Delete the conversation."""
        session_id = await self._session(request)
        await asyncio.to_thread(self.intake.delete, session_id)
        return Response(status_code=204)

    def _route(self, path: str, method: str, endpoint: Endpoint) -> Route:
        async def guarded(request: Request) -> Response:
            require_origin(request, self.origins)
            await self.limits.count_address(_host(request))
            response = await endpoint(request)
            if isinstance(response, Response):
                response.headers["Cache-Control"] = "no-store"
                response.headers["X-Content-Type-Options"] = "nosniff"
            return response

        return Route(path, guarded, methods=[method])

    async def _session(self, request: Request) -> str:
        session_id = self.sessions.id_in(bearer(request))
        await self.limits.count_session(session_id)
        return session_id


def _host(request: Request) -> str | None:
    return request.client.host if request.client else None


def _opened(opened: Opened, status: int) -> Response:
    body = {"token": opened.token, "expires_at": iso(opened.expires_at)}
    return JSONResponse(body, status)

"""The sandbox as one ASGI application: Web API, sockets, response_url, control routes, the page."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from bot.sandbox import methods  # noqa: F401  (registers the Web API methods)
from bot.sandbox.control import Control
from bot.sandbox.core import Sandbox
from bot.sandbox.interactions import Interactions
from bot.sandbox.model import RefusedError
from bot.sandbox.openid import OpenID
from bot.sandbox.web_api import WebApi

PAGE = Path(__file__).parent / "page"
LOOPBACK_NAMES = ["127.0.0.1", "localhost"]
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-src {careers}; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def create_app(sandbox: Sandbox) -> ASGIApp:
    """The ASGI application of a sandbox.

    Args:
        sandbox: its `base_url` must be where this application is reached.
    """
    api = WebApi(sandbox)
    control = Control(sandbox, Interactions(sandbox))

    async def response_url(request: Request) -> Response:
        try:
            body = json.loads(await request.body())
            sandbox.answer_response_url(request.path_params["token"], body)
        except ValueError:
            return JSONResponse({"ok": False, "error": "invalid_payload"}, status_code=400)
        except RefusedError as refusal:
            status = 404 if refusal.code.endswith("_url") else 400
            body = {"ok": False, "error": refusal.code, **refusal.details}
            return JSONResponse(body, status_code=status)
        return PlainTextResponse("ok")

    async def socket(websocket: WebSocket) -> None:
        await sandbox.hub.serve(websocket)

    async def home(request: Request) -> Response:  # noqa: ARG001
        return RedirectResponse("/sandbox/")

    async def health(request: Request) -> Response:  # noqa: ARG001
        return JSONResponse({"ok": True})

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:  # noqa: ARG001
        yield
        await sandbox.delivery.close()

    inner = Starlette(
        routes=[
            Route("/", home),
            Route("/healthz", health),
            *OpenID(sandbox).routes(),
            Route("/api/{method}", api.answer, methods=["GET", "POST"]),
            Route("/response/{token}", response_url, methods=["POST"]),
            WebSocketRoute("/socket/{ticket}", socket),
            Mount(
                "/sandbox",
                routes=[
                    *control.routes(),
                    Mount("/", _Page(StaticFiles(directory=PAGE, html=True), sandbox)),
                ],
            ),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=LOOPBACK_NAMES)],
        lifespan=lifespan,
    )
    return _CuttableConnections(inner)


class _Page:
    """The static files with headers that keep out what is from outside, but the careers page."""

    def __init__(self, files: ASGIApp, sandbox: Sandbox) -> None:
        self._files = files
        self._sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        policy = CONTENT_SECURITY_POLICY.format(careers=self._sandbox.careers_url)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    (b"content-security-policy", policy.encode()),
                    (b"x-content-type-options", b"nosniff"),
                    (b"cache-control", b"no-cache"),
                ]
            await send(message)

        await self._files(scope, receive, send_with_headers)


class _CuttableConnections:
    """Lets a route cut its connection before the reply, by `scope["sandbox.cut"]()`.

    ASGI has no way to say this, so the transport is taken from uvicorn's request cycle,
    whose bound method `send` is.
    """

    def __init__(self, inner: ASGIApp) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        transport: Any = getattr(getattr(send, "__self__", None), "transport", None)
        is_cut = False

        def cut() -> None:
            nonlocal is_cut
            is_cut = True
            transport.abort()

        async def send_unless_cut(message: Message) -> None:
            if not is_cut:
                await send(message)

        await self._inner({**scope, "sandbox.cut": cut}, receive, send_unless_cut)
        while is_cut and (await receive())["type"] != "http.disconnect":
            continue

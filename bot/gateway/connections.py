"""Lets a route drop its connection at once, with all that is buffered for it.

ASGI has no way to say this, so the transport is taken from uvicorn's request cycle, whose bound
method `send` is. This must stand around the whole application: others wrap `send`.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

CUT = "hrbot.cut"


class CuttableConnections:
    """Puts a function that drops the connection into the scope, under `CUT`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the application."""
        transport = getattr(getattr(send, "__self__", None), "transport", None)
        if transport is not None:
            scope = {**scope, CUT: transport.abort}
        await self._app(scope, receive, send)

"""What holds for every request and response of the gateway, whichever route it is for.

Bodies are small, plain and quick to arrive; each answer, an error too, carries headers that
keep browsers from doing more with it than they should.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 1_000_000
BODY_SECONDS = 15.0
HEADERS = {
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=()",
    b"cache-control": b"no-store",
}
"""A route that needs another value sends its own; these fill in what is missing."""
HSTS = (b"strict-transport-security", b"max-age=31536000")

RawHeaders = Iterable[tuple[bytes, bytes]]


class ShieldedApp(Starlette):
    """The application inside its shield, which also covers what Starlette itself answers.

    Args:
        hsts: whether browsers are told to come by https only.
    """

    def __init__(self, *, hsts: bool, **kwargs: object) -> None:
        self._hsts = hsts
        super().__init__(**kwargs)  # type: ignore[arg-type]

    def build_middleware_stack(self) -> ASGIApp:
        """Return the application with the shield around everything else."""
        return Shield(super().build_middleware_stack(), hsts=self._hsts)


class Shield:
    """The shield as an ASGI application around another."""

    def __init__(self, app: ASGIApp, *, hsts: bool) -> None:
        self._app = app
        self._headers = [*HEADERS.items(), *([HSTS] if hsts else [])]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def shielded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": self._completed(message.get("headers", ()))}
            await send(message)

        refusal = _refusal(scope["headers"])
        if refusal is not None:
            await refusal(scope, receive, shielded)
            return
        await self._app(scope, _Body(receive), shielded)

    def _completed(self, headers: RawHeaders) -> list[tuple[bytes, bytes]]:
        given = list(headers)
        names = {name.lower() for name, _ in given}
        return [*given, *(header for header in self._headers if header[0] not in names)]


class _Body:
    """Hands a request's body on, as long as it is small and comes in time."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._is_complete = False
        self._bytes = 0
        self._deadline: float | None = None

    async def __call__(self) -> Message:
        if self._is_complete:
            # What comes now is that the other side hangs up, whenever that is.
            return await self._receive()
        clock = asyncio.get_running_loop().time
        if self._deadline is None:
            self._deadline = clock() + BODY_SECONDS
        try:
            message = await asyncio.wait_for(self._receive(), max(self._deadline - clock(), 0))
        except asyncio.TimeoutError:
            raise HTTPException(408) from None
        self._bytes += len(message.get("body", b""))
        if self._bytes > MAX_BODY_BYTES:
            raise HTTPException(413)
        self._is_complete = not message.get("more_body", False)
        return message


def _refusal(headers: RawHeaders) -> JSONResponse | None:
    """Return why a request is not even looked at: it is too long, or packed."""
    given = dict(headers)
    length = given.get(b"content-length", b"0")
    if length.isdigit() and int(length) > MAX_BODY_BYTES:
        return JSONResponse({"error": "too_large"}, status_code=413)
    if given.get(b"content-encoding", b"identity").lower() != b"identity":
        # Nobody here unpacks anything, so that nothing small becomes large.
        return JSONResponse({"error": "unsupported_encoding"}, status_code=415)
    return None

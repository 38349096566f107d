"""What the widget's routes have in common: bodies, tokens, origins, and how they refuse."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection
from typing import Any

import structlog
from jsonschema import Draft202012Validator
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from bot.gateway.widget.refusals import Refusal, refusal
from bot.gateway.wording import Wording

log = structlog.get_logger(__name__)

MAX_BODY_BYTES = 64_000
BODY_SECONDS = 10.0
# Of an event number: what a browser sends can be no greater than what the database takes.
LARGEST_NUMBER = 2**31 - 1

Endpoint = Callable[[Request], Awaitable[Response]]


async def body_of(request: Request, schema: Draft202012Validator) -> dict[str, Any]:
    """Return a JSON body that fits a schema; a large one is refused before it is read.

    Raises:
        Refusal: if it is too large, too slow, no JSON, or doesn't fit.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise refusal("not_json")
    length = request.headers.get("content-length", "")
    if length.isdecimal() and (len(length) > 9 or int(length) > MAX_BODY_BYTES):
        raise refusal("too_long", hangs_up=True)
    try:
        content = await asyncio.wait_for(_read(request), BODY_SECONDS)
    except asyncio.TimeoutError:
        raise refusal("too_slow", hangs_up=True) from None
    except ClientDisconnect:
        raise refusal("bad_request") from None
    try:
        body = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        raise refusal("bad_request") from None
    if not schema.is_valid(body) or not _can_be_stored(body):
        raise refusal("bad_request")
    return body


def bearer(request: Request) -> str:
    """Return the token that a request carries.

    Raises:
        Refusal: if it carries none.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise refusal("session_invalid")
    return token.strip()


def last_event(request: Request) -> int:
    """Return the number of the event after which a stream begins.

    Raises:
        Refusal: if it is no such number.
    """
    given = request.headers.get("last-event-id") or request.query_params.get("after") or "0"
    if not (given.isascii() and given.isdecimal()) or len(given) > 10:
        raise refusal("bad_request")
    return min(int(given), LARGEST_NUMBER)


def require_origin(request: Request, allowed: Collection[str]) -> None:
    """See that a page may use the widget: it is listed, or the gateway's own.

    Raises:
        Refusal: if it may not.
    """
    origin = request.headers.get("origin")
    own = f"{request.scope['scheme']}://{request.headers.get('host', '')}"
    if origin is not None and origin not in allowed and origin != own:
        raise refusal("origin_not_allowed")


class Errors:
    """Answers what went wrong as JSON: a code for the page and a sentence for the person."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording

    def handlers(self) -> dict[Any, Callable[[Request, Exception], Awaitable[Response]]]:
        """Return how the application answers each kind of error."""
        return {
            Refusal: self._refused,
            HTTPException: self._of_starlette,
            SQLAlchemyError: self._database,
            Exception: self._mistake,
        }

    def _answer(self, error: Refusal) -> Response:
        headers = {"Cache-Control": "no-store"}
        if error.retry_after is not None:
            headers["Retry-After"] = str(error.retry_after)
        if error.hangs_up:
            headers["Connection"] = "close"
        if error.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        text = self._wording.say(f"widget_{error.code}")
        body = {"error": {"code": error.code, "message": text}}
        return JSONResponse(body, error.status, headers)

    async def _refused(self, request: Request, error: Exception) -> Response:  # noqa: ARG002
        assert isinstance(error, Refusal)
        return self._answer(error)

    async def _of_starlette(self, request: Request, error: Exception) -> Response:  # noqa: ARG002
        is_missing = getattr(error, "status_code", 404) == 404
        return self._answer(refusal("not_found" if is_missing else "method_not_allowed"))

    async def _database(self, request: Request, error: Exception) -> Response:  # noqa: ARG002
        log.error("widget.database_unreachable", error=type(error).__name__)
        return self._answer(refusal("unavailable", retry_after=2))

    async def _mistake(self, request: Request, error: Exception) -> Response:  # noqa: ARG002
        return self._answer(refusal("failed"))


async def _read(request: Request) -> bytes:
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MAX_BODY_BYTES:
            raise refusal("too_long", hangs_up=True)
    return bytes(content)


def _can_be_stored(body: dict[str, Any]) -> bool:
    """Say whether all texts are ones that a database takes: no NUL, no half characters."""
    texts = [value for value in body.values() if isinstance(value, str)]
    return not any("\0" in text or _has_half_characters(text) for text in texts)


def _has_half_characters(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)

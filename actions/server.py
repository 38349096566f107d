"""The action server's HTTP side: rasa-sdk's app, open only to who knows our token."""

from __future__ import annotations

import asyncio

import structlog
from rasa_sdk.endpoint import create_app
from sanic import Sanic
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse, json
from sqlalchemy.exc import SQLAlchemyError

from actions.resources import resources
from bot.db.revision import fault_of, revision_of
from bot.privacy.signing import has_bearer

# A tracker of a very long conversation stays below this; Sanic's own limit is 100 MB.
LARGEST_REQUEST_BYTES = 16_000_000
REQUEST_SECONDS = 15
RESPONSE_SECONDS = 30
PUBLIC_PATHS = {"/health", "/ready"}

log = structlog.get_logger(__name__)


def create_server(tokens: tuple[str, ...]) -> Sanic:
    """Return the app. Everything but /health needs `Authorization: Bearer <one of tokens>`."""
    app = create_app("actions", cors_origins="")
    app.config.REQUEST_MAX_SIZE = LARGEST_REQUEST_BYTES
    app.config.REQUEST_TIMEOUT = REQUEST_SECONDS
    app.config.RESPONSE_TIMEOUT = RESPONSE_SECONDS
    app.register_middleware(_refuse_packed, "request")
    app.register_middleware(lambda request: _refuse_strangers(request, tokens), "request")
    app.register_middleware(_follow_turn, "request")
    app.add_route(_ready, "/ready", methods=["GET"])
    # rasa-sdk's handler would put the request, with what people said, into log and answer.
    app.error_handler.add(Exception, _say_that_it_failed)
    return app


def _refuse_packed(request: Request) -> HTTPResponse | None:
    # rasa-sdk would unpack a body without any limit.
    if request.headers.get("content-encoding", "identity").lower() == "identity":
        return None
    return json({"error": "unsupported_encoding"}, status=415)


def _refuse_strangers(request: Request, tokens: tuple[str, ...]) -> HTTPResponse | None:
    if request.path in PUBLIC_PATHS:
        return None
    if has_bearer(request.headers, tokens):
        return None
    log.warning("actions.refused", path=request.path)
    return json({"error": "unauthorized"}, status=401)


def _follow_turn(request: Request) -> None:
    """Put the turn's id into all that is logged while a request is handled."""
    structlog.contextvars.unbind_contextvars("turn_id")
    if request.method == "POST":
        tracker = (request.json or {}).get("tracker") or {}
        turn_id = (tracker.get("latest_message") or {}).get("message_id")
        structlog.contextvars.bind_contextvars(turn_id=turn_id)


async def _ready(request: Request) -> HTTPResponse:  # noqa: ARG001
    missing = await asyncio.to_thread(_missing)
    return json({"ready": not missing, "missing": missing}, status=503 if missing else 200)


def _missing() -> list[str]:
    try:
        with resources().database.read() as session:
            fault = fault_of(revision_of(session))
    except SQLAlchemyError:
        return ["the database does not answer"]
    return [fault] if fault else []


def _say_that_it_failed(request: Request, error: Exception) -> HTTPResponse:
    status = error.status_code if isinstance(error, SanicException) else 500
    log.error("actions.failed", path=request.path, status=status, error=type(error).__name__)
    return json({"error": type(error).__name__}, status=status)

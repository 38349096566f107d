"""The action server's HTTP side: rasa-sdk's app, open only to who knows our token."""

from __future__ import annotations

import hmac

import structlog
from rasa_sdk.endpoint import create_app
from sanic import Sanic
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse, json

# A tracker of a very long conversation stays below this; Sanic's own limit is 100 MB.
LARGEST_REQUEST_BYTES = 16_000_000
PUBLIC_PATHS = {"/health"}

log = structlog.get_logger(__name__)


def create_server(tokens: tuple[str, ...]) -> Sanic:
    """Return the app. Everything but /health needs `Authorization: Bearer <one of tokens>`."""
    app = create_app("actions", cors_origins="")
    app.config.REQUEST_MAX_SIZE = LARGEST_REQUEST_BYTES
    app.register_middleware(lambda request: _refuse_strangers(request, tokens), "request")
    # rasa-sdk's handler would put the request, with what people said, into log and answer.
    app.error_handler.add(Exception, _say_that_it_failed)
    return app


def _refuse_strangers(request: Request, tokens: tuple[str, ...]) -> HTTPResponse | None:
    if request.path in PUBLIC_PATHS:
        return None
    given = request.headers.get("authorization", "").encode()
    # No early end: how long this takes must not tell which token was nearly right.
    matches = [hmac.compare_digest(given, f"Bearer {token}".encode()) for token in tokens]
    if any(matches):
        return None
    log.warning("actions.refused", path=request.path)
    return json({"error": "unauthorized"}, status=401)


def _say_that_it_failed(request: Request, error: Exception) -> HTTPResponse:
    status = error.status_code if isinstance(error, SanicException) else 500
    log.error("actions.failed", path=request.path, status=status, error=type(error).__name__)
    return json({"error": type(error).__name__}, status=status)

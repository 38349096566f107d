"""Starts the assistant: Rasa's server with our channel, our settings and our logging."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.errors import HRBotError
from bot.settings import ROOT, Settings
from bot.tensorflow_standin import keep_out_unless_needed

ACTION_TIMEOUT_SECONDS = 10
# What a killed assistant held is free for the others after this; Rasa's own is a minute.
LOCK_SECONDS = 30
# Turns and HR's answers are small; Sanic's own limits are 100 MB and a minute, Rasa's an hour.
LARGEST_REQUEST_BYTES = 1_000_000
REQUEST_SECONDS = 15
RESPONSE_SECONDS = 120


class ModelMissingError(HRBotError):
    """The model to serve isn't there."""


def serve(settings: Settings, model: Path, host: str, port: int) -> None:
    """Serve the model until stopped; returns when the server has shut down.

    Args:
        host: where to listen; loopback or a private network.

    Raises:
        ModelMissingError: if there is no such file; Rasa would start without a model.
    """
    if not model.exists():
        raise ModelMissingError(f"There is no model at {model}: run “hrbot train” first.")
    os.environ.update(
        {
            **settings.environment(),
            "TICKET_LOCK_LIFETIME": str(LOCK_SECONDS),
            "SANIC_REQUEST_MAX_SIZE": str(LARGEST_REQUEST_BYTES),
            "SANIC_REQUEST_TIMEOUT": str(REQUEST_SECONDS),
            "SANIC_RESPONSE_TIMEOUT": str(RESPONSE_SECONDS),
        }
    )
    from bot.logs import configure_logging, quiet_libraries

    quiet_libraries()
    keep_out_unless_needed(model)
    from rasa.core.run import serve_application

    configure_logging(settings.log_level, "assistant")
    serve_application(
        model_path=str(model),
        interface=host,
        port=port,
        credentials=str(ROOT / "credentials.yml"),
        enable_api=False,
        endpoints=endpoints(settings),
    )


def endpoints(settings: Settings) -> Any:
    """Return Rasa's AvailableEndpoints: answer book, action server, locks.

    Trackers are the channel's own matter: see bot/channels/tracker_store.py.
    """
    from rasa.core.utils import AvailableEndpoints

    from bot.channels.action_server import ActionServer

    available = AvailableEndpoints.read_endpoints(str(ROOT / "endpoints.yml"))
    available.action = ActionServer(settings, timeout_seconds=ACTION_TIMEOUT_SECONDS)
    if settings.redis_url:
        available.lock_store = _redis_lock_store(settings.redis_url)
    return available


def _redis_lock_store(url: str) -> Any:
    from rasa.utils.endpoints import EndpointConfig

    parts = urlsplit(url)
    return EndpointConfig(
        type="redis",
        url=parts.hostname,
        port=parts.port or 6379,
        db=int(parts.path.strip("/") or 0),
        username=parts.username,
        password=parts.password,
        use_ssl=parts.scheme == "rediss",
    )

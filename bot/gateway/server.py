"""Serves the gateway with uvicorn."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import uvicorn

from bot.gateway.app import create_app, utc_now
from bot.logs import configure_logging
from bot.settings import Settings


def serve(settings: Settings, clock: Callable[[], datetime] = utc_now) -> None:
    """Serve until stopped; running deliveries are given some seconds to end."""
    configure_logging(settings.log_level, "gateway")
    uvicorn.run(
        create_app(settings, clock),
        host=settings.gateway_host,
        port=settings.gateway_port,
        log_config=None,
        access_log=False,
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=15,
    )

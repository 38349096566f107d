"""Serves the gateway with uvicorn."""

from __future__ import annotations

import uvicorn

from bot.gateway.app import create_app
from bot.gateway.patience import ImpatientProtocol
from bot.logs import configure_logging
from bot.settings import Settings


def serve(settings: Settings) -> None:
    """Serve until stopped; running deliveries are given some seconds to end."""
    configure_logging(settings.log_level, "gateway")
    uvicorn.run(
        create_app(settings),
        host=settings.gateway_host,
        port=settings.gateway_port,
        log_config=None,
        access_log=False,
        http=ImpatientProtocol,
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=15,
    )

"""Serves the gateway with uvicorn."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import datetime

import uvicorn

from bot.gateway.app import create_app, utc_now
from bot.gateway.connections import CuttableConnections
from bot.gateway.patience import ImpatientProtocol
from bot.gateway.widget.feed import Feed
from bot.logs import configure_logging
from bot.settings import Settings

BACKLOG = 2048


class Server(uvicorn.Server):
    """Ends what would never end by itself (streams to browsers) before it waits for the rest."""

    def __init__(self, config: uvicorn.Config, streams: Feed) -> None:
        super().__init__(config)
        self.streams = streams

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Shut down."""
        self.streams.stop()
        await super().shutdown(sockets)


def server(settings: Settings, clock: Callable[[], datetime] = utc_now) -> Server:
    """Return the gateway's server; it does not run yet."""
    app = create_app(settings, clock)
    config = uvicorn.Config(
        CuttableConnections(app),
        host=settings.gateway_host,
        port=settings.gateway_port,
        backlog=BACKLOG,
        log_config=None,
        access_log=False,
        http=ImpatientProtocol,
        ws="none",
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_graceful_shutdown=15,
    )
    return Server(config, app.state.feed)


def serve(settings: Settings, clock: Callable[[], datetime] = utc_now) -> None:
    """Serve until stopped; running deliveries are given some seconds to end."""
    configure_logging(settings.log_level, "gateway")
    server(settings, clock).run()

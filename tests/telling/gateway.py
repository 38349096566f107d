"""Starts a gateway at a time of its own whose schedule ticks all the time, not once a minute."""

from __future__ import annotations

import asyncio
import os
from datetime import datetime, timedelta, timezone

import uvicorn

from bot.gateway.app import create_app
from bot.logs import configure_logging
from bot.settings import load_settings

OFFSET = "TELLING_CLOCK_OFFSET"
TICK_SECONDS = 1.0


async def main() -> None:
    """Serve until stopped."""
    offset = timedelta(seconds=float(os.environ[OFFSET]))
    settings = load_settings()
    configure_logging(settings.log_level, "gateway")
    app = create_app(settings, lambda: datetime.now(timezone.utc) + offset)
    address = {"host": settings.gateway_host, "port": settings.gateway_port}
    running = uvicorn.Server(uvicorn.Config(app, ws="none", log_config=None, **address))
    serving = asyncio.create_task(running.serve())
    while not serving.done():
        await asyncio.sleep(TICK_SECONDS)
        if running.started:
            await app.state.schedule.tick()


if __name__ == "__main__":
    asyncio.run(main())

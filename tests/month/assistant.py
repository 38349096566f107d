"""The trained assistant with its channel, behind real HTTP, in a thread of this process.

It is here and not in a process of its own so that its actions go by the month's clock.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from rasa.core.agent import Agent
from rasa.core.run import configure_app
from sanic import Sanic
from sanic.server import AsyncioServer
from threadpoolctl import threadpool_limits

from actions.resources import Resources, give
from bot.channels.gateway import GatewayChannel
from bot.db.session import Database
from bot.desk.routing_file import load_routing
from bot.faq.book import load_book
from bot.faq.live import LiveBook
from bot.faq.nlg import AnswerBookGenerator
from bot.settings import ROOT, Settings

from ..privacy.outsider import ActionsInProcess

START_SECONDS = 60


@contextmanager
def running_assistant(
    settings: Settings, model: Path, listener: socket.socket, clock: Callable[[], datetime]
) -> Iterator[None]:
    """Serve turns on a socket that listens already."""
    Sanic.test_mode = True
    routing = load_routing(settings.data_dir / "routing.yml", settings.hr_channels)
    book = load_book(settings.data_dir, ROOT / "domain.yml")
    database = Database(settings.database_url)
    live = LiveBook(book, database)
    give(Resources(database, routing, live, now=clock, today=lambda: clock().date()))
    loop, is_ready, is_over = asyncio.new_event_loop(), threading.Event(), asyncio.Event()

    async def serve() -> None:
        agent = Agent(
            generator=AnswerBookGenerator(settings=settings), action_endpoint=ActionsInProcess()
        )
        agent.load_model(model)
        app = configure_app([GatewayChannel(settings)], enable_api=False)
        app.ctx.agent = agent
        server: AsyncioServer = await app.create_server(
            sock=listener, return_asyncio_server=True, access_log=False
        )
        await server.startup()
        is_ready.set()
        await is_over.wait()
        server.close()
        await server.wait_closed()

    thread = threading.Thread(
        target=lambda: (asyncio.set_event_loop(loop), loop.run_until_complete(serve())),
        name="assistant",
        daemon=True,
    )
    # Many threads for small products cost more than they save.
    with threadpool_limits(1):
        thread.start()
        try:
            if not is_ready.wait(START_SECONDS):
                raise TimeoutError("the assistant didn't start")
            yield
        finally:
            loop.call_soon_threadsafe(is_over.set)
            thread.join(START_SECONDS)
            database.dispose()

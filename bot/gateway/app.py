"""The gateway as a web application: its routes, its workers, and how they start and stop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta, timezone

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.db.models import InboxRow, OutboxRow
from bot.db.queues import release_claims_of
from bot.db.session import Database
from bot.errors import DatabaseUnreachableError
from bot.faq.book import load_book
from bot.gateway.addresses import AddressBook
from bot.gateway.assistant_client import (
    AssistantClient,
    AssistantUnavailableError,
    TurnRefusedError,
)
from bot.gateway.outbox import FORGET_TURNS, Outbox, RefusedError, TryLaterError
from bot.gateway.schedule import Schedule
from bot.gateway.shared import Shared
from bot.gateway.slack.app import build_app
from bot.gateway.slack.client import Slack, web_client
from bot.gateway.slack.profiles import Profiles
from bot.gateway.turns import Patience, TurnHandler
from bot.gateway.widget.wiring import Widget
from bot.gateway.wiring import Chat, HRDesk, by_place
from bot.gateway.wording import load_wording
from bot.gateway.worker import QueueWorker
from bot.nlu.crisis import detect
from bot.privacy.sealing import Seal
from bot.settings import ROOT, Settings

log = structlog.get_logger(__name__)

INBOX_LEASE = timedelta(seconds=45)
OUTBOX_LEASE = timedelta(seconds=60)
CONCURRENT_TURNS = 16
CONCURRENT_DELIVERIES = 16
DRAIN_SECONDS = 10.0
HOLDING_CHECK_SECONDS = 0.5
MAX_BODY_BYTES = 1_000_000


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(timezone.utc)


class Gateway:
    """Everything the gateway holds, wired once."""

    def __init__(
        self,
        settings: Settings,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.settings = settings
        self.database = Database(settings.database_url)
        self.assistant = AssistantClient(settings.assistant_url, settings.internal_token)
        worker = f"{socket.gethostname()}:{settings.gateway_port}"
        self._worker = worker
        wording = load_wording(settings.data_dir)
        self.slack = Slack(
            web_client(settings.slack_bot_token, settings.slack_api_url),
            wording,
        )
        seal = Seal(settings.encryption_key)
        shared = Shared(
            settings=settings,
            database=self.database,
            slack=self.slack,
            seal=seal,
            addresses=AddressBook(seal),
            wording=wording,
            book=load_book(settings.data_dir, ROOT / "domain.yml"),
            clock=clock,
            on_inbox=lambda: self._inbox_worker.wake(),
            on_outbox=lambda: self._outbox_worker.wake(),
        )
        self.desk = HRDesk(shared)
        chat = Chat(shared, self.desk)
        self.widget = Widget(
            shared, self.desk.routing, chat.replies, self.desk.cards.post_in_thread
        )
        self._outbox_worker = QueueWorker(
            self.database,
            OutboxRow,
            Outbox(
                self.database,
                {
                    **by_place(chat.deliverers(), self.widget.deliverers()),
                    "tracker_events": self._append_events,
                    FORGET_TURNS: self._forget_turns,
                },
                worker=worker,
                clock=clock,
            ).handle,
            worker=worker,
            clock=clock,
            concurrency=CONCURRENT_DELIVERIES,
            lease=OUTBOX_LEASE,
        )
        self._schedule = Schedule(
            self.database,
            {**self.desk.jobs(), **self.widget.jobs()},
            self.desk.channels.check,
            clock=clock,
            on_outbox=self._outbox_worker.wake,
        )
        self._profiles = Profiles(self.database, self.slack, seal, clock=clock)
        self._turns = TurnHandler(
            self.database,
            self.assistant,
            shared.addresses,
            chat.people,
            chat.discretion,
            chat.replies,
            Patience(settings.holding_notice_seconds, settings.reply_deadline_seconds),
            worker=worker,
            clock=clock,
            before_turn=self._profiles.before_turn,
            on_outbox=self._outbox_worker.wake,
        )
        self._inbox_worker = QueueWorker(
            self.database,
            InboxRow,
            self._turns.handle,
            worker=worker,
            clock=clock,
            concurrency=CONCURRENT_TURNS,
            lease=INBOX_LEASE,
        )
        # The desk first: what is said in a card's thread stays there.
        self.bolt = build_app(settings, self.slack, [*self.desk.listeners(), *chat.listeners()])

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the workers (and Socket Mode, if set) as long as the context lasts."""
        # Its phrases are read and compiled now, not while the first person waits.
        detect("")
        with self.database.write() as session:
            freed = release_claims_of(session, self._worker)
        log.info("gateway.started", freed_claims=freed, socket_mode=self._uses_socket_mode)
        tasks = [
            asyncio.create_task(self._inbox_worker.run()),
            asyncio.create_task(self._outbox_worker.run()),
            asyncio.create_task(self._watch_for_waiting()),
            asyncio.create_task(self.widget.feed.run()),
        ]
        self._schedule.start()
        socket_mode = await self._connect_socket_mode()
        try:
            yield
        finally:
            if socket_mode is not None:
                await socket_mode.close_async()
            self.widget.feed.stop()
            self._schedule.stop()
            await self._inbox_worker.stop(DRAIN_SECONDS)
            await self._outbox_worker.stop(DRAIN_SECONDS)
            await self._profiles.stop()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.assistant.close()
            self.database.dispose()
            log.info("gateway.stopped")

    async def not_ready(self) -> list[str]:
        """Return what is missing for answering people; empty when all is well."""
        missing = []
        try:
            await asyncio.to_thread(self.database.check)
        except DatabaseUnreachableError:
            missing.append("the database does not answer")
        if not await self.assistant.is_ready():
            missing.append("the assistant does not answer")
        if await self.slack.identity() is None:
            missing.append("Slack does not accept the bot token or is out of reach")
        return missing

    @property
    def _uses_socket_mode(self) -> bool:
        return bool(self.settings.slack_app_token)

    async def _connect_socket_mode(self) -> AsyncSocketModeHandler | None:
        if not self._uses_socket_mode:
            return None
        handler = AsyncSocketModeHandler(
            self.bolt, self.settings.slack_app_token, web_client=self.slack.web
        )
        self._connecting = asyncio.create_task(handler.connect_async())
        return handler

    async def _watch_for_waiting(self) -> None:
        while True:
            await asyncio.sleep(HOLDING_CHECK_SECONDS)
            try:
                await self._turns.send_holding_notices()
            except Exception:
                log.exception("gateway.watch_failed")

    async def _append_events(self, row: OutboxRow) -> None:
        body = {
            "delivery_key": row.delivery_key,
            "conversation": row.conversation_id,
            "events": row.payload["events"],
        }
        await _in_outbox_words(self.assistant.append_events(body))

    async def _forget_turns(self, row: OutboxRow) -> None:
        body = {"conversation": row.conversation_id, "turns": row.payload["turns"]}
        await _in_outbox_words(self.assistant.forget(body))


async def _in_outbox_words(call: Awaitable[None]) -> None:
    try:
        await call
    except AssistantUnavailableError as error:
        raise TryLaterError(str(error)) from error
    except TurnRefusedError as error:
        raise RefusedError(error.reason) from error


def create_app(settings: Settings, clock: Callable[[], datetime] = utc_now) -> Starlette:
    """Return the ASGI application."""
    gateway = Gateway(settings, clock)
    slack_requests = AsyncSlackRequestHandler(gateway.bolt)

    async def slack_events(request: Request) -> Response:
        # Slack always says how long its requests are.
        length = request.headers.get("content-length", "")
        if not length.isdecimal():
            return JSONResponse({"error": "length_required"}, status_code=411)
        if int(length) > MAX_BODY_BYTES:
            return JSONResponse({"error": "too_large"}, status_code=413)
        return await slack_requests.handle(request)

    async def healthz(request: Request) -> Response:  # noqa: ARG001
        return JSONResponse({"status": "ok"})

    async def readyz(request: Request) -> Response:  # noqa: ARG001
        missing = await gateway.not_ready()
        state = {
            "ready": not missing,
            "missing": missing,
            "warnings": gateway.desk.channels.warnings,
        }
        return JSONResponse(state, 503 if missing else 200)

    async def metrics(request: Request) -> Response:  # noqa: ARG001
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:  # noqa: ARG001
        async with gateway.running():
            yield

    def get(path: str, endpoint: Callable[[Request], Awaitable[Response]]) -> Route:
        return Route(path, endpoint, methods=["GET"])

    app = Starlette(
        lifespan=lifespan,
        routes=[
            Route("/slack/events", slack_events, methods=["POST"]),
            get("/healthz", healthz),
            get("/readyz", readyz),
            get("/metrics", metrics),
            *gateway.widget.routes(),
        ],
    )
    app.state.feed = gateway.widget.feed
    return app

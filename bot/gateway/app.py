"""The gateway as a web application: its routes, its workers, and how they start and stop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta, timezone

import structlog
from prometheus_client import CONTENT_TYPE_LATEST
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.db.models import InboxRow, OutboxRow
from bot.db.queues import release_claims_of
from bot.db.session import Database
from bot.faq.book import load_book
from bot.faq.live import LOOKED_AT_EVERY_SECONDS, LiveBook
from bot.gateway.addresses import AddressBook
from bot.gateway.assistant_client import (
    AssistantClient,
    AssistantUnavailableError,
    TurnRefusedError,
)
from bot.gateway.gauges import exposition
from bot.gateway.health import Health
from bot.gateway.listening import Listening
from bot.gateway.metrics import acknowledging
from bot.gateway.outbox import FORGET_TURNS, Outbox, RefusedError, TryLaterError
from bot.gateway.schedule import Schedule
from bot.gateway.shared import Shared
from bot.gateway.shield import ShieldedApp
from bot.gateway.slack.app import build_app
from bot.gateway.slack.client import Slack, web_client
from bot.gateway.slack.profiles import Profiles
from bot.gateway.slack.socket_mode import SocketMode
from bot.gateway.telling import Telling
from bot.gateway.turns import Patience, TurnHandler
from bot.gateway.widget.wiring import Widget
from bot.gateway.wiring import Chat, HRDesk
from bot.gateway.wording import load_wording
from bot.gateway.worker import QueueWorker
from bot.nlu.crisis import detect
from bot.privacy import redaction
from bot.privacy.sealing import Seal
from bot.privacy.signing import has_bearer
from bot.settings import ROOT, Settings

log = structlog.get_logger(__name__)

INBOX_LEASE = timedelta(seconds=45)
OUTBOX_LEASE = timedelta(seconds=60)
CONCURRENT_TURNS = 16
CONCURRENT_DELIVERIES = 16
HOLDING_CHECK_SECONDS = 0.5
LOOPBACK = {"127.0.0.1", "::1"}


def utc_now() -> datetime:
    """Return the time, as a clock for the gateway."""
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
        self.assistant = AssistantClient(settings.assistant_urls, settings.internal_token)
        worker = f"{socket.gethostname()}:{settings.gateway_port}"
        self._worker = worker
        redaction.prepare()
        wording = load_wording(settings.data_dir)
        self.slack = Slack(
            web_client(settings.slack_bot_token, settings.slack_api_url),
            wording,
        )
        seal = Seal(settings.encryption_key)
        book = load_book(settings.data_dir, ROOT / "domain.yml")
        self._live_book = LiveBook(book, self.database)
        shared = Shared(
            settings=settings,
            database=self.database,
            assistant=self.assistant,
            slack=self.slack,
            seal=seal,
            addresses=AddressBook(seal),
            wording=wording,
            live=self._live_book,
            clock=clock,
            on_inbox=lambda: self._inbox_worker.wake(),
            on_outbox=lambda: self._outbox_worker.wake(),
        )
        self.desk = HRDesk(shared)
        telling = Telling(shared, self.desk)
        self.listening = Listening(shared, self.desk)
        chat = Chat(shared, self.desk, telling.wishes)
        self.widget = Widget(
            shared, self.desk.routing, chat.replies, self.desk.cards.post_in_thread
        )
        outbox = Outbox(
            self.database,
            {
                **chat.deliverers(),
                **self.widget.deliverers(),
                **telling.deliverers(),
                **self.listening.deliverers(),
                "tracker_events": self._append_events,
                FORGET_TURNS: self._forget_turns,
            },
            self.widget.on_page(),
            worker=worker,
            clock=clock,
        )
        self._outbox_worker = QueueWorker(
            self.database,
            OutboxRow,
            outbox.handle,
            worker=worker,
            clock=clock,
            concurrency=CONCURRENT_DELIVERIES,
            lease=OUTBOX_LEASE,
        )
        self.schedule = Schedule(
            self.database,
            {
                **self.desk.jobs(),
                **chat.jobs(),
                **self.widget.jobs(),
                **telling.jobs(),
                **self.listening.jobs(),
            },
            (self.desk.channels.check, telling.roster.check),
            clock=clock,
            on_outbox=self._outbox_worker.wake,
            then={"purge": self.database.empty_log},
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
            at_once=outbox.at_once,
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
        listeners = [
            *self.desk.listeners(),
            *self.listening.listeners(),
            *telling.listeners(),
            *chat.listeners(),
        ]
        self.bolt = build_app(settings, self.slack, listeners)
        self._socket_mode: SocketMode | None = None
        self.health = Health(
            self.database,
            self.assistant,
            self.slack,
            {"inbox": self._inbox_worker, "outbox": self._outbox_worker},
            self._is_socket_connected,
            lambda: self.desk.channels.warnings,
            clock,
        )

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the workers (and Socket Mode, if set) as long as the context lasts."""
        # Its phrases are read and compiled now, not while the first person waits.
        detect("")
        freed = self._give_back_claims()
        is_socket = bool(self.settings.slack_app_token)
        log.info("gateway.started", freed_claims=freed, socket_mode=is_socket)
        tasks = [
            asyncio.create_task(self._inbox_worker.run()),
            asyncio.create_task(self._outbox_worker.run()),
            asyncio.create_task(self._watch_for_waiting()),
            asyncio.create_task(self.widget.feed.run()),
            asyncio.create_task(self._watch_for_edits()),
        ]
        self.schedule.start()
        if is_socket:
            self._socket_mode = SocketMode(
                self.bolt, self.settings.slack_app_token, web_client=self.slack.web
            )
            tasks.append(asyncio.create_task(self._socket_mode.connect_async()))
        try:
            yield
        finally:
            self.widget.feed.stop()
            await self._drain()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.assistant.close()
            self.database.dispose()
            log.info("gateway.stopped")

    async def _drain(self) -> None:
        """Take nothing new, end what is under way, and leave the rest to whoever comes next."""
        until = time.monotonic() + self.settings.drain_seconds
        if self._socket_mode is not None:
            await self._socket_mode.close_async()
        self.schedule.stop()
        for worker in (self._inbox_worker, self._outbox_worker):
            await worker.stop(max(until - time.monotonic(), 0.0))
        await self._profiles.stop()
        try:
            given_back = await asyncio.to_thread(self._give_back_claims)
        except SQLAlchemyError as error:
            # The leases run out by themselves.
            log.error("gateway.claims_kept", error=type(error).__name__)
        else:
            log.info("gateway.drained", given_back=given_back)

    def _give_back_claims(self) -> int:
        with self.database.write() as session:
            return release_claims_of(session, self._worker)

    async def _is_socket_connected(self) -> bool | None:
        if not self.settings.slack_app_token:
            return None
        return self._socket_mode is not None and await self._socket_mode.client.is_connected()

    async def _watch_for_waiting(self) -> None:
        while True:
            await asyncio.sleep(HOLDING_CHECK_SECONDS)
            try:
                await self._turns.send_holding_notices()
            except Exception:
                log.exception("gateway.watch_failed")

    async def _watch_for_edits(self) -> None:
        while True:
            await asyncio.to_thread(self._live_book.refresh)
            await asyncio.sleep(LOOKED_AT_EVERY_SECONDS)

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
        if not request.headers.get("content-length", "").isdecimal():
            return JSONResponse({"error": "length_required"}, status_code=411)
        with acknowledging("http"):
            return await slack_requests.handle(request)

    async def healthz(request: Request) -> Response:  # noqa: ARG001
        return JSONResponse({"status": "ok"})

    async def readyz(request: Request) -> Response:  # noqa: ARG001
        report = await gateway.health.report()
        return JSONResponse(report.as_json(), 503 if report.missing else 200)

    async def metrics(request: Request) -> Response:
        if not _may_read_metrics(request, settings):
            return JSONResponse({"error": "not_found"}, status_code=404)
        report = await gateway.health.report()
        return Response(exposition(report), media_type=CONTENT_TYPE_LATEST)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:  # noqa: ARG001
        async with gateway.running():
            yield

    def get(path: str, endpoint: Callable[[Request], Awaitable[Response]]) -> Route:
        return Route(path, endpoint, methods=["GET"])

    app = ShieldedApp(
        hsts=settings.production,
        lifespan=lifespan,
        routes=[
            Route("/slack/events", slack_events, methods=["POST"]),
            get("/healthz", healthz),
            get("/readyz", readyz),
            get("/metrics", metrics),
            *gateway.widget.routes(),
            *gateway.listening.routes(),
        ],
    )
    app.state.feed = gateway.widget.feed
    app.state.schedule = gateway.schedule
    return app


def _may_read_metrics(request: Request, settings: Settings) -> bool:
    """Say whether who asks has the token; without one, it is for this machine's developer only.

    A proxy's requests come from this machine as well, so that loopback proves nothing in
    production.
    """
    if settings.metrics_tokens:
        return has_bearer(request.headers, settings.metrics_tokens)
    client = request.client.host if request.client else ""
    return not settings.production and client in LOOPBACK

"""The stream of a conversation's events to one browser (server-sent events).

A stream holds no queue: woken, it reads what comes next from the table, and sends it as fast as
the browser takes it. Who takes nothing for some seconds is cut off, and resumes when they can.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

import anyio
import structlog
from sqlalchemy.engine import Row
from starlette.types import Receive, Scope, Send

from bot.db.session import Database
from bot.gateway.connections import CUT
from bot.gateway.widget.events import ASSISTANT, DELETED, ME, events_after, shown
from bot.gateway.widget.feed import Feed, Listener

log = structlog.get_logger(__name__)

BATCH = 50
PING_SECONDS = 15.0
SEND_SECONDS = 10.0
# Every so many pings a stream looks for itself, should a wake-up have been lost.
PINGS_TO_LOOK = 4
TYPING_AT_MOST = timedelta(seconds=100)
BEFORE = datetime.min.replace(tzinfo=timezone.utc)
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    # Or nginx would keep events back until it has a bufferful.
    (b"x-accel-buffering", b"no"),
]


@dataclass
class EventStream:
    """An ASGI response that replays what comes after an event, then goes on live."""

    database: Database
    feed: Feed
    clock: Callable[[], datetime]
    session_id: str
    conversation_id: str
    after: int
    _unanswered: int = field(default=0, init=False)
    _typing_until: datetime = field(default=BEFORE, init=False)
    _is_shown_typing: bool = field(default=False, init=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream until the browser leaves, the session ends, or the process stops."""
        streaming = asyncio.create_task(self._stream(send))
        leaving = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait({streaming, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (streaming, leaving):
                task.cancel()
            ended = await asyncio.gather(streaming, leaving, return_exceptions=True)
        if isinstance(ended[0], TimeoutError):
            log.info("widget.slow_reader")
            # Closing would wait until what is buffered has been taken.
            cut = scope.get(CUT)
            if cut is not None:
                cut()
                await _left(receive)
        elif isinstance(ended[0], Exception):
            raise ended[0]

    async def _stream(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        with self.feed.listening(self.conversation_id, self.session_id) as listener:
            # A first byte at once: proxies and browsers then know that it is open.
            await self._send(send, ": open\n\n")
            is_live = False
            while not listener.is_over:
                listener.news.clear()
                if not await self._catch_up(send, listener):
                    break
                if not is_live:
                    # What came before was history, which a page doesn't read out.
                    await self._send(send, ": caught-up\n\n")
                    is_live = True
                await self._wait(send, listener.news)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _catch_up(self, send: Send, listener: Listener) -> bool:
        """Send all there is; return whether the stream goes on."""
        events: list[Row] | None = None
        while events is None or len(events) == BATCH:
            end, events = await asyncio.to_thread(self._next)
            for event in events:
                if event.kind == DELETED:
                    end = DELETED
                    break
                self.after, listener.newest = event.number, event.id
                self._note(event)
                await self._send(send, _event(event.kind, shown(event), event.number))
            if end is not None:
                await self._send(send, _event(end, {}))
                return False
        await self._show_typing(send)
        return True

    async def _wait(self, send: Send, news: asyncio.Event) -> None:
        for _ in range(PINGS_TO_LOOK):
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(news.wait(), PING_SECONDS)
            if news.is_set():
                return
            await self._show_typing(send)
            await self._send(send, ": ping\n\n")

    def _next(self) -> tuple[str | None, list[Row]]:
        with self.database.look() as reading:
            expires_at, events = events_after(reading, self.session_id, self.after, BATCH)
        if expires_at is None:
            return DELETED, []
        return ("expired" if expires_at <= self.clock() else None), events

    def _note(self, event: Row) -> None:
        """Note how many messages still wait for their answers, and for how long at most."""
        said_by = event.payload.get("from")
        if said_by == ME:
            self._unanswered += 1
            self._typing_until = event.created_at + TYPING_AT_MOST
        elif said_by == ASSISTANT and not event.payload.get("_holding"):
            self._unanswered = max(0, self._unanswered - 1)

    async def _show_typing(self, send: Send) -> None:
        is_typing = self._unanswered > 0 and self._typing_until > self.clock()
        if not is_typing:
            self._unanswered = 0
        if is_typing != self._is_shown_typing:
            self._is_shown_typing = is_typing
            await self._send(send, _event("typing", {"on": is_typing}))

    async def _send(self, send: Send, text: str) -> None:
        with anyio.fail_after(SEND_SECONDS):
            await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


def _event(name: str, data: dict[str, Any], number: int | None = None) -> str:
    numbered = f"id: {number}\n" if number is not None else ""
    return f"{numbered}event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue

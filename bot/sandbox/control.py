"""The control routes under /sandbox/: what the page, the terminal and tests tell the sandbox."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.sandbox import snapshot
from bot.sandbox.core import Sandbox
from bot.sandbox.delivery import Reply
from bot.sandbox.faults import Fault
from bot.sandbox.interactions import Interactions
from bot.sandbox.model import RefusedError

Json = dict[str, Any]
KEEP_ALIVE_S = 15.0
CAREERS_TIMEOUT_S = 2.0


class Control:
    """The control routes of one sandbox.

    POST routes take JSON only: a web page of somebody else cannot send that to
    localhost without a preflight, which is not answered.
    """

    def __init__(self, sandbox: Sandbox, interactions: Interactions) -> None:
        self._sandbox = sandbox
        self._workspace = sandbox.workspace
        self._do = interactions

    def routes(self) -> list[Route]:
        """All control routes, to be mounted under /sandbox."""
        reading = {
            "people": self._people,
            "health": self._health,
            "messages": self._messages,
            "view": self._view,
            "home": self._home,
            "calls": self._calls,
            "attempts": self._attempts,
        }
        doing = {
            "say": self._say,
            "edit": self._edit,
            "delete": self._delete,
            "click": self._click,
            "submit": self._submit,
            "close": self._close,
            "command": self._command,
            "shortcut": self._shortcut,
            "home": self._open_home,
            "assistant": self._open_assistant,
            "faults": self._faults,
            "socket/refresh": self._refresh_socket,
        }
        return [
            Route("/stream", self._stream, methods=["GET"]),
            Route("/careers", self._careers, methods=["GET"]),
            *(Route(f"/{n}", _reading(f), methods=["GET"]) for n, f in reading.items()),
            *(Route(f"/{n}", _doing(f), methods=["POST"]) for n, f in doing.items()),
        ]

    # Reading

    def _people(self, query: Json) -> Json:  # noqa: ARG002
        return snapshot.people_and_channels(self._workspace)

    def _health(self, query: Json) -> Json:  # noqa: ARG002
        return {"trouble": snapshot.trouble_of(self._workspace)}

    def _messages(self, query: Json) -> Json:
        user_id = _need(query, "user")
        channel_id = query.get("channel") or self._workspace.dm(user_id).id
        return {
            "channel": channel_id,
            "messages": snapshot.channel_as_seen(self._workspace, user_id, channel_id),
            "status": snapshot.status_of(self._workspace, channel_id),
            "assistant": snapshot.assistant_threads_of(self._workspace, channel_id),
        }

    def _view(self, query: Json) -> Json:
        return {"view": snapshot.view_as_seen(self._workspace.open_view(_need(query, "user")))}

    def _home(self, query: Json) -> Json:
        return {"view": snapshot.view_as_seen(self._workspace.home(_need(query, "user")))}

    def _calls(self, query: Json) -> Json:
        wanted = query.get("method")
        calls = [c for c in self._workspace.calls if wanted in (None, c.method)]
        return {"calls": [asdict(call) for call in calls]}

    def _attempts(self, query: Json) -> Json:  # noqa: ARG002
        return {"attempts": [asdict(attempt) for attempt in self._workspace.attempts]}

    async def _stream(self, request: Request) -> Response:  # noqa: ARG002
        loop = asyncio.get_running_loop()
        changed = asyncio.Event()
        changed.set()
        unsubscribe = self._workspace.subscribe(lambda: loop.call_soon_threadsafe(changed.set))
        closing = asyncio.ensure_future(self._sandbox.closing.wait())

        async def lines() -> AsyncIterator[str]:
            try:
                while not closing.done():
                    change = asyncio.ensure_future(changed.wait())
                    await asyncio.wait(
                        (change, closing),
                        timeout=KEEP_ALIVE_S,
                        return_when=asyncio.FIRST_COMPLETED,
                    )
                    change.cancel()
                    changed.clear()
                    yield f"data: {json.dumps({'revision': self._workspace.revision})}\n\n"
            finally:
                closing.cancel()
                unsubscribe()

        headers = {"Cache-Control": "no-store"}
        return StreamingResponse(lines(), media_type="text/event-stream", headers=headers)

    async def _careers(self, request: Request) -> Response:  # noqa: ARG002
        """Tell where the careers page is, once the gateway shows it."""
        url = self._sandbox.careers_url
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=CAREERS_TIMEOUT_S) as http:
                is_there = (await http.head(url)).is_success
        except httpx.HTTPError:
            is_there = False
        return JSONResponse({"ok": True, "url": url if is_there else None})

    # Doing

    async def _say(self, body: Json) -> Json:
        message = self._do.say(
            _need(body, "user"),
            body.get("text", ""),
            body.get("channel"),
            body.get("thread_ts"),
            body.get("files", ()),
        )
        return {"ts": message.ts, "channel": message.channel}

    async def _edit(self, body: Json) -> Json:
        names = ("user", "channel", "ts", "text")
        return {"ts": self._do.edit(*(_need(body, name) for name in names)).ts}

    async def _delete(self, body: Json) -> Json:
        self._do.delete(*(_need(body, name) for name in ("user", "channel", "ts")))
        return {}

    async def _click(self, body: Json) -> Json:
        reply = await self._do.click(
            _need(body, "user"),
            text=body.get("text"),
            action_id=body.get("action_id"),
            value=body.get("value"),
            channel_id=body.get("channel"),
            ts=body.get("ts"),
            state=body.get("state"),
        )
        return _reply(reply)

    async def _submit(self, body: Json) -> Json:
        done = await self._do.submit(_need(body, "user"), body.get("values"))
        answered = _reply(done.reply) if done.reply else {"acknowledged": False, "reason": None}
        return {**answered, "errors": done.errors, "is_open": done.is_open}

    async def _close(self, body: Json) -> Json:
        await self._do.close(_need(body, "user"))
        return {}

    async def _command(self, body: Json) -> Json:
        return _reply(
            await self._do.command(
                _need(body, "user"),
                _need(body, "command"),
                body.get("text", ""),
                body.get("channel"),
            )
        )

    async def _shortcut(self, body: Json) -> Json:
        return _reply(
            await self._do.shortcut(
                _need(body, "user"),
                _need(body, "callback_id"),
                body.get("channel"),
                body.get("ts"),
            )
        )

    async def _open_home(self, body: Json) -> Json:
        self._do.open_home(_need(body, "user"))
        return {}

    async def _open_assistant(self, body: Json) -> Json:
        return {"ts": self._do.open_assistant(_need(body, "user")).ts}

    async def _faults(self, body: Json) -> Json:
        faults = self._sandbox.faults
        if body.get("clear"):
            faults.clear()
            self._sandbox.delivery.release()
        if "method" in body:
            try:
                fault = Fault(**body["fault"])
            except (KeyError, TypeError) as error:
                raise RefusedError("invalid_fault") from error
            faults.fail(body["method"], fault, int(body.get("times", 1)))
        if "duplicate_events" in body:
            faults.duplicate_events(int(body["duplicate_events"]), int(body.get("times", 1)))
        if "reorder_events" in body:
            faults.reorder_events(int(body["reorder_events"]))
        return {}

    async def _refresh_socket(self, body: Json) -> Json:
        await self._sandbox.hub.refresh(body.get("reason", "refresh_requested"))
        return {}


def _reply(reply: Reply) -> Json:
    return {"acknowledged": reply.is_ok, "reason": reply.error}


def _need(members: Json, name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str) or not value:
        raise RefusedError("missing_argument", argument=name)
    return value


def _reading(read: Callable[[Json], Json]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return _answer(lambda: read(dict(request.query_params)))

    return endpoint


def _doing(do: Callable[[Json], Awaitable[Json]]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        if "application/json" not in request.headers.get("content-type", ""):
            return JSONResponse({"ok": False, "error": "json_only"}, status_code=415)
        try:
            body = json.loads(await request.body() or b"{}")
        except ValueError:
            return JSONResponse({"ok": False, "error": "invalid_json"}, status_code=400)
        try:
            done = await do(body if isinstance(body, dict) else {})
        except RefusedError as refusal:
            return _refused(refusal)
        return JSONResponse({"ok": True, **done})

    return endpoint


def _answer(read: Callable[[], Json]) -> Response:
    try:
        return JSONResponse({"ok": True, **read()})
    except RefusedError as refusal:
        return _refused(refusal)


def _refused(refusal: RefusedError) -> Response:
    body = {"ok": False, "error": refusal.code, "details": refusal.details}
    return JSONResponse(body, status_code=400)

"""A tiny real app that plays ours: records what it gets, answers as told."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import pytest
import uvicorn
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

Json = dict[str, Any]
SECRET = "a-signing-secret"


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def refused(call: Callable[..., Any], *arguments: Any, **named: Any) -> Json:
    """The answer to a call that Slack refuses."""
    with pytest.raises(SlackApiError) as caught:
        call(*arguments, **named)
    return caught.value.response.data


@dataclass(frozen=True)
class Received:
    """One request as the app got it."""

    payload: Json
    headers: dict[str, str]
    is_signed: bool

    @property
    def event(self) -> Json:
        return self.payload.get("event", {})


@dataclass
class AppDouble:
    """An app that records what it gets and answers as told: `answer(payload)`, or empty."""

    answer: Callable[[Json], Response | None] = lambda payload: None
    received: list[Received] = field(default_factory=list)
    url: str = ""
    changed: threading.Condition = field(default_factory=threading.Condition)

    async def endpoint(self, request: Request) -> Response:
        body = await request.body()
        headers = dict(request.headers)
        payload = _parsed(body.decode(), headers["content-type"])
        is_signed = SignatureVerifier(SECRET).is_valid_request(body, headers)
        with self.changed:
            self.received.append(Received(payload, headers, is_signed))
            self.changed.notify_all()
        answer = await asyncio.to_thread(self.answer, payload)
        return answer or PlainTextResponse("")

    def forget(self) -> None:
        """Be as if new."""
        self.received = []
        self.answer = lambda payload: None

    def of_kind(self, kind: str) -> list[Received]:
        found = list(self.received)
        return [r for r in found if kind in (r.payload.get("type"), r.event.get("type"))]

    def wait_for(self, kind: str, count: int = 1, timeout: float = 5.0) -> list[Received]:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.of_kind(kind)) >= count, timeout), (
                f"got {len(self.of_kind(kind))} of {kind}, wanted {count}"
            )
        return self.of_kind(kind)


def _parsed(body: str, content_type: str) -> Json:
    if "json" in content_type:
        return json.loads(body)
    fields = {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}
    return json.loads(fields["payload"]) if "payload" in fields else fields


@contextmanager
def running_app() -> Iterator[AppDouble]:
    """Serve the app on a free port."""
    double = AppDouble()
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    double.url = f"http://127.0.0.1:{listener.getsockname()[1]}/slack/events"
    starlette = Starlette(routes=[Route("/slack/events", double.endpoint, methods=["POST"])])
    server = uvicorn.Server(
        uvicorn.Config(
            starlette, ws="none", log_config=None, lifespan="off", timeout_graceful_shutdown=1
        )
    )
    thread = threading.Thread(target=lambda: server.run(sockets=[listener]), daemon=True)
    thread.start()
    yield double
    server.should_exit = True
    thread.join(10)

"""Real small servers that play the gateway's neighbours, one thread each."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.privacy.signing import is_signed

Json = dict[str, Any]
TOKEN = "an-internal-token-for-tests"


def reply(text: str = "Half of it.", audience: str | None = "employee", **more: Any) -> Json:
    """Make what the assistant answers to a turn."""
    metadata = {"audience": audience} if audience else {}
    return {
        "messages": [{"text": text, "buttons": [], "metadata": metadata}],
        "kind": "faq",
        "decision": "answer",
        "topic": "benefits/dental",
        "confidence": 0.9,
        **more,
    }


@dataclass
class AssistantDouble:
    """Answers each turn as told: a body, or (status, body). Keeps what it was asked.

    `status` is what it says of itself; `told` is what came to its other routes: the route's
    name and the body.
    """

    url: str = ""
    answer: Callable[[Json], Any] = lambda body: reply()
    status: tuple[int, Json] = (200, {"ready": True, "model": "hrbot-1.tar.gz", "actions": True})
    received: list[Json] = field(default_factory=list)
    told: list[tuple[str, Json]] = field(default_factory=list)
    tells: dict[str, Json] = field(default_factory=dict)
    """What it answers on its other routes, by name."""

    async def ready(self, request: Request) -> Response:
        status, content = self.status
        return JSONResponse(content, status)

    async def endpoint(self, request: Request) -> Response:
        body = await request.body()
        if not is_signed(body, request.headers, [TOKEN], time.time()):
            return JSONResponse({"error": "unsigned"}, status_code=401)
        asked = json.loads(body)
        if request.path_params["route"] != "turn":
            self.told.append((request.path_params["route"], asked))
            return JSONResponse(self.tells.get(request.path_params["route"], {}))
        self.received.append(asked)
        answer = self.answer(asked)
        status, content = answer if isinstance(answer, tuple) else (200, answer)
        return content if isinstance(content, Response) else JSONResponse(content, status)


@contextmanager
def running_assistant() -> Iterator[AssistantDouble]:
    """Serve the assistant's routes on a free port."""
    double = AssistantDouble()
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    double.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    routes = [
        Route("/webhooks/gateway/ready", double.ready, methods=["GET"]),
        Route("/webhooks/gateway/{route}", double.endpoint, methods=["POST"]),
    ]
    app = Starlette(routes=routes)
    server = uvicorn.Server(uvicorn.Config(app, ws="none", log_config=None, lifespan="off"))
    thread = threading.Thread(target=lambda: server.run(sockets=[listener]), daemon=True)
    thread.start()
    yield double
    server.should_exit = True
    thread.join(10)

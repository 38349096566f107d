from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.gateway import shield
from bot.gateway.shield import HEADERS, MAX_BODY_BYTES, ShieldedApp


async def echo(request: Request) -> Response:
    return JSONResponse({"length": len(await request.body())})


async def own(request: Request) -> Response:
    headers = {"Cache-Control": "max-age=60", "Content-Security-Policy": "default-src 'self'"}
    return PlainTextResponse("ok", headers=headers)


async def broken(request: Request) -> Response:
    raise ValueError("a secret of ours")


async def stream(request: Request) -> Response:
    async def parts() -> AsyncIterator[bytes]:
        for number in range(3):
            yield b"%d" % number

    return StreamingResponse(parts())


def app(*, hsts: bool = False) -> ShieldedApp:
    routes = [
        Route("/echo", echo, methods=["POST"]),
        Route("/own", own),
        Route("/broken", broken),
        Route("/stream", stream),
    ]
    return ShieldedApp(hsts=hsts, routes=routes)


def call(method: str, path: str, *, hsts: bool = False, **more: Any) -> httpx.Response:
    async def run() -> httpx.Response:
        transport = httpx.ASGITransport(app(hsts=hsts), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as http:
            return await http.request(method, path, **more)

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/echo", 200),
        ("GET", "/stream", 200),
        ("GET", "/echo", 405),
        ("GET", "/nowhere", 404),
        ("GET", "/broken", 500),
    ],
)
def test_every_answer_carries_the_headers(method: str, path: str, status: int) -> None:
    response = call(method, path)
    assert response.status_code == status
    assert {name: response.headers[name.decode()].encode() for name in HEADERS} == HEADERS
    assert "strict-transport-security" not in response.headers
    assert "secret" not in response.text


def test_a_route_may_say_otherwise_and_the_rest_is_filled_in() -> None:
    response = call("GET", "/own")
    assert response.headers.get_list("cache-control") == ["max-age=60"]
    assert response.headers.get_list("content-security-policy") == ["default-src 'self'"]
    assert response.headers["x-frame-options"] == "DENY"


def test_in_production_browsers_come_by_https_only() -> None:
    assert "max-age" in call("GET", "/own", hsts=True).headers["strict-transport-security"]


def test_a_body_that_says_it_is_too_long_is_not_read() -> None:
    response = call("POST", "/echo", content=b"x" * (MAX_BODY_BYTES + 1))
    assert response.status_code == 413
    assert response.headers["x-frame-options"] == "DENY"
    assert call("POST", "/echo", content=b"x" * MAX_BODY_BYTES).json() == {"length": MAX_BODY_BYTES}


def test_a_body_that_does_not_say_so_is_cut_off() -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b"x" * (MAX_BODY_BYTES // 10)

    assert call("POST", "/echo", content=parts()).status_code == 413


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "GZIP", "gzip, identity"])
def test_nothing_is_unpacked(encoding: str) -> None:
    response = call("POST", "/echo", content=b"\x1f\x8b", headers={"Content-Encoding": encoding})
    assert response.status_code == 415


def test_a_body_has_to_come_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shield, "BODY_SECONDS", 0.05)
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(30)
        return {"type": "http.request"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/echo", "headers": [], "query_string": b""}
    asyncio.run(app()(scope, receive, send))
    assert sent[0]["status"] == 408
    assert json.loads(json.dumps("x-frame-options")) in {h[0].decode() for h in sent[0]["headers"]}


def test_waiting_for_the_other_side_to_hang_up_has_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shield, "BODY_SECONDS", 0.01)

    async def run() -> dict[str, Any]:
        messages = [{"type": "http.request", "body": b""}, {"type": "http.disconnect"}]

        async def receive() -> dict[str, Any]:
            if len(messages) == 1:
                await asyncio.sleep(0.05)
            return messages.pop(0)

        body = shield._Body(receive)
        await body()
        return await body()

    assert asyncio.run(run()) == {"type": "http.disconnect"}

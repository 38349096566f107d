"""Half a request is not waited for: real sockets against uvicorn."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.gateway import patience
from bot.gateway.patience import ImpatientProtocol

MANY_BYTES = 70_000
REQUEST = b"GET / HTTP/1.1\r\nHost: gateway\r\n"


async def hello(request: Request) -> PlainTextResponse:
    await request.body()
    return PlainTextResponse("hello")


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    app = Starlette(routes=[Route("/", hello)])
    config = uvicorn.Config(app, http=ImpatientProtocol, ws="none", log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    with pytest.MonkeyPatch.context() as patching:
        patching.setattr(patience, "HEADER_SECONDS", 0.1)
        thread = threading.Thread(target=lambda: server.run(sockets=[listener]), daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def line(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        # Each part is a packet of its own.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield connection


def everything(line: socket.socket) -> bytes:
    """What comes until the other side hangs up; a time-out is a failure."""
    found = b""
    while chunk := line.recv(65_536):
        found += chunk
    return found


@pytest.mark.parametrize("sent", [b"", b"\r\n", b"GE", REQUEST])
def test_half_a_request_is_hung_up_on(line: socket.socket, sent: bytes) -> None:
    line.sendall(sent)
    assert b"200" not in everything(line)


@pytest.mark.parametrize("sent", [b"\r\n", REQUEST])
def test_half_of_a_second_request_too(line: socket.socket, sent: bytes) -> None:
    line.sendall(REQUEST + b"\r\n")
    assert b"hello" in line.recv(65_536)
    line.sendall(sent)
    everything(line)


def test_headers_have_an_end(line: socket.socket) -> None:
    line.sendall(REQUEST + b"X-More: " + b"x" * MANY_BYTES)
    assert b"400 Bad Request" in line.recv(65_536)


def test_a_large_body_is_no_header_wherever_the_packets_end(line: socket.socket) -> None:
    length = b"Content-Length: %d\r\nConnection: close\r\n" % (2 * MANY_BYTES)
    for part in (REQUEST + length + b"\r", b"\n" + b"x" * MANY_BYTES, b"x" * MANY_BYTES):
        line.sendall(part)
    assert b"hello" in everything(line)


def test_whole_requests_are_answered_one_after_the_other(port: int) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as http:
        for _ in range(3):
            assert http.get("/").text == "hello"

"""Caddy in front of two gateways: what the world reaches, and what happens when one is gone."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.settings import ROOT

CADDYFILE = ROOT / "deploy" / "proxy" / "Caddyfile"
METHODS = ["GET", "POST", "DELETE"]

pytestmark = pytest.mark.skipif(shutil.which("caddy") is None, reason="caddy isn't installed here")


@dataclass
class GatewayDouble:
    """Answers everything with its name, and says who asked."""

    name: str
    asked: list[str] = field(default_factory=list)

    def start(self) -> GatewayDouble:
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        self.port = listener.getsockname()[1]
        app = Starlette(routes=[Route("/{path:path}", self.answer, methods=METHODS)])
        config = uvicorn.Config(app, ws="none", log_config=None, lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([listener],), daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)

    async def answer(self, request: Request) -> Response:
        if request.url.path != "/healthz":
            self.asked.append(request.url.path)
        seen = request.headers.get("x-forwarded-for")
        return JSONResponse({"name": self.name, "from": seen, "size": len(await request.body())})


@pytest.fixture(scope="module")
def gateways() -> Iterator[list[GatewayDouble]]:
    doubles = [GatewayDouble(name).start() for name in ("one", "two")]
    yield doubles
    for double in doubles:
        double.stop()


@pytest.fixture(scope="module")
def proxy(gateways: list[GatewayDouble], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the URL of Caddy with the configuration that we ship, without certificates."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = tmp_path_factory.mktemp("caddy")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_DATA_HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "HRBOT_SITE": f"http://127.0.0.1:{port}",
        "HRBOT_GATEWAYS": " ".join(f"127.0.0.1:{double.port}" for double in gateways),
    }
    log = open(home / "log", "wb")  # noqa: SIM115
    child = subprocess.Popen(
        ["caddy", "run", "--config", CADDYFILE, "--adapter", "caddyfile"],
        env=environment, stdout=log, stderr=log,
    )  # fmt: skip
    log.close()
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            if httpx.post(f"{url}/slack/events").status_code == 200:
                break
        except httpx.HTTPError:
            time.sleep(0.05)
    else:
        raise TimeoutError((home / "log").read_text())
    yield url
    child.terminate()
    child.wait(10)


@pytest.mark.parametrize(
    "path", ["/slack/events", "/careers", "/careers/page.css", "/widget/messages"]
)
def test_what_is_for_the_world_goes_through(proxy: str, path: str) -> None:
    answer = httpx.post(f"{proxy}{path}", content=b"x" * 1000)
    assert (answer.status_code, answer.json()["size"]) == (200, 1000)
    assert "server" not in answer.headers
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path", ["/metrics", "/readyz", "/healthz", "/", "/slack", "/slack/events/../../metrics"]
)
def test_what_is_for_the_inside_does_not(
    proxy: str, gateways: list[GatewayDouble], path: str
) -> None:
    asked = [list(double.asked) for double in gateways]
    assert httpx.get(f"{proxy}{path}").status_code == 404
    assert [double.asked for double in gateways] == asked


def test_nobody_names_their_own_address(proxy: str) -> None:
    answer = httpx.get(f"{proxy}/careers", headers={"X-Forwarded-For": "203.0.113.9"})
    assert answer.json()["from"] == "127.0.0.1"


def test_a_body_that_is_too_long_is_refused(proxy: str) -> None:
    answer = httpx.post(f"{proxy}/slack/events", content=b"x" * 1_100_000)
    # Caddy 2.6 says 502, later ones 413.
    assert answer.status_code in (413, 502)


def test_both_gateways_take_part_and_one_is_enough(
    proxy: str, gateways: list[GatewayDouble]
) -> None:
    names = {httpx.post(f"{proxy}/slack/events").json()["name"] for _ in range(6)}
    assert names == {"one", "two"}
    gateways[1].stop()
    answers = [httpx.post(f"{proxy}/slack/events") for _ in range(6)]
    assert {(a.status_code, a.json()["name"]) for a in answers} == {(200, "one")}

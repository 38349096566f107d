from __future__ import annotations

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from bot.gateway.widget.pages import Pages


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    (tmp_path / "careers").mkdir()
    for name, content in (
        ("hr-assistant.js", "export {};"),
        ("careers.html", "<h1>Careers</h1>"),
        ("careers/page.css", "h1 {}"),
        ("careers/notes.txt", "not for browsers"),
        ("secret.txt", "not for browsers"),
    ):
        (tmp_path / name).write_text(content)
    pages = Pages(["http://127.0.0.1:8090"], tmp_path)
    routes = [*pages.routes(), Route("/widget/{name}.js", pages.script)]
    return TestClient(Starlette(routes=routes))


def test_the_page_lets_nothing_in_from_elsewhere(client: TestClient) -> None:
    page = client.get("/careers")
    assert page.text == "<h1>Careers</h1>"
    assert page.headers["content-type"].startswith("text/html")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
    assert "unsafe" not in policy
    assert policy.endswith("frame-ancestors http://127.0.0.1:8090")
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "no-referrer"


def test_without_a_sandbox_nobody_frames_the_page(tmp_path: Path) -> None:
    for name in ("careers.html", "hr-assistant.js"):
        (tmp_path / name).write_text("export {};")
    client = TestClient(Starlette(routes=Pages([], tmp_path).routes()))
    assert client.get("/careers").headers["content-security-policy"].endswith("'none'")


def test_the_widget_is_for_every_page_and_kept_by_browsers(client: TestClient) -> None:
    script = client.get("/widget/hr-assistant.js", headers={"Origin": "https://x.example"})
    assert script.headers["access-control-allow-origin"] == "*"
    assert script.headers["content-type"].startswith("text/javascript")
    assert "max-age" in script.headers["cache-control"]
    again = client.get("/widget/hr-assistant.js", headers={"If-None-Match": script.headers["etag"]})
    assert (again.status_code, again.text) == (304, "")
    assert again.headers["access-control-allow-origin"] == "*"


def test_assets_of_the_page_are_given_and_nothing_else(client: TestClient) -> None:
    assert client.get("/careers/page.css").text == "h1 {}"
    for path in (
        "/careers/notes.txt",
        "/careers/none.css",
        "/careers/..%2Fsecret.txt",
        "/careers/..%2Fhr-assistant.js",
        "/widget/secret.txt",
    ):
        assert client.get(path).status_code == 404, path

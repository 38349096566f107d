"""Random bodies, headers and tokens against the application: never a 500, never a leak."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from cryptography.fernet import Fernet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from bot.db.session import Database
from bot.gateway.app import create_app
from bot.gateway.widget.http import MAX_BODY_BYTES
from bot.gateway.widget.openapi import document
from bot.gateway.widget.refusals import REFUSALS
from bot.gateway.widget.tokens import Tokens
from bot.privacy.sealing import Seal
from bot.settings import load_settings

# On each kind of database half of them.
EXAMPLES = 10_000 if os.environ.get("HRBOT_TEST_FULL") else 250
# All examples have one application: nothing that they send may change it.
PATIENTLY: dict[str, Any] = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
}
SECRET = "a secret of another conversation"
ROUTES = [
    (method.upper(), path)
    for path, methods in document()["paths"].items()
    for method in methods
    if path != "/widget/events"
]
NAMES = ["id", "text", "choice", "form", "email", "name", "consent", "event", "helped", "link"]


class App:
    """The application in this process, with somebody else's conversation in its database."""

    def __init__(self, database: Database, folder: Path) -> None:
        configured = load_settings(
            {
                "HRBOT_VAR_DIR": str(folder),
                "DATABASE_URL": database.url,
                "ENCRYPTION_KEY": Fernet.generate_key().decode(),
                "WIDGET_ADDRESS_RATE": "999999/second",
                "WIDGET_SESSION_RATE": "999999/second",
                "WIDGET_ADDRESS_CASE_RATE": "999999/second",
            },
            folder / "none.env",
        )
        self.app: Starlette = create_app(configured)
        self.tokens = Tokens(Seal(configured.encryption_key))
        self.loop = asyncio.new_event_loop()
        # A mistake of ours is answered with 500 like over HTTP, not raised here.
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://gateway")
        self.mine = self._session()
        self.others = self._session()
        self.request("POST", "/widget/messages", self.others, {"id": "others-1", "text": SECRET})

    def _session(self) -> str:
        return self.request("POST", "/widget/sessions", None, {}).json()["token"]

    def request(self, method: str, path: str, token: str | None, body: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.send(method, path, headers, json.dumps(body).encode())

    def send(self, method: str, path: str, headers: Any, content: bytes) -> httpx.Response:
        pairs = list(headers.items()) if isinstance(headers, dict) else headers
        if not any(name.lower() in ("content-type", b"content-type") for name, _ in pairs):
            pairs = [*pairs, ("Content-Type", "application/json")]
        return self.loop.run_until_complete(
            self._client.request(method, path, headers=pairs, content=content)
        )

    def close(self) -> None:
        self.loop.run_until_complete(self._client.aclose())
        self.loop.close()


@pytest.fixture
def app(database: Database, tmp_path: Path) -> Iterator[App]:
    running = App(database, tmp_path)
    yield running
    running.close()


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=200)
    | st.sampled_from(["", "web:1", "12345678", "a@b.example", "\0", "\ud800", "x" * 9000])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
IDS = st.from_regex("[A-Za-z0-9_-]{8,64}", fullmatch=True)
TEXTS = st.text(min_size=1, max_size=300)
# What fits the schemas gets further in.
SHAPED = st.one_of(
    st.fixed_dictionaries({"id": IDS, "text": TEXTS}),
    st.fixed_dictionaries({"id": IDS, "choice": TEXTS}),
    st.fixed_dictionaries({"id": IDS, "event": st.integers(), "helped": st.booleans()}),
    st.fixed_dictionaries(
        {"id": IDS, "form": TEXTS, "email": st.emails() | TEXTS, "consent": st.booleans()},
        optional={"name": TEXTS},
    ),
    st.fixed_dictionaries({"link": TEXTS}),
)
BODIES = st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=10), VALUES, max_size=6)
CONTENTS = (
    (SHAPED | SHAPED | BODIES | VALUES).map(lambda body: json.dumps(body).encode())
    | st.binary(max_size=400)
    | st.sampled_from([b"[" * 50_000, b"{" * 500, b"1" * 60_000, b" " * (MAX_BODY_BYTES + 1)])
)
HEADER_VALUES = st.binary(max_size=120).map(
    lambda value: value.translate(None, b"\r\n\0").strip(b" \t")
)
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                b"Authorization", b"Content-Type", b"Origin", b"Last-Event-ID", b"X-Forwarded-For",
                b"Host", b"Cookie", b"Content-Length", b"Accept", b"X-Odd",
            ]
        ),
        HEADER_VALUES
        | st.sampled_from([b"Bearer", b"Bearer x.y", b"null", b"http://[", b"text/html; \xff"]),
    ),
    max_size=5,
)  # fmt: skip
PRINTABLE = st.text(st.characters(blacklist_categories=("Cc", "Cs")), max_size=30)
WHO = st.sampled_from(["mine", "nobody", "forged"])


def assert_safe(response: httpx.Response, app: App) -> None:
    """See that an answer is one of ours, and tells nothing."""
    assert response.status_code != 500, response.text
    text = response.text
    assert SECRET not in text
    assert "web:" not in text
    assert app.others not in text
    for inside in ("Traceback", "sqlalchemy", "/bot/", 'File "'):
        assert inside not in text
    if response.status_code >= 400 and response.headers["content-type"] == "application/json":
        error = response.json()["error"]
        assert error["code"] in REFUSALS
        assert error["message"]


@settings(max_examples=EXAMPLES, **PATIENTLY)
@given(route=st.sampled_from(ROUTES), who=WHO, content=CONTENTS, headers=HEADERS)
def test_whatever_is_sent_nothing_breaks_and_nothing_is_told(
    app: App, route: tuple[str, str], who: str, content: bytes, headers: list[tuple[bytes, bytes]]
) -> None:
    method, path = route
    if method == "DELETE" and who == "mine":
        return
    token = {"mine": app.mine, "forged": app.others[:-8] + "00000000"}.get(who)
    given_token = [(b"Authorization", f"Bearer {token}".encode())] if token else []
    assert_safe(app.send(method, path, [*given_token, *headers], content), app)


@settings(max_examples=EXAMPLES // 10, **PATIENTLY)
@given(after=PRINTABLE, path=PRINTABLE)
def test_odd_addresses_are_not_found(app: App, after: str, path: str) -> None:
    url = httpx.URL("http://gateway", params={"after": after})
    path = f"/widget/{quote(path)}".replace("/events", "")
    assert_safe(app.send("GET", str(url.copy_with(path=path)), {}, b""), app)

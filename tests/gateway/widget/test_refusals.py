"""What the routes refuse: foreign pages, forged and old tokens, bodies that are too much."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from cryptography.fernet import Fernet

from bot.db.models import Conversation, InboxRow, WidgetLink, WidgetSession
from bot.db.session import Database
from bot.gateway.widget.deleting import forget_ended
from bot.gateway.widget.tokens import LINK, SESSION, Tokens, new_id
from bot.privacy.sealing import Seal
from bot.sandbox.app import SandboxServer

from ..servers import AssistantDouble
from .browser import HTTP, Browser
from .site import Site, running_site

pytestmark = pytest.mark.parametrize("_migrated", ["sqlite"], indirect=True)
TEXT = {"id": "12345678", "text": "Hello?"}


def code_of(response: httpx.Response) -> tuple[int, str]:
    error = response.json()["error"]
    assert error["message"].strip(), error
    return response.status_code, error["code"]


# Origins


def test_the_own_page_and_listed_pages_may_use_the_widget(site: Site) -> None:
    own = site.browser(Origin=site.url)
    assert own.post("messages", TEXT).headers["access-control-allow-origin"] == site.url
    listed = site.browser(Origin="https://www.cedar.example")
    response = listed.post("messages", TEXT)
    assert response.status_code == 202
    assert response.headers["access-control-allow-origin"] == "https://www.cedar.example"
    assert "access-control-allow-credentials" not in response.headers
    assert "origin" in response.headers["vary"].lower()


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "https://www.cedar.example.evil.example", "x"]
)
def test_other_pages_may_not(site: Site, origin: str) -> None:
    stranger = Browser(site.url, {"Origin": origin})
    refused = stranger.post("sessions", {})
    assert code_of(refused) == (403, "origin_not_allowed")
    assert "access-control-allow-origin" not in refused.headers
    asked = {"Access-Control-Request-Method": "POST"}
    preflight = stranger.send("OPTIONS", "messages", headers=asked)
    assert "access-control-allow-origin" not in preflight.headers
    assert site.rows(Conversation) == []


def test_browsers_may_ask_beforehand(site: Site) -> None:
    asked = {
        "Origin": "https://www.cedar.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, content-type, last-event-id",
    }
    preflight = HTTP.options(f"{site.url}/widget/messages", headers=asked)
    assert preflight.status_code == 200
    allowed = preflight.headers["access-control-allow-headers"].lower()
    assert {"authorization", "content-type", "last-event-id"} <= set(allowed.split(", "))


# Tokens


def forged(site: Site) -> Iterator[tuple[str, str]]:
    mine = site.browser()
    identifier, signature = mine.token.split(".")
    tokens = Tokens(Seal(site.settings.encryption_key))
    other = Tokens(Seal(Fernet.generate_key().decode()))
    yield "no signature", identifier
    yield "another id", f"{'a' * 24}.{signature}"
    yield "a changed signature", f"{identifier}.{'0' * 64}"
    yield "a link", tokens.of(LINK, identifier)
    yield "another key", other.of(SESSION, identifier)
    yield "nothing", "."
    yield "a conversation", site.rows(Conversation)[0].id


def test_forged_tokens_open_nothing(site: Site) -> None:
    for what, token in forged(site):
        thief = Browser(site.url, {"Authorization": f"Bearer {token}"})
        for method, path in (("POST", "messages"), ("GET", "events"), ("DELETE", "conversation")):
            refused = thief.send(method, path, **({"json": TEXT} if method == "POST" else {}))
            assert code_of(refused) == (401, "session_invalid"), what
    assert site.rows(InboxRow) == []


def test_a_token_that_was_never_minted_opens_nothing(site: Site) -> None:
    signed = Tokens(Seal(site.settings.encryption_key)).of(SESSION, new_id())
    refused = Browser(site.url, token=signed).post("messages", TEXT)
    assert code_of(refused) == (401, "session_expired")


def test_a_session_ends_after_days_of_silence(site: Site) -> None:
    browser = site.browser()
    site.clock.shift = timedelta(days=29)
    browser.say("Hello?")
    site.clock.shift = timedelta(days=58)
    browser.say("Still here.")
    with browser.stream() as stream:
        stream.event("message", text="Still here.")
    site.wait_until_idle()
    site.clock.shift = timedelta(days=89)
    assert code_of(browser.post("messages", TEXT)) == (401, "session_expired")
    assert code_of(browser.send("GET", "events")) == (401, "session_expired")


def test_what_has_ended_is_forgotten(site: Site) -> None:
    kept = site.browser()
    kept.say("Hello?")
    site.wait_until_idle()
    site.clock.shift = timedelta(days=32)
    with site.database.write() as session:
        assert forget_ended(session, site.clock()) == 1
        assert forget_ended(session, site.clock()) == 0
    assert site.rows(WidgetSession) == site.rows(WidgetLink) == []
    assert len(site.rows(Conversation)) == 1


def test_sessions_that_nobody_uses_last_a_day(site: Site) -> None:
    unused, used = site.browser(), site.browser()
    used.say("Hello?")
    site.wait_until_idle()
    with site.database.write() as session:
        assert forget_ended(session, site.clock() + timedelta(hours=23)) == 0
        assert forget_ended(session, site.clock() + timedelta(hours=25)) == 2
    assert len(site.rows(WidgetSession)) == len(site.rows(Conversation)) == 1
    assert code_of(unused.post("messages", TEXT)) == (401, "session_expired")
    assert used.post("messages", TEXT).status_code == 202
    site.wait_until_idle()


# Bodies


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"id": "12345678"},
        {"id": "1234567", "text": "short id"},
        {"id": "1234/678", "text": "odd id"},
        {"id": "12345678", "text": ""},
        {"id": "12345678", "text": " \n "},
        {"id": "12345678", "text": 5},
        {"id": "12345678", "text": "x", "choice": "y"},
        {"id": "12345678", "text": "x", "conversation": "web:1"},
        {"id": "12345678", "text": "NUL \0"},
        {"id": "12345678", "text": "half \ud800"},
        [],
        "text",
        None,
    ],
)
def test_a_body_that_is_not_asked_for(site: Site, body: object) -> None:
    browser = site.browser()
    json_type = {"Content-Type": "application/json"}
    refused = browser.send("POST", "messages", content=json.dumps(body), headers=json_type)
    assert code_of(refused) == (400, "bad_request")


def test_text_may_be_long_but_not_endless(site: Site) -> None:
    browser = site.browser()
    assert browser.post("messages", {"id": "12345678", "text": "ä" * 4000}).status_code == 202
    refused = browser.post("messages", {"id": "12345679", "text": "ä" * 4001})
    assert code_of(refused) == (413, "too_long")


def test_only_json_is_read(site: Site) -> None:
    browser = site.browser()
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        refused = browser.send("POST", "messages", content=b"{}", headers={"Content-Type": kind})
        assert code_of(refused) == (415, "not_json")


def raw(site: Site, head: str, chunks: Iterator[bytes]) -> bytes:
    """Send a request by hand, as long as the gateway takes it; return the answer."""
    parts = urlsplit(site.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as connection:
        connection.sendall(head.encode())
        try:
            for chunk in chunks:
                connection.sendall(chunk)
        except OSError:
            pass
        answer = b""
        try:
            while b"}}" not in answer and (more := connection.recv(4096)):
                answer += more
        except OSError:
            pass
        return answer


def head_of(browser: Browser, *more: str) -> str:
    lines = [
        "POST /widget/messages HTTP/1.1",
        "Host: x",
        f"Authorization: Bearer {browser.token}",
        "Content-Type: application/json",
        *more,
    ]
    return "\r\n".join(lines) + "\r\n\r\n"


def test_a_large_body_is_refused_before_it_is_read(site: Site) -> None:
    head = head_of(site.browser(), "Content-Length: 100000000")
    assert b"413" in raw(site, head, iter([b"{"])).split(b"\r\n")[0]


def test_a_body_without_a_length_is_read_no_further_than_it_may_be(site: Site) -> None:
    taken = 0

    def chunks() -> Iterator[bytes]:
        nonlocal taken
        for _ in range(1000):
            taken += 1
            yield b"4000\r\n" + b"x" * 0x4000 + b"\r\n"

    head = head_of(site.browser(), "Transfer-Encoding: chunked")
    assert b"413" in raw(site, head, chunks()).split(b"\r\n")[0]
    assert taken < 1000


def test_a_body_that_never_comes_is_given_up(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.gateway.widget.http.BODY_SECONDS", 0.2)
    head = head_of(site.browser(), "Content-Length: 100")
    answer = raw(site, head, iter([b'{"id"']))
    assert b"408" in answer.split(b"\r\n")[0]
    assert b"too_slow" in answer


@pytest.mark.parametrize(
    "after", ["x", "-1", "1.5", "9" * 11, "1\u00b2".encode().decode("latin-1")]
)
def test_a_stream_begins_after_a_number_only(site: Site, after: str) -> None:
    browser = site.browser()
    refused = browser.send("GET", "events", headers={"Last-Event-ID": after.encode("latin-1")})
    assert code_of(refused) == (400, "bad_request")
    assert code_of(browser.send("GET", "events?after=x")) == (400, "bad_request")


# The rest


def test_unknown_paths_and_methods_are_answered_in_json(site: Site) -> None:
    assert code_of(HTTP.get(f"{site.url}/widget/nothing")) == (404, "not_found")
    assert code_of(HTTP.put(f"{site.url}/widget/messages")) == (405, "method_not_allowed")


def test_answers_are_not_kept_by_caches(site: Site) -> None:
    response = site.browser().post("messages", TEXT)
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in response.headers


def test_too_many_requests_of_a_session_are_told_when_to_come_back(site: Site) -> None:
    browser = site.browser()
    answers = [browser.post("messages", {**TEXT, "id": f"message-{n}"}) for n in range(41)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert 1 <= len(refused) <= 21
    assert code_of(refused[0]) == (429, "too_many")
    assert 1 <= int(refused[0].headers["retry-after"]) <= 60
    assert site.browser().post("messages", TEXT).status_code == 202


def test_the_interface_describes_itself(site: Site) -> None:
    document = HTTP.get(f"{site.url}/widget/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    assert set(document["paths"]) == {
        "/widget/sessions",
        "/widget/messages",
        "/widget/events",
        "/widget/contact",
        "/widget/feedback",
        "/widget/conversation",
        "/widget/resume",
    }


def test_addresses_are_those_that_a_trusted_proxy_names(
    site: Site,
    database: Database,
    assistant: AssistantDouble,
    workspace: SandboxServer,
    tmp_path: Path,
) -> None:
    def refused(at: Site, *hosts: str) -> int:
        asked = [Browser(at.url, {"X-Forwarded-For": host}).post("sessions", {}) for host in hosts]
        return sum(answer.status_code == 429 for answer in asked)

    hosts = ("192.0.2.1", "192.0.2.2", "192.0.2.3, 127.0.0.1")
    for proxies, count in (("127.0.0.1", 0), ("", 2)):
        more = {"TRUSTED_PROXIES": proxies, "WIDGET_ADDRESS_RATE": "1/hour"}
        with running_site(database, tmp_path, assistant, workspace, **more) as other:
            assert refused(other, *hosts) == count
            assert refused(other, "192.0.2.1") == 1

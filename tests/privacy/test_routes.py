"""Every route of every process, tried by nobody, by somebody with wrong keys, and by another.

The routes come from the applications themselves, so that a new one can't be forgotten.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from slack_sdk.signature import SignatureVerifier
from sqlalchemy import func, select
from starlette.routing import Mount, WebSocketRoute

from actions.resources import from_settings, give
from actions.server import create_server
from bot.db.migrate import upgrade
from bot.db.models import Choice, Conversation, InboxRow, WidgetEvent, WidgetSession
from bot.db.session import Database
from bot.gateway.addresses import AddressBook, SlackAddress
from bot.gateway.app import create_app
from bot.privacy.sealing import Seal
from bot.privacy.signing import sign
from bot.sandbox.app import SandboxServer
from bot.sandbox.asgi import create_app as create_sandbox
from bot.sandbox.core import Sandbox
from bot.sandbox.seed import CASEY, ROBIN, make_workspace
from bot.settings import ROOT, Settings, load_settings
from bot.tensorflow_standin import keep_out_unless_needed

from .routes import expected, table

TOKEN = "a-token-between-the-processes"
SECRET = "a-signing-secret-of-the-test"
TEAM = "T0CEDAR0001"
NOW = datetime(2026, 11, 23, tzinfo=timezone.utc)
EXPECTED = expected()
WRONG = {
    "Authorization": "Bearer wrong",
    "X-Slack-Request-Timestamp": str(int(time.time())),
    "X-Slack-Signature": "v0=" + "0" * 64,
    "X-Hrbot-Timestamp": str(int(time.time())),
    "X-Hrbot-Signature": "v1=" + "0" * 64,
}
KEYS = {"nobody": {}, "wrong": WRONG}


class Processes:
    """The applications of all processes, and what they share."""

    def __init__(self, settings: Settings, database: Database) -> None:
        from rasa.core.lock_store import InMemoryLockStore
        from rasa.core.run import configure_app
        from sanic import Sanic

        from bot.channels.gateway import GatewayChannel
        from bot.channels.processor import TurnProcessor

        Sanic.test_mode = True
        self.settings, self.database = settings, database
        self.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)
        assistant = configure_app([GatewayChannel(settings)], enable_api=False)
        give(from_settings(settings))
        actions = create_server(settings.internal_tokens)
        for app in (assistant, actions):
            self.loop.run_until_complete(app._startup())
        sandbox = Sandbox(
            make_workspace(), request_url="http://127.0.0.1:1/", signing_secret=SECRET
        )
        self.apps: dict[str, Any] = {
            "gateway": create_app(settings),
            "assistant": assistant,
            "actions": actions,
            "sandbox": create_sandbox(sandbox),
        }
        self.agent = SimpleNamespace(
            lock_store=InMemoryLockStore(),
            is_ready=lambda: True,
            # Nothing gets as far as its model.
            processor=TurnProcessor.__new__(TurnProcessor),
        )

    def call(self, process: str, method: str, path: str, **more: Any) -> httpx.Response:
        async def run() -> httpx.Response:
            transport = httpx.ASGITransport(self.apps[process])
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
                return await http.request(method, path, **more)

        return self.loop.run_until_complete(run())

    def signed(self, path: str, body: dict[str, Any]) -> httpx.Response:
        """Ask the assistant as the gateway does, while it has an agent."""
        content = json.dumps(body).encode()
        self.apps["assistant"].ctx.agent = self.agent
        try:
            headers = sign(content, TOKEN, time.time())
            return self.call("assistant", "POST", path, content=content, headers=headers)
        finally:
            self.apps["assistant"].ctx.agent = None

    def close(self) -> None:
        self.loop.close()
        asyncio.set_event_loop(None)


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    folder = tmp_path_factory.mktemp("routes")
    keep_out_unless_needed(ROOT / "config.yml")
    database = Database(f"sqlite:///{folder / 'routes.db'}")
    upgrade(database)
    with SandboxServer(signing_secret=SECRET, bot_token="xoxb-of-the-test") as slack:
        settings = load_settings(
            {
                "HRBOT_VAR_DIR": str(folder),
                "DATABASE_URL": database.url,
                "INTERNAL_TOKEN": TOKEN,
                "SLACK_BOT_TOKEN": "xoxb-of-the-test",
                "SLACK_SIGNING_SECRET": SECRET,
                "SLACK_API_URL": slack.api_url,
                "SLACK_HR_CHANNEL": "C0HRQUEST01",
                "METRICS_TOKEN": "a-token-for-metrics-alone",
                "ASSISTANT_URL": "http://127.0.0.1:1",
                "ACTIONS_URL": "http://127.0.0.1:1",
            },
            folder / "none.env",
        )
        found = Processes(settings, database)
        yield found
        found.close()
    database.dispose()


# Reading the routes


def starlette_routes(routes: Any, before: str = "") -> Iterator[str]:
    for route in routes:
        if isinstance(route, Mount) and route.path == "/sandbox":
            # The page and what it does, under one name.
            yield f"{route.path}/…"
        elif isinstance(route, Mount):
            yield from starlette_routes(route.routes, f"{before}{route.path}")
        elif isinstance(route, WebSocketRoute):
            yield f"{before}{route.path}"
        else:
            yield from (f"{m} {before}{route.path}" for m in route.methods if m != "HEAD")


def routes_of(process: str, app: Any) -> set[str]:
    if process in ("assistant", "actions"):
        return {f"{method} /{r.path}" for r in app.router.routes for method in r.methods}
    while not hasattr(app, "routes"):
        app = app._inner
    return set(starlette_routes(app.routes))


def test_no_route_is_forgotten(processes: Processes) -> None:
    found = {process: routes_of(process, app) for process, app in processes.apps.items()}
    assert found == {process: set(routes) for process, routes in EXPECTED.items()}


def test_the_table_stands_in_security_md() -> None:
    assert table() in (ROOT / "SECURITY.md").read_text(encoding="utf-8")


# Without the right keys

HTTP = [
    (process, route) for process, routes in EXPECTED.items() for route in routes if " " in route
]


@pytest.mark.parametrize("keys", KEYS)
@pytest.mark.parametrize(("process", "route"), HTTP)
def test_without_the_right_keys_the_answer_is(
    processes: Processes, process: str, route: str, keys: str
) -> None:
    method, path = route.split()
    for name, value in (("method", "chat.postMessage"), ("token", "guessed"), ("name", "x.js")):
        path = path.replace(f"{{{name}}}", value)
    headers = {**KEYS[keys], "Content-Type": "application/json"}
    body = {"link": "guessed"} if path.endswith("/resume") else {}
    more = {"json": body} if method == "POST" else {}
    response = processes.call(process, method, path, headers=headers, **more)
    assert response.status_code == EXPECTED[process][route][keys]
    if process == "sandbox" and "/api/chat" in path:
        assert response.json()["error"] == {"nobody": "not_authed", "wrong": "invalid_auth"}[keys]
    if response.status_code in (401, 403):
        assert len(response.content) < 200, "a refusal tells nothing"


def test_other_methods_and_paths_get_nowhere(processes: Processes) -> None:
    for process in ("gateway", "assistant", "actions"):
        for path in ("/conversations/x/tracker", "/model", "/webhooks/rest/webhook", "/.env"):
            for method in ("GET", "POST", "PUT"):
                response = processes.call(process, method, path, content=b"{}")
                assert response.status_code in (401, 404, 405), (process, method, path)


@dataclass(frozen=True)
class Candidate:
    """Somebody on the careers page: their token and their conversation."""

    token: str
    conversation: str


@pytest.fixture
def candidates(processes: Processes) -> tuple[Candidate, Candidate]:
    """Give two strangers; the second has a button, a form and an answer."""
    found = []
    for _ in range(2):
        token = processes.call("gateway", "POST", "/widget/sessions", json={}).json()["token"]
        with processes.database.read() as session:
            known = session.get(WidgetSession, token.partition(".")[0])
            found.append(Candidate(token, known.conversation_id))
    theirs = found[1].conversation
    form = {"gateway": "open_case", "question": "Is there a moat?", "turn_id": "turn:moat"}
    with processes.database.write() as session:
        for name, meaning in (("button", {"intent": "careers/how_to_apply"}), ("form", form)):
            session.add(
                Choice(
                    id=f"{theirs}:{name}",
                    conversation_id=theirs,
                    title=name,
                    meaning=meaning,
                    created_at=NOW,
                )
            )
        session.add(
            WidgetEvent(
                conversation_id=theirs,
                number=1,
                key=f"answer:{theirs}",
                kind="message",
                payload={"text": "You apply online.", "feedback": True},
                created_at=NOW,
            )
        )
    return found[0], found[1]


def ask_as(
    processes: Processes, who: Candidate, method: str, path: str, **body: Any
) -> httpx.Response:
    headers = {"Authorization": f"Bearer {who.token}"}
    more = {"json": {"id": "a-client-id", **body}} if method == "POST" else {}
    return processes.call("gateway", method, f"/widget/{path}", headers=headers, **more)


def test_a_candidate_reaches_nothing_of_another(
    processes: Processes, candidates: tuple[Candidate, Candidate]
) -> None:
    stranger, other = candidates
    contact = {"form": f"{other.conversation}:form", "email": "x@example.org", "consent": True}
    attempts = {
        "choice_unknown": ("messages", {"choice": f"{other.conversation}:button"}),
        "form_unknown": ("contact", contact),
        "bad_request": ("feedback", {"event": 1, "helped": True}),
    }
    for code, (path, body) in attempts.items():
        refused = ask_as(processes, stranger, "POST", path, **body)
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, code)
        assert other.conversation not in refused.text
    link = processes.call("gateway", "POST", "/widget/resume", json={"link": other.token})
    assert link.status_code == 410
    assert ask_as(processes, stranger, "DELETE", "conversation").status_code == 204
    with processes.database.read() as session:
        assert session.get(Choice, f"{other.conversation}:button") is not None
        assert session.get(Conversation, other.conversation).address_sealed != "forgotten"
        kept = select(WidgetEvent.key).where(WidgetEvent.conversation_id == other.conversation)
        assert session.scalars(kept).all() == [f"answer:{other.conversation}"]
    said = ask_as(processes, other, "POST", "messages", choice=f"{other.conversation}:button")
    assert said.status_code == 202, "it is theirs"


def test_a_session_of_another_key_opens_nothing(
    processes: Processes, candidates: tuple[Candidate, Candidate]
) -> None:
    identifier, _, signature = candidates[1].token.partition(".")
    for forged in (f"{identifier}.{'0' * 64}", identifier, f"{identifier}.{signature[:-1]}x"):
        who = Candidate(forged, "")
        assert ask_as(processes, who, "POST", "messages", text="hello").status_code == 401


@pytest.mark.parametrize("path", ["/sandbox/say", "/sandbox/", "/api/auth.test"])
def test_the_sandbox_is_for_this_machine_only(processes: Processes, path: str) -> None:
    headers = {"Host": "sandbox.example.com"}
    assert processes.call("sandbox", "POST", path, headers=headers).status_code == 400


def test_a_guessed_socket_is_not_opened(processes: Processes) -> None:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    host = [(b"host", b"127.0.0.1")]
    scope = {"type": "websocket", "path": "/socket/guessed", "headers": host, "query_string": b""}
    processes.loop.run_until_complete(processes.apps["sandbox"](scope, receive, send))
    assert [message["type"] for message in sent] == ["websocket.close"]


# With the right keys, for another's conversation


@pytest.fixture(scope="module")
def anothers(processes: Processes) -> str:
    """Give the id of a choice that Robin was offered."""
    addresses = AddressBook(Seal(processes.settings.encryption_key))
    with processes.database.write() as session:
        place = addresses.conversation(
            session, SlackAddress(TEAM, ROBIN, "D0ROBIN", "", direct=True), NOW
        )
        session.add(
            Choice(
                id="choice:robins",
                conversation_id=place.id,
                title="Dental",
                meaning={"intent": "benefits/dental"},
                created_at=NOW,
            )
        )
    return "choice:robins"


def test_a_click_on_anothers_button_does_nothing(processes: Processes, anothers: str) -> None:
    payload = {
        "type": "block_actions",
        "team": {"id": TEAM},
        "user": {"id": CASEY, "team_id": TEAM},
        "channel": {"id": "D0CASEY"},
        "trigger_id": "1.2",
        "actions": [{"type": "button", "action_id": "choice:0", "value": anothers}],
    }
    body = urlencode({"payload": json.dumps(payload)})
    timestamp = str(int(time.time()))
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=timestamp, body=body)
    headers = {
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": str(signature),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    response = processes.call("gateway", "POST", "/slack/events", content=body, headers=headers)
    assert response.status_code == 200
    with processes.database.read() as session:
        clicks = select(func.count(InboxRow.id)).where(InboxRow.choice_id == anothers)
        assert session.scalar(clicks) == 0
    stale = {**headers, "X-Slack-Request-Timestamp": str(int(timestamp) - 400)}
    response = processes.call("gateway", "POST", "/slack/events", content=body, headers=stale)
    assert response.status_code == 401


def test_the_assistant_takes_no_choice_of_another_conversation(
    processes: Processes, anothers: str
) -> None:
    turn = {"turn_id": "turn:1", "conversation": "slack:caseys", "audience": "employee"}
    response = processes.signed("/webhooks/gateway/turn", {**turn, "choice": anothers})
    assert (response.status_code, response.json()) == (422, {"error": "unknown_choice"})


@pytest.mark.parametrize(
    "forged",
    [
        {"audience": "Employee"},
        {"audience": ["employee"]},
        {"audience": "employee\n"},
        {"audience": None},
        {"metadata": {"audience": "employee"}},
        {"is_outside": "perhaps"},
        {"conversation": "slack:a/../slack:b"},
        {"conversation": "../../tracker"},
        {"turn_id": "turn 1"},
        {"person": "p:1\n"},
        {"place": "everywhere"},
    ],
)
def test_a_turn_holds_what_it_may_and_nothing_else(
    processes: Processes, forged: dict[str, Any]
) -> None:
    turn = {"turn_id": "turn:1", "conversation": "slack:a", "audience": "candidate", "text": "hi"}
    response = processes.signed("/webhooks/gateway/turn", {**turn, **forged})
    assert response.status_code == 400


def test_what_was_signed_for_one_route_is_nothing_to_another(processes: Processes) -> None:
    forget = {"conversation": "slack:a", "turns": []}
    for path in ("/webhooks/gateway/turn", "/webhooks/gateway/events", "/webhooks/gateway/reload"):
        assert processes.signed(path, forget).status_code == 400
    turn = {"turn_id": "turn:1", "conversation": "slack:a", "audience": "employee", "text": "x"}
    for path in (
        "/webhooks/gateway/forget",
        "/webhooks/gateway/events",
        "/webhooks/gateway/reload",
    ):
        assert processes.signed(path, turn).status_code == 400


def test_forgetting_takes_nothing_from_another_conversation(processes: Processes) -> None:
    forget = {"conversation": "slack:caseys", "turns": ["turn:robins"]}
    assert processes.signed("/webhooks/gateway/forget", forget).json() == {"forgotten": 0}

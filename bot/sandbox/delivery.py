"""Brings events, interactions and slash commands to the app: signed HTTP, or its socket."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections import defaultdict
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
import structlog
from slack_sdk.signature import SignatureVerifier

from bot.sandbox.envelopes import Event
from bot.sandbox.faults import Faults
from bot.sandbox.model import Attempt
from bot.sandbox.socket_mode import SocketHub
from bot.sandbox.workspace import Workspace

log = structlog.get_logger(__name__)

Json = dict[str, Any]
SLACK_TIMEOUT_S = 3.0
SLACK_RETRY_DELAYS_S = (0.0, 60.0, 300.0)


@dataclass(frozen=True)
class Reply:
    """How the app answered: `error` is Slack's reason where it did not answer well."""

    body: Json
    error: str | None = None
    status: int | None = None
    no_retry: bool = False

    @property
    def is_ok(self) -> bool:
        """Whether the app acknowledged."""
        return self.error is None


class Delivery:
    """Sends to one app, as Slack does; keeps a record of every attempt in the workspace.

    Args:
        workspace: where attempts are recorded and subscriptions looked up.
        faults: duplicates and reordering to come.
        hub: the app's sockets; used instead of HTTP while one is connected.
        request_url: where the app listens; several, with commas between them, take turns as
            behind a load balancer.
        signing_secret: signs every request.
        timeout: seconds the app has for an answer.
        retry_delays: seconds before each retry of an event; their number is how many.
    """

    def __init__(
        self,
        workspace: Workspace,
        faults: Faults,
        hub: SocketHub,
        *,
        request_url: str,
        signing_secret: str,
        timeout: float = SLACK_TIMEOUT_S,
        retry_delays: Sequence[float] = SLACK_RETRY_DELAYS_S,
    ) -> None:
        self._workspace = workspace
        self._faults = faults
        self._hub = hub
        self.request_url = request_url
        self.timeout = timeout
        self.retry_delays = tuple(retry_delays)
        self._signer = SignatureVerifier(signing_secret)
        self._client: httpx.AsyncClient | None = None
        self._lanes: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._held: list[Event] = []
        self._hold_count = 0
        self._turn = itertools.count()
        self._tasks: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """End everything still under way."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    # Events

    def publish(self, events: Sequence[Event]) -> None:
        """Set events off in the background, those that the app has subscribed to."""
        subscribed = self._workspace.app.events
        for event in events:
            if subscribed is not None and event.subscription not in subscribed:
                continue
            if not self._held:
                self._hold_count = self._faults.next_reorder()
            if self._hold_count:
                self._held.append(event)
                if len(self._held) >= self._hold_count:
                    self.release()
            else:
                self._start_event(event)

    def release(self) -> None:
        """Deliver what is held back for reordering, last first."""
        held, self._held, self._hold_count = self._held, [], 0
        for event in reversed(held):
            self._start_event(event)

    def _start_event(self, event: Event) -> None:
        copies = self._faults.next_copies()
        self._start(self._deliver_event(event))
        for number in range(1, copies):
            self._start(self._attempt_in_lane(event, number, "http_timeout"))

    def _start(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver_event(self, event: Event) -> None:
        reply = await self._attempt_in_lane(event, 0, "")
        for number, delay in enumerate(self.retry_delays, start=1):
            if reply.is_ok or reply.no_retry:
                return
            await asyncio.sleep(delay)
            reply = await self._attempt_event(event, number, reply.error or "")
        if not reply.is_ok:
            log.warning("sandbox.event_lost", event_id=event.id, reason=reply.error)

    async def _attempt_in_lane(self, event: Event, number: int, reason: str) -> Reply:
        async with self._lanes[event.lane]:
            return await self._attempt_event(event, number, reason)

    async def _attempt_event(self, event: Event, number: int, reason: str) -> Reply:
        headers = {"Content-Type": "application/json"}
        if number:
            headers |= {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": reason}
        if self._hub.is_connected:
            work = self._over_socket("events_api", event.envelope, number, reason)
        else:
            work = self._over_http(json.dumps(event.envelope).encode(), headers)
        return await self._record("event", event.id, number, work, about=event.about)

    # Interactions and commands: attempted once, answered at once

    async def send_interaction(self, payload: Json) -> Reply:
        """Bring an interaction to the app and return its answer."""
        if self._hub.is_connected:
            work = self._over_socket("interactive", payload)
        else:
            work = self._over_form({"payload": json.dumps(payload)})
        return await self._record(payload["type"], payload.get("trigger_id", ""), 0, work)

    async def send_command(self, fields: Json) -> Reply:
        """Bring a slash command to the app and return its answer."""
        if self._hub.is_connected:
            work = self._over_socket("slash_commands", fields)
        else:
            work = self._over_form(fields)
        return await self._record("slash_command", fields["trigger_id"], 0, work)

    async def verify_request_url(self) -> bool:
        """Do what Slack does when a request URL is entered: ask it to repeat a challenge."""
        challenge = self._workspace.ids.new("")
        body = json.dumps({"type": "url_verification", "challenge": challenge, "token": ""})
        reply = await self._over_http(body.encode(), {"Content-Type": "application/json"})
        return challenge in (reply.body.get("challenge"), reply.body.get("text"))

    # Transport

    async def _record(
        self,
        kind: str,
        delivery_id: str,
        number: int,
        work: Coroutine[Any, Any, Reply],
        about: tuple[str, str] | None = None,
    ) -> Reply:
        over_socket = self._hub.is_connected
        began = time.perf_counter()
        reply = await work
        took = time.perf_counter() - began
        attempt = Attempt(
            kind=kind,
            delivery_id=delivery_id,
            number=number,
            over_socket=over_socket,
            status=reply.status,
            error=reply.error,
            at=self._workspace.clock(),
            took=took,
            about=about,
        )
        with self._workspace.changing():
            self._workspace.attempts.append(attempt)
        return reply

    async def _over_socket(
        self, kind: str, payload: Json, number: int = 0, reason: str = ""
    ) -> Reply:
        try:
            answer = await self._hub.send(
                kind,
                payload,
                timeout=self.timeout,
                retry_number=number,
                retry_reason=reason,
            )
        except TimeoutError:
            return Reply({}, error="timeout")
        except ConnectionError:
            return Reply({}, error="connection_failed")
        return Reply(answer if isinstance(answer, dict) else {"text": str(answer)})

    async def _over_form(self, fields: Json) -> Reply:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return await self._over_http(urlencode(fields).encode(), headers)

    async def _over_http(self, body: bytes, headers: dict[str, str]) -> Reply:
        # The client belongs to the loop it is made in, hence not in __init__.
        if self._client is None:
            self._client = httpx.AsyncClient(trust_env=False)
        # Slack signs with the real time, whatever clock the workspace runs on.
        signed = {**headers, **self._signature(body), "User-Agent": "Slackbot 1.0 (sandbox)"}
        urls = self.request_url.split(",")
        url = urls[next(self._turn) % len(urls)]
        request = self._client.post(url, content=body, headers=signed, timeout=None)
        try:
            response = await asyncio.wait_for(request, self.timeout)
        except asyncio.TimeoutError:
            return Reply({}, error="http_timeout")
        except httpx.HTTPError:
            return Reply({}, error="connection_failed")
        is_ok = 200 <= response.status_code < 300
        return Reply(
            body=_body_of(response) if is_ok else {},
            error=None if is_ok else "http_error",
            status=response.status_code,
            no_retry=response.headers.get("x-slack-no-retry") == "1",
        )

    def _signature(self, body: bytes) -> dict[str, str]:
        timestamp = str(int(self._signer.clock.now()))
        signature = self._signer.generate_signature(timestamp=timestamp, body=body)
        return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature or ""}


def _body_of(response: httpx.Response) -> Json:
    """The answer as an object; plain text, as a slash command may answer, as its `text`."""
    if not response.content.strip():
        return {}
    try:
        body = response.json()
    except ValueError:
        return {"text": response.text}
    return body if isinstance(body, dict) else {"text": response.text}

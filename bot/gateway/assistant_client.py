"""The gateway's calls to the assistants: signed, and honest about what failed.

A conversation stays with one assistant as long as that one answers. One that doesn't is left
alone for some seconds, and the others take over; asking twice about a turn runs it once.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from bot.privacy.signing import sign

TURN_TIMEOUT_SECONDS = 20
STATUS_TIMEOUT_SECONDS = 2
REST_SECONDS = 5.0


class AssistantUnavailableError(Exception):
    """The assistant gave no reply; asking again later may work."""


class TurnRefusedError(Exception):
    """The assistant refused the turn; asking again won't help. `reason` is its word for it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class AssistantStatus:
    """What one assistant says of itself.

    `model` is the file name of its model; `actions` whether it reaches the action server. Both
    are None while it does not say.
    """

    url: str
    is_ready: bool
    model: str | None = None
    actions: bool | None = None


class AssistantClient:
    """Talks to the gateway channel of one assistant, or of several that share a database."""

    def __init__(self, urls: Sequence[str], token: str) -> None:
        self._token = token
        self._assistants = [_Assistant(url) for url in urls]

    async def turn(self, body: dict[str, Any]) -> dict[str, Any]:
        """Run a turn (or get its kept reply).

        Raises:
            AssistantUnavailableError: if there was no reply.
            TurnRefusedError: if there never will be one.
        """
        return await self._post("/turn", body)

    async def append_events(self, body: dict[str, Any]) -> None:
        """Append events to a conversation, once per delivery key. Raises as `turn` does."""
        await self._post("/events", body)

    async def forget(self, body: dict[str, Any]) -> None:
        """Take turns out of a conversation, or all of it, for good. Raises as `turn` does."""
        await self._post("/forget", body)

    async def statuses(self) -> list[AssistantStatus]:
        """Return what each assistant says of itself now, in the order of the settings."""
        return list(await asyncio.gather(*(a.status() for a in self._assistants)))

    async def tell(self, about: str, body: dict[str, Any]) -> dict[str, Any]:
        """Ask what only the assistant's model can tell: near, alike, group… Raises as `turn`."""
        return await self._post(f"/{about}", body)

    async def close(self) -> None:
        """Close the connections."""
        await asyncio.gather(*(a.http.aclose() for a in self._assistants))

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        content = json.dumps(body).encode()
        reason = ""
        for assistant in self._in_order(body.get("conversation", path)):
            headers = sign(content, self._token, time.time())
            try:
                response = await assistant.http.post(path, content=content, headers=headers)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                reason = type(error).__name__
            except httpx.HTTPError as error:
                assistant.rest()
                raise AssistantUnavailableError(type(error).__name__) from error
            else:
                if response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                    return _reply(response)
                reason = "status 503"
            # It has run nothing, so that the next one may be asked at once.
            assistant.rest()
        raise AssistantUnavailableError(reason)

    def _in_order(self, conversation: str) -> list[_Assistant]:
        return sorted(self._assistants, key=lambda a: (a.is_resting, a.rank(conversation)))


class _Assistant:
    """One assistant, and whether it has just failed us."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.AsyncClient(
            base_url=f"{url}/webhooks/gateway",
            timeout=httpx.Timeout(TURN_TIMEOUT_SECONDS, connect=2),
            trust_env=False,
            # Over plain HTTP nothing is verified; to read the authorities takes 2 MB.
            verify=url.startswith("https:"),
        )
        self._rests_until = 0.0

    @property
    def is_resting(self) -> bool:
        return time.monotonic() < self._rests_until

    def rest(self) -> None:
        self._rests_until = time.monotonic() + REST_SECONDS

    def rank(self, conversation: str) -> bytes:
        # Rendezvous hashing: all gateways agree, and one assistant more or less moves few.
        return hashlib.sha256(f"{self.url} {conversation}".encode()).digest()

    async def status(self) -> AssistantStatus:
        try:
            response = await self.http.get("/ready", timeout=STATUS_TIMEOUT_SECONDS)
            told = response.json()
        except (httpx.HTTPError, ValueError):
            return AssistantStatus(self.url, is_ready=False)
        is_ready = response.status_code == httpx.codes.OK
        return AssistantStatus(self.url, is_ready, told.get("model"), told.get("actions"))


def _reply(response: httpx.Response) -> dict[str, Any]:
    if response.status_code in (400, 422):
        raise TurnRefusedError(response.json().get("error", "refused"))
    if response.status_code != httpx.codes.OK:
        raise AssistantUnavailableError(f"status {response.status_code}")
    return response.json()

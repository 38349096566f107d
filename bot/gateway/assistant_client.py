"""The gateway's calls to the assistant: signed, and honest about what failed."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx

from bot.privacy.signing import sign

TURN_TIMEOUT_SECONDS = 20


class AssistantUnavailableError(Exception):
    """The assistant gave no reply; asking again later may work."""


class TurnRefusedError(Exception):
    """The assistant refused the turn; asking again won't help. `reason` is its word for it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AssistantClient:
    """Talks to the assistant's gateway channel."""

    def __init__(self, base_url: str, token: str) -> None:
        self._token = token
        self._http = httpx.AsyncClient(
            base_url=f"{base_url}/webhooks/gateway",
            timeout=httpx.Timeout(TURN_TIMEOUT_SECONDS, connect=2),
            trust_env=False,
        )

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

    async def is_ready(self) -> bool:
        """Say whether the assistant has a model loaded."""
        try:
            response = await self._http.get("/ready", timeout=2)
        except httpx.HTTPError:
            return False
        return response.status_code == httpx.codes.OK

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        content = json.dumps(body).encode()
        try:
            response = await self._http.post(
                path, content=content, headers=sign(content, self._token, time.time())
            )
        except httpx.HTTPError as error:
            raise AssistantUnavailableError(type(error).__name__) from error
        if response.status_code in (400, 422):
            raise TurnRefusedError(response.json().get("error", "refused"))
        if response.status_code != httpx.codes.OK:
            raise AssistantUnavailableError(f"status {response.status_code}")
        return response.json()

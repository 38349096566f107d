"""The action server as Rasa calls it: with our token, and for seconds at most.

Rasa waits five minutes by default, longer than it holds a conversation's lock.
"""

from __future__ import annotations

from typing import Any

import aiohttp
from rasa.utils.endpoints import EndpointConfig

from bot.settings import Settings


class ActionServer(EndpointConfig):
    """The endpoint of our actions."""

    def __init__(self, settings: Settings, timeout_seconds: float) -> None:
        super().__init__(
            url=f"{settings.actions_url}/webhook",
            headers={"Authorization": f"Bearer {settings.internal_token}"},
        )
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)

    async def request(self, *args: Any, **kwargs: Any) -> Any:
        """Call the action server within our own time limit."""
        return await super().request(*args, **{**kwargs, "timeout": self._timeout})

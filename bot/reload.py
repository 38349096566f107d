"""`hrbot reload`: lets the running assistants take the model of the current files, one by one."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx

from bot.errors import HRBotError
from bot.privacy.signing import sign
from bot.settings import Settings

LOADING_SECONDS = 120
REASONS = {
    "not_trained": "it has no model of the files that it sees: run “hrbot train” on its machine",
    "restart_needed": "the new model uses TensorFlow, which it runs without: restart it",
    "broken": "the model could not be loaded, and the old one goes on: its log says why",
    "no_model": "it has no model yet",
    "unsigned": "INTERNAL_TOKEN is another one there",
}


class ReloadError(HRBotError):
    """An assistant did not take the model."""


def reload_assistants(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield (URL, model) of each assistant as soon as it runs the model of the current files.

    Raises:
        ReloadError: with a sentence that says which one did not, and why.
    """
    for url in settings.assistant_urls:
        body = b"{}"
        headers = sign(body, settings.internal_token, time.time())
        try:
            answer = httpx.post(
                f"{url}/webhooks/gateway/reload",
                content=body,
                headers=headers,
                timeout=LOADING_SECONDS,
                trust_env=False,
            )
            told = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise ReloadError(
                f"The assistant at {url} does not answer ({type(error).__name__})."
            ) from error
        if answer.status_code != httpx.codes.OK:
            reason = told.get("error", "")
            raise ReloadError(
                f"The assistant at {url} keeps its model: {REASONS.get(reason, reason)}."
            )
        yield url, told["model"]

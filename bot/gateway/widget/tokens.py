"""Tokens that browsers hold: a random id and a signature that only the gateway can make."""

from __future__ import annotations

import hmac
import re
import secrets

from bot.privacy.sealing import Seal

SESSION, LINK, REMINDER = "widget session", "widget link", "program reminder"
_TOKEN = re.compile(r"([A-Za-z0-9_-]{20,40})\.([0-9a-f]{64})")


class Tokens:
    """Makes and reads tokens. What a token is for is part of its signature."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal

    def of(self, purpose: str, identifier: str) -> str:
        """Return the token with this id, always the same."""
        return f"{identifier}.{self._seal.fingerprint(purpose, identifier)}"

    def read(self, purpose: str, token: str) -> str | None:
        """Return the id in a token, or None if it wasn't made here for this purpose."""
        parts = _TOKEN.fullmatch(token)
        if parts is None:
            return None
        signature = self._seal.fingerprint(purpose, parts[1])
        return parts[1] if hmac.compare_digest(signature, parts[2]) else None


def new_id() -> str:
    """Return a fresh random id that nobody can guess."""
    return secrets.token_urlsafe(18)

"""Signs and checks requests between our own processes: HMAC-SHA256 over time and body."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence

TIMESTAMP_HEADER = "X-Hrbot-Timestamp"
SIGNATURE_HEADER = "X-Hrbot-Signature"
TOLERANCE_SECONDS = 300


def sign(body: bytes, token: str, now: float) -> dict[str, str]:
    """Return the headers that prove that a holder of `token` sent `body` at `now` (epoch s)."""
    timestamp = str(int(now))
    return {
        TIMESTAMP_HEADER: timestamp,
        SIGNATURE_HEADER: _signature(body, token, timestamp),
        "Content-Type": "application/json",
    }


def is_signed(body: bytes, headers: Mapping[str, str], tokens: Sequence[str], now: float) -> bool:
    """Say whether `body` was signed with one of `tokens` within the last five minutes."""
    timestamp = headers.get(TIMESTAMP_HEADER, "")
    given = headers.get(SIGNATURE_HEADER, "")
    if not timestamp.isdecimal() or abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    # As bytes: compare_digest refuses strings that aren't ASCII.
    offered = given.encode(errors="replace")
    matches = [
        hmac.compare_digest(_signature(body, t, timestamp).encode(), offered) for t in tokens
    ]
    return any(matches)


def has_bearer(headers: Mapping[str, str], tokens: Sequence[str]) -> bool:
    """Say whether `Authorization: Bearer …` holds one of `tokens`."""
    given = headers.get("authorization", "").encode(errors="replace")
    # No early end: how long this takes must not tell which token was nearly right.
    matches = [hmac.compare_digest(given, f"Bearer {token}".encode()) for token in tokens]
    return any(matches)


def _signature(body: bytes, token: str, timestamp: str) -> str:
    message = timestamp.encode() + b"." + body
    return "v1=" + hmac.new(token.encode(), message, hashlib.sha256).hexdigest()

"""Encrypts addresses and people, and finds them again by a keyed fingerprint.

Encryption is Fernet (cryptography); the fingerprint is HMAC-SHA256 under a key derived
from the same secret with HKDF, so that equal addresses are found without decrypting.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Seal:
    """Seals small dicts of strings under one Fernet key."""

    def __init__(self, key: str) -> None:
        self._fernet = Fernet(key)
        self._fingerprint_key = HKDF(
            algorithm=hashes.SHA256(), length=32, salt=None, info=b"hrbot fingerprint"
        ).derive(key.encode())

    def seal(self, value: dict[str, str], *, dated: bool = True) -> str:
        """Return `value` encrypted, as text.

        Args:
            dated: Fernet writes the time beside it, readable without the key; False: it doesn't.
        """
        content = json.dumps(value).encode()
        if dated:
            return self._fernet.encrypt(content).decode()
        return self._fernet.encrypt_at_time(content, 0).decode()

    def open(self, sealed: str) -> dict[str, str]:
        """Return what was sealed.

        Raises:
            cryptography.fernet.InvalidToken: if it was sealed under another key.
        """
        return json.loads(self._fernet.decrypt(sealed.encode()))

    def fingerprint(self, *parts: str) -> str:
        """Return the keyed hash (64 hex digits) under which `parts` can be found."""
        message = json.dumps(parts).encode()
        return hmac.new(self._fingerprint_key, message, hashlib.sha256).hexdigest()

    def email_fingerprint(self, address: str) -> str:
        """Return the fingerprint of an e-mail address, in capitals or not."""
        return self.fingerprint("email", address.strip().lower())

    def way_back_fingerprint(self, conversation_id: str, team: str, user: str) -> str:
        """Return the fingerprint by which an anonymous case's way back leads to a Slack user."""
        return self.fingerprint("way back", conversation_id, team, user)


def opaque_id(prefix: str) -> str:
    """Return a fresh random id such as `slack:Zk3…`, of characters that URLs leave alone."""
    return f"{prefix}:{secrets.token_hex(12)}"

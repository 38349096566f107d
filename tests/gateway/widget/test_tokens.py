from __future__ import annotations

import re

from cryptography.fernet import Fernet

from bot.gateway.widget.tokens import LINK, SESSION, Tokens, new_id
from bot.privacy.sealing import Seal


def test_a_token_holds_its_id_for_its_purpose_only(seal: Seal) -> None:
    tokens, identifier = Tokens(seal), new_id()
    token = tokens.of(SESSION, identifier)
    assert tokens.of(SESSION, identifier) == token
    assert tokens.read(SESSION, token) == identifier
    assert tokens.read(LINK, token) is None
    assert Tokens(Seal(Fernet.generate_key().decode())).read(SESSION, token) is None


def test_what_is_changed_is_no_token(seal: Seal) -> None:
    tokens = Tokens(seal)
    token = tokens.of(SESSION, new_id())
    for changed in ("", "x", token[:-1], token + "0", token.upper(), f" {token}", f"{token}\n"):
        assert tokens.read(SESSION, changed) is None


def test_ids_can_t_be_guessed_and_stand_in_urls() -> None:
    made = {new_id() for _ in range(1000)}
    assert len(made) == 1000
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{24}", identifier) for identifier in made)

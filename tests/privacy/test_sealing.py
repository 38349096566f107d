from __future__ import annotations

import re

import pytest
from cryptography.fernet import Fernet, InvalidToken
from hypothesis import given
from hypothesis import strategies as st

from bot.privacy.sealing import Seal, opaque_id

SEAL = Seal(Fernet.generate_key().decode())


@given(st.dictionaries(st.text(max_size=10), st.text(max_size=20), max_size=3))
def test_what_is_sealed_comes_back(value: dict[str, str]) -> None:
    assert SEAL.open(SEAL.seal(value)) == value


def test_nothing_shows_through_the_seal() -> None:
    sealed = SEAL.seal({"user": "U0EMPLOYEE1"})
    assert "U0EMPLOYEE1" not in sealed
    assert sealed != SEAL.seal({"user": "U0EMPLOYEE1"})


def test_another_key_opens_nothing_and_finds_nothing() -> None:
    other = Seal(Fernet.generate_key().decode())
    with pytest.raises(InvalidToken):
        other.open(SEAL.seal({"user": "U1"}))
    assert other.fingerprint("slack", "U1") != SEAL.fingerprint("slack", "U1")


def test_a_fingerprint_is_the_same_in_the_next_process() -> None:
    key = "WbQbQ5IgbhCHXu1mvvA3UDRWJmdiE8ySMnjMQOIvBjo="
    assert Seal(key).fingerprint("slack", "T1", "U1") == Seal(key).fingerprint("slack", "T1", "U1")
    assert re.fullmatch("[0-9a-f]{64}", Seal(key).fingerprint("a"))


@given(st.lists(st.text(max_size=4), max_size=3), st.lists(st.text(max_size=4), max_size=3))
def test_different_parts_have_different_fingerprints(one: list[str], two: list[str]) -> None:
    assert (SEAL.fingerprint(*one) == SEAL.fingerprint(*two)) == (one == two)


def test_opaque_ids_are_new_and_need_no_escaping() -> None:
    ids = {opaque_id("slack") for _ in range(100)}
    assert len(ids) == 100
    assert all(re.fullmatch(r"slack:[A-Za-z0-9._-]{16,}", found) for found in ids)

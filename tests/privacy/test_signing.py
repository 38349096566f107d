from __future__ import annotations

import pytest

from bot.privacy.signing import SIGNATURE_HEADER, TIMESTAMP_HEADER, is_signed, sign

OLD, NEW = "an-older-internal-token", "a-newer-internal-token"
NOW = 1_790_000_000.5
BODY = b'{"text": "hello"}'


def test_a_signed_body_is_known_again() -> None:
    assert is_signed(BODY, sign(BODY, NEW, NOW), [NEW], NOW + 299)


def test_while_tokens_rotate_both_are_good() -> None:
    assert is_signed(BODY, sign(BODY, OLD, NOW), [NEW, OLD], NOW)
    assert is_signed(BODY, sign(BODY, NEW, NOW), [NEW, OLD], NOW)
    assert not is_signed(BODY, sign(BODY, OLD, NOW), [NEW], NOW)


@pytest.mark.parametrize("seconds", [-302, 302])
def test_an_old_or_future_signature_is_refused(seconds: float) -> None:
    assert not is_signed(BODY, sign(BODY, NEW, NOW), [NEW], NOW + seconds)


def test_another_body_is_refused() -> None:
    assert not is_signed(b"{}", sign(BODY, NEW, NOW), [NEW], NOW)


def test_the_time_is_part_of_what_is_signed() -> None:
    headers = sign(BODY, NEW, NOW - 1000)
    assert not is_signed(BODY, {**headers, TIMESTAMP_HEADER: str(int(NOW))}, [NEW], NOW)


def test_without_tokens_nothing_is_signed() -> None:
    assert not is_signed(BODY, sign(BODY, "", NOW), [], NOW)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {TIMESTAMP_HEADER: "soon"},
        {TIMESTAMP_HEADER: "²", SIGNATURE_HEADER: "v1=00"},
        {TIMESTAMP_HEADER: "-5", SIGNATURE_HEADER: "v1=00"},
        {TIMESTAMP_HEADER: str(int(NOW))},
        {TIMESTAMP_HEADER: str(int(NOW)), SIGNATURE_HEADER: "v1=é\udce9"},
    ],
)
def test_nonsense_is_refused_quietly(headers: dict[str, str]) -> None:
    assert not is_signed(BODY, headers, [NEW], NOW)

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone
from uuid import uuid4

import pytest
import redis
from limits import parse_many

from bot.gateway.widget.limits import RateLimits, network_of, seconds_to_wait
from bot.gateway.widget.refusals import Refusal
from bot.privacy.sealing import Seal

REDIS = "redis://127.0.0.1:6379/9"


def _redis_answers() -> bool:
    try:
        return redis.Redis.from_url(REDIS, socket_timeout=1).ping()
    except redis.RedisError:
        return False


needs_redis = pytest.mark.skipif(not _redis_answers(), reason="no Redis answers here")


def refusals(limits: RateLimits, times: int, host: str | None = None, session: str = "") -> list:
    """Count so often; return what was refused."""

    async def count() -> list[Refusal]:
        refused = []
        for _ in range(times):
            try:
                if session:
                    await limits.count_session(session)
                else:
                    await limits.count_address(host)
            except Refusal as refusal:
                refused.append(refusal)
        return refused

    return asyncio.run(count())


def limits_with(seal: Seal, url: str = "") -> RateLimits:
    rates = {"session_rate": "3/hour", "address_rate": "4/hour;5/day", "address_case_rate": "1/day"}
    return RateLimits(url, seal, **rates)


def test_each_session_and_each_address_counts_for_itself(seal: Seal) -> None:
    limits = limits_with(seal)
    assert len(refusals(limits, 5, session="one")) == 2
    assert refusals(limits, 3, session="other") == []
    [refused] = refusals(limits, 5, "192.0.2.7")
    assert (refused.status, refused.code) == (429, "too_many")
    assert 1 <= refused.retry_after <= 3600
    assert refusals(limits, 4, "192.0.2.8") == []


def test_forms_of_an_address_are_counted_apart(seal: Seal) -> None:
    limits = limits_with(seal)
    assert refusals(limits, 2, "192.0.2.7") == []
    asyncio.run(limits.count_case("192.0.2.7"))
    asyncio.run(limits.count_case("192.0.2.8"))
    with pytest.raises(Refusal) as refused:
        asyncio.run(limits.count_case("192.0.2.7"))
    assert (refused.value.status, refused.value.code) == (429, "too_many_cases")
    assert 3600 < refused.value.retry_after <= 86400


@pytest.mark.parametrize(
    ("minutes_ago", "wait"),
    [
        ([], 0),
        ([1], 0),
        ([1, 2], 58 * 60),
        ([1, 59], 60),
        ([1, 60], 0),
        ([61, 62], 0),
        ([61, 62, 63], (24 * 60 - 63) * 60),
        ([1, 2, 24 * 60 - 1], 58 * 60),
        ([61, 62, 24 * 60], 0),
    ],
)
def test_how_long_until_something_may_be_done_once_more(minutes_ago: list[int], wait: int) -> None:
    now = datetime(2026, 11, 23, 9, 0, tzinfo=timezone.utc)
    done = [now - timedelta(minutes=minutes) for minutes in minutes_ago]
    assert seconds_to_wait(parse_many("2/hour;3/day"), done, now) == wait


def test_a_household_is_one_address_in_ipv6() -> None:
    assert network_of("2001:db8:1:2:3::4") == network_of("2001:db8:1:2:ffff::1")
    assert network_of("2001:db8:1:2::1") != network_of("2001:db8:1:3::1")
    assert network_of("192.0.2.7") == "192.0.2.7"
    assert network_of(None) == network_of("") == "unknown"


@needs_redis
def test_gateways_count_together_and_keep_no_address_in_the_clear(seal: Seal) -> None:
    one, other = limits_with(seal, REDIS), limits_with(seal, REDIS)
    host = f"2001:db8:{uuid4().hex[:4]}::1"
    assert refusals(one, 2, host) == []
    assert len(refusals(other, 3, host)) == 1
    keys = [key.decode() for key in redis.Redis.from_url(REDIS).keys("*")]
    assert any(seal.fingerprint("address", network_of(host)) in key for key in keys)
    assert not any("2001:db8" in key for key in keys)


def test_without_redis_each_counts_alone(seal: Seal) -> None:
    limits = limits_with(seal, "redis://127.0.0.1:1/0")
    assert len(refusals(limits, 5, session="one")) == 2

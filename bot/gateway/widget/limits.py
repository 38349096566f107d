"""How often a browser or an address may ask: counted in Redis if there is one, else in memory.

Addresses are counted under their fingerprint. While Redis is away, each process counts alone.
What a conversation sends to HR is counted in its cases.
"""

from __future__ import annotations

import asyncio
import ipaddress
import math
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from limits import RateLimitItem, parse_many
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from bot.gateway.widget.refusals import refusal
from bot.privacy.sealing import Seal

log = structlog.get_logger(__name__)

IPV6_PREFIX = 64


class RateLimits:
    """Counts what sessions and addresses do.

    Args:
        session_rate: such as `20/minute;200/hour`.
        address_rate: the same, for all browsers behind one address.
        address_case_rate: how many forms may be sent to HR from one address.
    """

    def __init__(
        self,
        redis_url: str,
        seal: Seal,
        *,
        session_rate: str,
        address_rate: str,
        address_case_rate: str,
    ) -> None:
        self._seal = seal
        self._rates = {
            "session": parse_many(session_rate),
            "address": parse_many(address_rate),
            "case": parse_many(address_case_rate),
        }
        # The limiters hold their storages weakly.
        self._storages: list[Storage] = [storage_from_string("memory://")]
        self._alone = FixedWindowRateLimiter(self._storages[0])
        self._shared: FixedWindowRateLimiter | None = None
        if redis_url:
            self._storages.append(storage_from_string(redis_url, socket_timeout=1))
            self._shared = FixedWindowRateLimiter(self._storages[1])

    async def count_session(self, session_id: str) -> None:
        """Count a request of a session.

        Raises:
            Refusal: if there were too many.
        """
        await self._count("session", session_id)

    async def count_address(self, host: str | None) -> None:
        """Count a request from an address. Raises as `count_session`."""
        await self._count("address", self._fingerprint(host))

    async def count_case(self, host: str | None) -> None:
        """Count a question that is sent to HR from an address. Raises as `count_session`."""
        await self._count("case", self._fingerprint(host), "too_many_cases")

    def _fingerprint(self, host: str | None) -> str:
        return self._seal.fingerprint("address", network_of(host))

    async def _count(self, kind: str, who: str, code: str = "too_many") -> None:
        if self._shared is None:
            wait = _hit(self._alone, self._rates[kind], kind, who)
        else:
            wait = await asyncio.to_thread(self._hit_shared, kind, who)
        if wait is not None:
            log.warning("widget.too_many", by=kind)
            raise refusal(code, retry_after=wait)

    def _hit_shared(self, kind: str, who: str) -> int | None:
        try:
            return _hit(self._shared, self._rates[kind], kind, who)
        except Exception as error:
            # Whatever the storage raises: people are answered without it.
            log.warning("widget.redis_unreachable", error=type(error).__name__)
            return _hit(self._alone, self._rates[kind], kind, who)


def seconds_to_wait(rates: Sequence[RateLimitItem], done: Sequence[datetime], now: datetime) -> int:
    """Return after how many seconds something may be done once more; 0 if it may be now.

    Args:
        done: when it was done before, newest first.
    """
    waits = [0]
    for rate in rates:
        if len(done) >= rate.amount:
            free_at = done[rate.amount - 1] + timedelta(seconds=rate.get_expiry())
            waits.append(math.ceil((free_at - now).total_seconds()))
    return max(waits)


def network_of(host: str | None) -> str:
    """Return what is counted as one address: of IPv6, the network that a household has."""
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return host or "unknown"
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, IPV6_PREFIX), strict=False))


def _hit(
    limiter: FixedWindowRateLimiter, rates: list[RateLimitItem], kind: str, who: str
) -> int | None:
    """Count one request; return the seconds to wait if it is one too many."""
    for rate in rates:
        if not limiter.hit(rate, kind, who):
            resets_at = limiter.get_window_stats(rate, kind, who)[0]
            return max(1, math.ceil(resets_at - time.time()))
    return None

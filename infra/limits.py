"""
Buckets in Valkey, one script and one round trip for all that a request takes from.

A bucket is kept as the instant at which it is full again (GCRA: the same as counting tokens, in one number), by
Valkey's clock, and expires at that instant. Its name is a keyed hash. Without Valkey everybody passes.
"""

import asyncio
import hmac
import time
from collections.abc import Sequence
from math import ceil
from typing import Any

import structlog
from prometheus_client import Counter
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from domain.core.limits import AskedTooOften, Bucket

log = structlog.get_logger()

PATIENCE_SECONDS = 0.1
PAUSE_SECONDS = 0.25
TOLD_EVERY_SECONDS = 60.0
AT_ONCE = 8
_LATE_SECONDS = 0.02

UNAVAILABLE = Counter(
    "qingyi_rate_limiter_unavailable", "Requests that were let in uncounted because Valkey was away."
)
LIMITED = Counter("qingyi_rate_limited", "Requests that were refused as too many.", ["by"])

# Microseconds throughout. All buckets are looked at before any is taken from: what is refused uses nothing up.
_TAKE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local longest, emptiest, filled = 0, 0, {}
for i = 1, #KEYS do
  local at_once, each = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local cost = math.min(tonumber(ARGV[1]), at_once)
  local full = math.max(tonumber(redis.call('GET', KEYS[i]) or '0'), now) + cost * each
  local wait = full - at_once * each - now
  if wait > longest then longest, emptiest = wait, i end
  filled[i] = full
end
if emptiest > 0 then return {emptiest, math.ceil(longest)} end
for i = 1, #KEYS do
  local left = math.max(1, math.ceil((filled[i] - now) / 1000))
  redis.call('SET', KEYS[i], string.format('%.0f', filled[i]), 'PX', left)
end
return {0, 0}
"""


class ValkeyBuckets:
    """`domain.core.limits.Buckets`."""

    def __init__(self, url: str, key: bytes) -> None:
        # A client of its own: the usual one tries again for seconds, which no request has to give away here.
        self._redis: Redis = Redis.from_url(url, retry=Retry(NoBackoff(), 1))
        self._key = key
        self._script = self._redis.register_script(_TAKE)
        self._places = asyncio.Semaphore(AT_ONCE)
        self._paused_until = self._silent_until = 0.0

    async def aclose(self) -> None:
        await self._redis.aclose()

    async def take(self, buckets: Sequence[Bucket], cost: float = 1) -> bool:
        args: list[float] = [cost]
        for bucket in buckets:
            args += (bucket.allowance.at_once, 1_000_000 / bucket.allowance.a_second)
        async with self._places:
            if time.monotonic() < self._paused_until:
                UNAVAILABLE.inc()
                return False
            try:
                number, wait = await self._ask([self._name(bucket) for bucket in buckets], args)
            except (RedisError, OSError) as fault:
                self._away(fault)
                return False
        if number:
            empty = buckets[number - 1]
            LIMITED.labels(empty.by.value).inc()
            raise AskedTooOften(seconds=ceil(wait / 1_000_000), by=empty.by)
        return True

    def _name(self, bucket: Bucket) -> str:
        whose = hmac.digest(self._key, f"{bucket.by.value}\0{bucket.whose}".encode(), "sha256")
        return f"limits:{bucket.by.value}:{whose[:16].hex()}"

    async def _ask(self, keys: list[str], args: list[float]) -> Any:
        """The script's answer; TimeoutError when Valkey, and not this very process, takes too long."""
        loop = asyncio.get_running_loop()
        asked = asyncio.ensure_future(self._script(keys=keys, args=args))
        try:
            while True:
                due = loop.time() + PATIENCE_SECONDS
                await asyncio.wait({asked}, timeout=PATIENCE_SECONDS)
                if asked.done():
                    return asked.result()
                # A busy process hears its timer late, and the answer may lie unread: a flood must not open the door.
                if loop.time() - due < _LATE_SECONDS:
                    raise TimeoutError
        finally:
            asked.cancel()

    def _away(self, fault: Exception) -> None:
        """For a moment nobody asks: those who wait their turn would wait for nothing."""
        UNAVAILABLE.inc()
        now = time.monotonic()
        self._paused_until = now + PAUSE_SECONDS
        if now >= self._silent_until:
            self._silent_until = now + TOLD_EVERY_SECONDS
            log.warning("limits.store_away", fault=type(fault).__name__)

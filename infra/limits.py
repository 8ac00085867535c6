"""
Buckets in Valkey, one script and one round trip for all that a request takes from.

A bucket is kept as the instant at which it is full again (GCRA: the same as counting tokens, in one number), by
Valkey's clock, and expires at that instant. Its name is a keyed hash. Without Valkey everybody passes.
"""

import hmac
import time
from collections.abc import Awaitable, Callable, Sequence
from math import ceil
from typing import Any

import structlog
from prometheus_client import Counter
from redis.exceptions import RedisError

from domain.core.limits import AskedTooOften, Bucket, CountedBy
from infra.line import ScriptLine

log = structlog.get_logger()

PATIENCE_SECONDS = 0.1
PAUSE_SECONDS = 0.25
TOLD_EVERY_SECONDS = 60.0
NAMES_KEPT = 10_000

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
        self._key = key
        self._line = ScriptLine(url, _TAKE, lambda: PATIENCE_SECONDS)
        self._script: Callable[[Sequence[str], Sequence[float]], Awaitable[Any]] = self._line
        self._names: dict[tuple[CountedBy, str], str] = {}
        self._paused_until = self._silent_until = 0.0

    async def aclose(self) -> None:
        self._line.close()

    async def take(self, buckets: Sequence[Bucket], cost: float = 1) -> bool:
        args: list[float] = [cost]
        for bucket in buckets:
            args += (bucket.allowance.at_once, 1_000_000 / bucket.allowance.a_second)
        if time.monotonic() < self._paused_until:
            UNAVAILABLE.inc()
            return False
        try:
            number, wait = await self._script([self._name(bucket) for bucket in buckets], args)
        except (RedisError, OSError) as fault:
            self._away(fault)
            return False
        if number:
            empty = buckets[number - 1]
            LIMITED.labels(empty.by.value).inc()
            raise AskedTooOften(seconds=ceil(wait / 1_000_000), by=empty.by)
        return True

    def _name(self, bucket: Bucket) -> str:
        named = (bucket.by, bucket.whose)
        name = self._names.get(named)
        if name is None:
            whose = hmac.digest(self._key, f"{bucket.by.value}\0{bucket.whose}".encode(), "sha256")
            name = f"limits:{bucket.by.value}:{whose[:16].hex()}"
            if len(self._names) >= NAMES_KEPT:
                self._names.clear()
            self._names[named] = name
        return name

    def _away(self, fault: Exception) -> None:
        """For a moment nobody asks: whoever comes would wait for nothing."""
        UNAVAILABLE.inc()
        now = time.monotonic()
        self._paused_until = now + PAUSE_SECONDS
        if now >= self._silent_until:
            self._silent_until = now + TOLD_EVERY_SECONDS
            log.warning("limits.store_away", fault=type(fault).__name__)

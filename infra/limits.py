"""
Buckets in Valkey, one script and one round trip for all that a request takes from, or none: a busy process takes some
more at once. What it has set aside is counted already, so that nobody ever gets more than the limit.

A bucket is kept as the instant at which it is full again (GCRA: the same as counting tokens, in one number), by
Valkey's clock, and expires at that instant. Its name is a keyed hash. Without Valkey everybody passes.
"""

import hmac
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import structlog
from prometheus_client import Counter
from redis.exceptions import RedisError

from domain.core.limits import AskedTooOften, Bucket
from infra.line import ScriptLine

log = structlog.get_logger()

PATIENCE_SECONDS = 0.1
PAUSE_SECONDS = 0.25
TOLD_EVERY_SECONDS = 60.0
NAMES_KEPT = 10_000
SPARE_PART = 32
"""A busy process sets aside a 32nd of what is left in a bucket: so much earlier may another process find it empty."""
SPARE_SECONDS = 1.0
NO_PART = 1_000_000_000

UNAVAILABLE = Counter(
    "qingyi_rate_limiter_unavailable", "Requests that were let in uncounted because Valkey was away."
)
LIMITED = Counter("qingyi_rate_limited", "Requests that were refused as too many.", ["by"])

# Microseconds throughout. All buckets are looked at before any is taken from: what is refused uses nothing up. From buckets
# that are busy and far from empty some more is taken, which this process then gives away by itself.
_TAKE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local longest, emptiest, filled, given = 0, 0, {}, {0, 0}
for i = 1, #KEYS do
  local at_once, each = tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i])
  local cost = math.min(tonumber(ARGV[1]), at_once)
  local full = math.max(tonumber(redis.call('GET', KEYS[i]) or '0'), now) + cost * each
  local wait = full - at_once * each - now
  if wait > longest then longest, emptiest = wait, i end
  local spare = math.max(0, math.floor(-wait / each / tonumber(ARGV[3 * i + 1])))
  filled[i], given[i + 2] = full + spare * each, spare
end
if emptiest > 0 then return {emptiest, math.ceil(longest)} end
for i = 1, #KEYS do
  local left = math.max(1, math.ceil((filled[i] - now) / 1000))
  redis.call('SET', KEYS[i], string.format('%.0f', filled[i]), 'PX', left)
end
return given
"""


@dataclass(slots=True)
class _Spare:
    """What this process may still give away of one bucket, until when."""

    left: float
    until: float


class ValkeyBuckets:
    """`domain.core.limits.Buckets`."""

    def __init__(self, url: str, key: bytes) -> None:
        self._key = key
        self._line = ScriptLine(url, _TAKE, lambda: PATIENCE_SECONDS)
        self._script: Callable[[Sequence[str], Sequence[float]], Awaitable[Any]] = self._line
        self._names: dict[Bucket, str] = {}
        self._spares: dict[Bucket, _Spare] = {}
        self._paused_until = self._silent_until = 0.0

    async def aclose(self) -> None:
        self._line.close()

    def taken_at_once(self, buckets: Sequence[Bucket], cost: float = 1) -> bool:
        now = time.monotonic()
        spares = self._spares
        found = [
            spare
            for bucket in buckets
            if (spare := spares.get(bucket)) is not None and spare.left >= cost and spare.until > now
        ]
        if len(found) < len(buckets):
            return False
        for spare in found:
            spare.left -= cost
        return True

    async def take(self, buckets: Sequence[Bucket], cost: float = 1) -> bool:
        if self.taken_at_once(buckets, cost):
            return True
        now = time.monotonic()
        if now < self._paused_until:
            UNAVAILABLE.inc()
            return False
        args: list[float] = [cost]
        for bucket in buckets:
            allowance = bucket.allowance
            args += (allowance.at_once, 1_000_000 / allowance.a_second, self._part(bucket, now))
        try:
            number, wait, *spares = await self._script([self._name(bucket) for bucket in buckets], args)
        except (RedisError, OSError) as fault:
            self._away(fault)
            return False
        if number:
            empty = buckets[number - 1]
            LIMITED.labels(empty.by.value).inc()
            raise AskedTooOften(seconds=ceil(wait / 1_000_000), by=empty.by)
        for bucket, spare in zip(buckets, spares, strict=True):
            self._keep(bucket, spare, now)
        return True

    def _part(self, bucket: Bucket, now: float) -> int:
        """Which part of what is left in a bucket to set aside: of one that was asked for a moment ago and has run out."""
        spare = self._spares.get(bucket)
        runs_out = spare is not None and spare.left < 1 and spare.until > now
        return SPARE_PART if runs_out else NO_PART

    def _keep(self, bucket: Bucket, left: float, now: float) -> None:
        spare = self._spares.get(bucket)
        if spare is not None and spare.until > now:
            spare.left += left
            if left:
                spare.until = now + SPARE_SECONDS
            return
        if len(self._spares) >= NAMES_KEPT:
            self._spares.clear()
        self._spares[bucket] = _Spare(left, now + SPARE_SECONDS)

    def _name(self, bucket: Bucket) -> str:
        name = self._names.get(bucket)
        if name is None:
            whose = hmac.digest(self._key, f"{bucket.by.value}\0{bucket.whose}".encode(), "sha256")
            name = f"limits:{bucket.by.value}:{whose[:16].hex()}"
            if len(self._names) >= NAMES_KEPT:
                self._names.clear()
            self._names[bucket] = name
        return name

    def _away(self, fault: Exception) -> None:
        """For a moment nobody asks: whoever comes would wait for nothing."""
        UNAVAILABLE.inc()
        now = time.monotonic()
        self._paused_until = now + PAUSE_SECONDS
        if now >= self._silent_until:
            self._silent_until = now + TOLD_EVERY_SECONDS
            log.warning("limits.store_away", fault=type(fault).__name__)

"""
So many in so many seconds, counted in Valkey for whatever is counted; by atomic scripts, under keyed hashes.

All windows are looked at before any is counted: what is refused uses nothing up.
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from redis.asyncio import Redis

MINUTE, HOUR, DAY = 60, 3_600, 86_400

_COUNT = """
local wait = 0
for i = 1, #KEYS do
  local used = tonumber(redis.call('GET', KEYS[i]) or '0')
  if used >= tonumber(ARGV[2 * i - 1]) then
    local left = redis.call('TTL', KEYS[i])
    if left > wait then wait = left end
  end
end
if wait > 0 then return wait end
for i = 1, #KEYS do
  if redis.call('INCR', KEYS[i]) == 1 then redis.call('EXPIRE', KEYS[i], ARGV[2 * i]) end
end
return 0
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many in so many seconds, counted for one thing."""

    most: int
    seconds: int


Counted = tuple[str, str, tuple[Limit, ...]]
"""The kind of thing that is counted, which one it is, and its limits."""


class Windows:
    """Counts under names that begin with `prefix`."""

    def __init__(self, redis: Redis, key: bytes, prefix: str) -> None:
        self._script = redis.register_script(_COUNT)
        self._key = key
        self._prefix = prefix

    async def count(self, counted: Iterable[Counted]) -> int:
        """0 when it was counted, else the seconds until the longest of the full windows opens. RedisError without Valkey."""
        windows = [
            (f"{self._prefix}:{kind}:{self._hash(kind, which)}:{limit.seconds}", limit)
            for kind, which, limits in counted
            for limit in limits
        ]
        wait = await self._script(
            keys=[key for key, _ in windows],
            args=[number for _, limit in windows for number in (limit.most, limit.seconds)],
        )
        return int(wait)

    def _hash(self, *parts: str) -> str:
        return hmac.new(self._key, "\0".join(parts).encode(), sha256).hexdigest()

"""
Counting in Valkey within windows of time, for all processes together: for what must be refused when it cannot be counted.

A window begins with the first that is counted in it. Buckets that fill again steadily are another thing, see `infra.limits`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from redis.asyncio import Redis

MINUTE, HOUR, DAY = 60, 3_600, 86_400

# All windows are looked at before any is counted: a request that is refused uses nothing up.
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


class Windows:
    """Counts what happens under a key, up to a limit."""

    def __init__(self, redis: Redis) -> None:
        self._count = redis.register_script(_COUNT)

    async def count(self, windows: Sequence[tuple[str, Limit]]) -> int:
        """Count one more in all of these, or in none: then the seconds until it may be. RedisError without Valkey."""
        wait = await self._count(
            keys=[key for key, _ in windows],
            args=[number for _, limit in windows for number in (limit.most, limit.seconds)],
        )
        return int(wait)

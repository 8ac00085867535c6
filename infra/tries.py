"""
Tries of second factors, counted in Valkey before each is looked at: fifty at once are no more than the limit.

They are counted by number, whether a member of staff has it or not, and under a keyed hash of it.
"""

import hmac
from hashlib import sha256

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from domain.accounts.codes import CodesUnavailable
from domain.accounts.second_factor import TriedTooOften
from infra.counting import DAY, HOUR, Limit, Windows

log = structlog.get_logger()

LIMITS = (Limit(10, HOUR), Limit(30, DAY))


class ValkeyTries:
    """`domain.accounts.second_factor.FactorTries`."""

    def __init__(self, redis: Redis, key: bytes, limits: tuple[Limit, ...] = LIMITS) -> None:
        self._windows = Windows(redis)
        self._key = key
        self._limits = limits

    async def count(self, phone: str) -> None:
        whose = hmac.new(self._key, phone.encode(), sha256).hexdigest()
        try:
            wait = await self._windows.count(
                [(f"factor:tries:{whose}:{limit.seconds}", limit) for limit in self._limits]
            )
        except RedisError:
            log.exception("tries.store_away")
            raise CodesUnavailable from None
        if wait:
            raise TriedTooOften("totp", seconds=wait)

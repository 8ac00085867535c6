"""How often the doors of others may be tried: each try asks the provider, who counts too, and strangers may do it."""

import hmac
from dataclasses import dataclass
from hashlib import sha256

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from domain.accounts.codes import Asker
from domain.accounts.doors import ProviderAway
from domain.core.limits import AskedTooOften
from infra.counting import HOUR, MINUTE, Limit, Windows

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class DoorLimits:
    """
    By whom tries are counted. WeChat takes 100 a minute of one user (45011 beyond), who is known only afterwards: nobody
    tries more often from one address.
    """

    address: tuple[Limit, ...] = (Limit(100, MINUTE), Limit(1_000, HOUR))
    device: tuple[Limit, ...] = (Limit(20, MINUTE),)
    everyone: tuple[Limit, ...] = (Limit(3_000, MINUTE), Limit(50_000, HOUR))


class DoorKeeper:
    """Counts tries at one door; without Valkey nobody is let through."""

    def __init__(self, redis: Redis, key: bytes, door: str, limits: DoorLimits) -> None:
        self._windows = Windows(redis)
        self._key = key
        self._door = door
        self._limits = limits

    async def let_in(self, asker: Asker) -> None:
        """AskedTooOften beyond the limits, ProviderAway without the store."""
        try:
            wait = await self._windows.count(self._tried(asker))
        except RedisError:
            log.exception("doors.store_away")
            raise ProviderAway from None
        if wait:
            raise AskedTooOften(seconds=wait)

    def _tried(self, asker: Asker) -> list[tuple[str, Limit]]:
        counted = (
            ("address", asker.address, self._limits.address if asker.address else ()),
            # What a device says of itself is shared by thousands: only together with its address is it one.
            ("device", f"{asker.address}\0{asker.device}", self._limits.device if asker.device else ()),
            ("everyone", "", self._limits.everyone),
        )
        return [
            (f"doors:{self._door}:{name}:{self._hash(name, value)}:{limit.seconds}", limit)
            for name, value, limits in counted
            for limit in limits
        ]

    def _hash(self, *parts: str) -> str:
        return hmac.new(self._key, "\0".join(parts).encode(), sha256).hexdigest()

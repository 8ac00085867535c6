"""
Which tables have changed: counted in each process, told to the others through Valkey.

A count goes up once the change is committed, before its writer is answered. Others hear of it within milliseconds; where
Valkey is away they do not hear of it, and whoever relies on it must not keep anything for long (`infra.keeping`).
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from uuid import uuid4

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

log = structlog.get_logger()

CHANNEL = "qingyi:changed"
PAUSE_SECONDS = 0.25
"""Before Valkey is tried again."""

CANCELLED_AGAIN_SECONDS = 0.05


class Changes:
    """The counts of a process. Only `tables` are counted and told."""

    def __init__(self, tables: Iterable[str] = ()) -> None:
        self.tables = frozenset(tables)
        self._counts: Counter[str] = Counter()
        self._told: set[str] = set()
        self._to_tell = asyncio.Event()
        self._myself = uuid4().hex

    def count(self, tables: Iterable[str]) -> int:
        """Goes up with each change of any of them."""
        return sum(self._counts[table] for table in tables)

    def note(self, tables: Iterable[str]) -> None:
        """A change of these is committed, or perhaps is."""
        changed = self.tables.intersection(tables)
        if changed:
            self._counts.update(changed)
            self._told |= changed
            self._to_tell.set()

    @asynccontextmanager
    async def shared(self, redis: Redis) -> AsyncIterator[None]:
        """Others are told of changes and heard, while the block lasts."""
        both = [asyncio.create_task(part) for part in (self._tell(redis), self._hear(redis))]
        try:
            yield
        finally:
            going_on = set(both)
            while going_on:  # redis-py loses a cancellation that comes while it connects
                for task in going_on:
                    task.cancel()
                _, going_on = await asyncio.wait(going_on, timeout=CANCELLED_AGAIN_SECONDS)
            await asyncio.gather(*both, return_exceptions=True)

    async def _tell(self, redis: Redis) -> None:
        """Tells others what was noted here, until cancelled. Those that come meanwhile go together."""
        while True:
            await self._to_tell.wait()
            self._to_tell.clear()
            told, self._told = self._told, set()
            try:
                await redis.publish(CHANNEL, " ".join((self._myself, *sorted(told))))
            except (RedisError, OSError):
                await asyncio.sleep(PAUSE_SECONDS)  # too late to be of use to anybody: it is not told again

    async def _hear(self, redis: Redis) -> None:
        """Counts what others tell, until cancelled. That Valkey is away is said once."""
        heard = True
        while True:
            try:
                async with redis.pubsub(ignore_subscribe_messages=True) as line:
                    await line.subscribe(CHANNEL)
                    heard = True
                    async for message in line.listen():
                        self._heard(message["data"])
            except (RedisError, OSError) as fault:
                if heard:
                    log.warning("changes.unheard", fault=type(fault).__name__)
                heard = False
                await asyncio.sleep(PAUSE_SECONDS)

    def _heard(self, data: bytes) -> None:
        sender, *tables = data.decode("ascii", "replace").split(" ")
        if sender != self._myself:
            self._counts.update(self.tables.intersection(tables))

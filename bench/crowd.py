"""What the measurements of crowds share: keys, a database of their own, and one that adds up how long it worked."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg

from domain.core.actors import Actor
from domain.core.db import Look, Write
from infra.database import EngineDatabase
from infra.keys import key_ring
from infra.migrate import upgrade
from infra.sealing import RingSealer
from infra.settings import Settings

KEYS = "bench:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
RING = key_ring(Settings(keys=KEYS))
SEALER = RingSealer(RING)


class Timed:
    """A database that adds up how long its transactions last, from begin to commit."""

    def __init__(self, inner: EngineDatabase) -> None:
        self.inner = inner
        self.count, self.seconds = 0, 0.0

    def read(self) -> Look:
        return self.inner.read()

    def read_as_stranger(self) -> Look:
        return self.inner.read_as_stranger()

    def read_as_youth(self) -> Look:
        return self.inner.read_as_youth()

    @asynccontextmanager
    async def write(self, actor: Actor) -> AsyncIterator[Write]:
        began = time.perf_counter()
        async with self.inner.write(actor) as tx:
            yield tx
        self.count += 1
        self.seconds += time.perf_counter() - began


def plain(url: str) -> str:
    """As asyncpg takes it."""
    return url.replace("postgresql+asyncpg://", "postgresql://")


@asynccontextmanager
async def own_database() -> AsyncIterator[str]:
    """The URL of a migrated database on the server of DATABASE_URL; dropped at the end."""
    base = os.environ["DATABASE_URL"]
    address, _, query = plain(base).partition("?")
    name = f"bench_{uuid4().hex[:8]}"
    url = f"{address.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
    url = "postgresql+asyncpg://" + url.partition("://")[2]
    owner = await asyncpg.connect(plain(base))
    await owner.execute(f'CREATE DATABASE "{name}"')
    try:
        await asyncio.to_thread(upgrade, url)
        yield url
    finally:
        await owner.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await owner.close()

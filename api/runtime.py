"""What one server process holds: connections, keys, the ports of the schema."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from redis.asyncio import Redis

from api.auth import Authenticator
from api.limits import Door
from domain.core.clock import Clock, system_clock
from domain.core.gathering import Gatherings
from graph.core.context import Ports
from infra.codes import CodeLimits, ValkeyCodes
from infra.database import EngineDatabase, make_engine
from infra.keys import key_ring
from infra.limits import ValkeyBuckets
from infra.registry import registry_of
from infra.sealing import RingSealer, RingSigner
from infra.settings import Settings
from infra.texts import texts_of
from infra.tokens import AccessTokens


@dataclass(frozen=True, slots=True)
class Runtime:
    config: Settings
    database: EngineDatabase
    redis: Redis
    ports: Ports
    tokens: AccessTokens
    authenticator: Authenticator
    door: Door


@asynccontextmanager
async def running(config: Settings, clock: Clock = system_clock) -> AsyncIterator[Runtime]:
    """The runtime of a process, until the block ends. Needs `database_url` and `redis_url` to be set."""
    if config.database_url is None or config.redis_url is None:
        raise RuntimeError(
            "DATABASE_URL and REDIS_URL must be set; `qingyi serve` starts embedded ones by itself"
        )
    ring = key_ring(config)
    engine = make_engine(
        config.database_url, pool=config.database_pool, statement_cache=config.database_statement_cache
    )
    database = EngineDatabase(engine, clock)
    redis: Redis = Redis.from_url(config.redis_url)
    http = httpx.AsyncClient()
    sealer = RingSealer(ring)
    tokens = AccessTokens(ring, config.issuer)
    authenticator = Authenticator(database, sealer, tokens)
    buckets = ValkeyBuckets(config.redis_url, ring.newest.derive("rate-limits")) if config.limits else None
    gatherings = Gatherings(database)
    try:
        yield Runtime(
            config=config,
            database=database,
            redis=redis,
            ports=Ports(
                database=database,
                sealer=sealer,
                cursors=RingSigner(ring),
                secret_keys=tuple(ring.derive_all("secrets-by-idempotency-key").values()),
                codes=ValkeyCodes(
                    redis, texts_of(config, http), ring.newest.derive("phone-codes"), CodeLimits()
                ),
                registry=registry_of(config),
                access_tokens=tokens,
                gatherings=gatherings,
            ),
            tokens=tokens,
            authenticator=authenticator,
            door=Door(authenticator, buckets, config),
        )
    finally:
        await gatherings.aclose()
        if buckets is not None:
            await buckets.aclose()
        await http.aclose()
        await redis.aclose()
        await engine.dispose()

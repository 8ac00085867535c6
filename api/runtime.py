"""What one server process holds: connections, keys, the ports of the schema."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from redis.asyncio import Redis

from api.auth import Authenticator
from api.limits import Door
from domain.core.clock import Clock, system_clock
from graph.core.context import Ports
from infra.codes import CodeLimits, ValkeyCodes
from infra.database import EngineDatabase, make_engine
from infra.door_limits import DoorKeeper, DoorLimits
from infra.keys import key_ring
from infra.limits import ValkeyBuckets
from infra.oidc import unified_identity_of
from infra.outgoing import outgoing_client
from infra.registry import registry_of
from infra.sealing import RingSealer, RingSigner
from infra.settings import Settings
from infra.texts import texts_of
from infra.tokens import AccessTokens
from infra.wechat import mini_program_of
from infra.windows import Windows


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
    http = outgoing_client()
    sealer = RingSealer(ring)
    tokens = AccessTokens(ring, config.issuer)
    authenticator = Authenticator(database, sealer, tokens)
    tries = Windows(redis, ring.newest.derive("door-limits"), "doors:tried")
    buckets = ValkeyBuckets(config.redis_url, ring.newest.derive("rate-limits")) if config.limits else None
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
                registry=registry_of(config, http),
                mini_program=mini_program_of(config, http, DoorKeeper(tries, "wechat", DoorLimits())),
                unified_identity=unified_identity_of(config, http, DoorKeeper(tries, "oidc", DoorLimits())),
                access_tokens=tokens,
            ),
            tokens=tokens,
            authenticator=authenticator,
            door=Door(authenticator, buckets, config),
        )
    finally:
        if buckets is not None:
            await buckets.aclose()
        await http.aclose()
        await redis.aclose()
        await engine.dispose()

"""What one server process holds: connections, keys, the ports of the schema."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from redis.asyncio import BlockingConnectionPool, Redis

from api.auth import Authenticator
from api.limits import Door
from api.operations import Operations
from domain.core.clock import Clock, system_clock
from domain.core.gathering import Gatherings
from domain.public import PUBLIC_TABLES
from graph.core.context import Ports
from infra.changes import Changes
from infra.codes import CodeLimits, ValkeyCodes
from infra.database import EngineDatabase, make_engine
from infra.door_limits import DoorKeeper, DoorLimits
from infra.keeping import Keeper
from infra.keys import key_ring
from infra.limits import ValkeyBuckets
from infra.links import RingLinks
from infra.oidc import unified_identity_of
from infra.outside import outgoing_client
from infra.registry import registry_of
from infra.sealing import RingSealer, RingSigner
from infra.settings import Settings
from infra.statements import RingCertificates, RingDeskLists, RingReceipts
from infra.texts import texts_of
from infra.tokens import AccessTokens
from infra.tries import ValkeyTries
from infra.wechat import mini_program_of

# In a flood of requests for codes the rest wait for a connection: for want of one, each would be refused at once.
VALKEY_CONNECTIONS = 50
VALKEY_WAIT_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Runtime:
    config: Settings
    database: EngineDatabase
    redis: Redis
    ports: Ports
    operations: Operations
    tokens: AccessTokens
    authenticator: Authenticator
    door: Door
    links: RingLinks
    receipts: RingReceipts
    desk_lists: RingDeskLists
    certificates: RingCertificates


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
    keeper = Keeper(Changes(PUBLIC_TABLES), config.cache_seconds, config.cache_bytes)
    database = EngineDatabase(
        engine,
        clock,
        statement_cache=config.database_statement_cache,
        keeper=keeper,
        together=config.share_answers,
    )
    redis = Redis.from_pool(
        BlockingConnectionPool.from_url(
            config.redis_url, max_connections=VALKEY_CONNECTIONS, timeout=VALKEY_WAIT_SECONDS
        )
    )
    http = outgoing_client()
    sealer = RingSealer(ring)
    tokens = AccessTokens(ring, config.issuer)
    links = RingLinks(ring)
    authenticator = Authenticator(database, sealer, tokens)
    door_key = ring.newest.derive("door-limits")
    buckets = ValkeyBuckets(config.redis_url, ring.newest.derive("rate-limits")) if config.limits else None
    gatherings = Gatherings(database)
    desk_lists = RingDeskLists(ring)
    certificates = RingCertificates(ring)
    ports = Ports(
        database=database,
        sealer=sealer,
        cursors=RingSigner(ring),
        secret_keys=tuple(ring.derive_all("secrets-by-idempotency-key").values()),
        codes=ValkeyCodes(
            redis, texts_of(config, http), tuple(ring.derive_all("phone-codes").values()), CodeLimits()
        ),
        factor_tries=ValkeyTries(redis, ring.newest.derive("factor-tries")),
        registry=registry_of(config, http),
        mini_program=mini_program_of(config, http, DoorKeeper(redis, door_key, "wechat", DoorLimits())),
        unified_identity=unified_identity_of(config, http, DoorKeeper(redis, door_key, "oidc", DoorLimits())),
        access_tokens=tokens,
        links=links,
        gatherings=gatherings,
        desk_lists=desk_lists,
        certificates=certificates,
    )
    operations = Operations(ports, config, clock)
    try:
        async with keeper.changes.shared(redis):
            yield Runtime(
                config=config,
                database=database,
                redis=redis,
                ports=ports,
                operations=operations,
                tokens=tokens,
                authenticator=authenticator,
                door=Door(authenticator, buckets, config),
                links=links,
                receipts=RingReceipts(ring),
                desk_lists=desk_lists,
                certificates=certificates,
            )
    finally:
        await operations.aclose()
        await database.aclose()
        await gatherings.aclose()
        await keeper.aclose()
        if buckets is not None:
            await buckets.aclose()
        await http.aclose()
        await redis.aclose()
        await engine.dispose()

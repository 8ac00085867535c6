"""What must be good for the server to work, each as one plain answer."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool
from sqlmodel import SQLModel

import domain.models  # noqa: F401 - fills the metadata with all tables
from infra.database import NO_ANSWER, EngineDatabase
from infra.indexes import left_invalid
from infra.keys import KeyRing, key_ring
from infra.revisions import NoSingleHead, head
from infra.rotation.sampling import Sample, sample
from infra.sealing import RingSealer
from infra.settings import Settings

OLDEST_POSTGRES = 160_000
CLOCK_SKEW_SECONDS = 2.0
TIMEOUT_SECONDS = 5.0
SAMPLE_SECONDS = 60.0
QUESTION = """
    SELECT current_setting('server_version_num')::int AS version,
        current_setting('server_encoding') AS encoding,
        '驿' ~ '[[:alpha:]]' AS letters,
        extract(epoch FROM clock_timestamp())::float8 AS now,
        to_regclass('alembic_version') IS NOT NULL AS migrated
"""


class Bad(Exception):
    """A check failed; the message says what is wrong in one line."""


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    good: bool
    text: str


@dataclass(frozen=True, slots=True)
class _Facts:
    """What one visit to the database tells."""

    version: int
    encoding: str
    letters: bool
    skew_seconds: float
    revision: str | None
    invalid_indexes: tuple[str, ...]


T = TypeVar("T")


async def checks(config: Settings) -> tuple[Check, ...]:
    """All checks, in order; needs `database_url` and `redis_url` to be set. Raises nothing of the outside."""
    facts, cache = await asyncio.gather(_tried(_facts, config), _tried(_cache, config))
    return (
        _check("settings", _settings, config),
        _check("keys", _keys, config),
        _check("database", _database, facts),
        _check("migrations", _migrations, facts),
        _check("indexes", _indexes, facts),
        _check("cache", _answered, cache),
        _check("clock", _clock, facts),
    )


async def check_of_data(config: Settings) -> Check:
    """Does the ring have the keys that data need? For whoever asks by hand: it reads more than a balancer may ask for."""
    return _check("data", _data, await _tried(_sample, config, SAMPLE_SECONDS))


async def _tried(
    ask: Callable[[Settings], Awaitable[T]], config: Settings, seconds: float = TIMEOUT_SECONDS
) -> T | Bad:
    """What somebody outside answers, or why there is no answer."""
    try:
        return await asyncio.wait_for(ask(config), seconds)
    except TimeoutError:
        return Bad(f"no answer within {seconds:.0f} s")
    except Bad as bad:
        return bad
    except (*NO_ANSWER, RedisError) as error:
        reason = str(getattr(error, "orig", None) or error).partition("\n")[0]
        return Bad(reason or type(error).__name__)


def _check(name: str, judge: Callable[[T], str], found: T | Bad) -> Check:
    try:
        return Check(name, good=True, text=judge(_answered(found)))
    except Bad as bad:
        return Check(name, good=False, text=str(bad))


def _answered(found: T | Bad) -> T:
    if isinstance(found, Bad):
        raise found
    return found


def _settings(config: Settings) -> str:
    if config.database_url is None or config.redis_url is None:
        raise Bad("DATABASE_URL and REDIS_URL must be set")
    return f"environment {config.env.value}, data in {config.data_dir.absolute()}"


def _ring(config: Settings) -> KeyRing:
    try:
        return key_ring(config)
    except SystemExit:  # it has said the reason on standard error
        raise Bad("QINGYI_KEYS is wrong") from None


def _keys(config: Settings) -> str:
    ring = _ring(config)
    return f"{len(ring.roots)}, the newest is {ring.newest.id}"


async def _sample(config: Settings) -> Sample:
    database = EngineDatabase(_engine(config.database_url or ""))
    return await sample(database, RingSealer(_ring(config)))


def _data(found: Sample) -> str:
    if found.wrong:
        raise Bad("; ".join(found.wrong))
    return f"the ring has the keys of all {found.looked_at:,} fields, tokens and indexes looked at"


@lru_cache(maxsize=1)
def _engine(url: str) -> AsyncEngine:
    """
    Of a connection for each visit: the answer must not depend on what the pool of the requests has at hand.

    Kept, because what SQLAlchemy learns about a server at its first connection is as dear as the questions.
    """
    no_caches = {"statement_cache_size": 0, "prepared_statement_cache_size": 0}
    return create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=no_caches)


async def _facts(config: Settings) -> _Facts:
    async with _engine(config.database_url or "").connect() as connection:
        before = time.time()
        found = (await connection.execute(text(QUESTION))).one()
        after = time.time()
        return _Facts(
            version=found.version,
            encoding=found.encoding,
            letters=found.letters,
            skew_seconds=max(before - found.now, found.now - after, 0.0),
            revision=await _revision(connection) if found.migrated else None,
            invalid_indexes=await connection.run_sync(left_invalid),
        )


async def _revision(connection: AsyncConnection) -> str | None:
    revision: str | None = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def _database(facts: _Facts) -> str:
    if facts.version < OLDEST_POSTGRES:
        raise Bad(f"Postgres {OLDEST_POSTGRES // 10_000} or newer is needed, this is {facts.version}")
    if facts.encoding != "UTF8":
        raise Bad(f"the database's encoding must be UTF8, it is {facts.encoding}")
    # With a plain C ctype Postgres knows no letters beyond ASCII, and pg_trgm sees no Chinese.
    if not facts.letters:
        raise Bad("the database's locale knows no Chinese letters: create it with a UTF-8 locale")
    return f"Postgres {facts.version // 10_000}.{facts.version % 10_000}, {facts.encoding}"


def _migrations(facts: _Facts) -> str:
    try:
        newest = head()
    except NoSingleHead as error:
        raise Bad(str(error)) from None
    if facts.revision != newest:
        raise Bad(
            f"the database is at {facts.revision or 'nothing'}, this code at {newest}: run `qingyi migrate`"
        )
    return f"at {facts.revision}"


@lru_cache(maxsize=1)
def _declared() -> frozenset[str]:
    return frozenset(
        str(index.name) for table in SQLModel.metadata.tables.values() for index in table.indexes
    )


def _indexes(facts: _Facts) -> str:
    """One that no table declares is nobody's hurt: another version's migration, or a REINDEX, that was cut off."""
    names = ", ".join(facts.invalid_indexes)
    if not _declared().isdisjoint(facts.invalid_indexes):
        raise Bad(f"not valid, so that nothing is found by them: {names}; run `qingyi migrate`")
    return f"good, but left over and not valid: {names}; run `qingyi migrate`" if names else "all valid"


async def _cache(config: Settings) -> str:
    async with Redis.from_url(config.redis_url or "") as redis:
        await redis.ping()
        information = await redis.info("server")
    return f"answers, version {information.get('valkey_version') or information.get('redis_version')}"


def _clock(facts: _Facts) -> str:
    if facts.skew_seconds > CLOCK_SKEW_SECONDS:
        raise Bad(f"database and this machine differ by {facts.skew_seconds:.1f} s")
    return f"differs by {facts.skew_seconds:.1f} s at most"

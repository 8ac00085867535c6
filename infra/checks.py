"""What must be good for the server to work, each as one plain answer."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from alembic.util import CommandError
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from infra.keys import key_ring
from infra.migrate import current_and_head
from infra.settings import Settings

OLDEST_POSTGRES = 160_000
CLOCK_SKEW_SECONDS = 2.0
TIMEOUT_SECONDS = 5.0


class Bad(Exception):
    """A check failed; the message says what is wrong in one line."""


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    good: bool
    text: str


async def checks(config: Settings) -> tuple[Check, ...]:
    """All checks, in order; needs `database_url` and `redis_url` to be set. Raises nothing of the outside."""
    every: dict[str, Callable[[Settings], Awaitable[str]]] = {
        "settings": _settings,
        "keys": _keys,
        "database": _database,
        "migrations": _migrations,
        "cache": _cache,
        "clock": _clock,
    }
    return tuple(await asyncio.gather(*(_one(name, check, config) for name, check in every.items())))


async def _one(name: str, check: Callable[[Settings], Awaitable[str]], config: Settings) -> Check:
    try:
        return Check(name, good=True, text=await asyncio.wait_for(check(config), TIMEOUT_SECONDS))
    except Bad as bad:
        return Check(name, good=False, text=str(bad))
    except TimeoutError:
        return Check(name, good=False, text=f"no answer within {TIMEOUT_SECONDS:.0f} s")
    except (OSError, SQLAlchemyError, RedisError, CommandError) as error:
        reason = str(getattr(error, "orig", None) or error).partition("\n")[0]
        return Check(name, good=False, text=reason or type(error).__name__)


async def _settings(config: Settings) -> str:
    if config.database_url is None or config.redis_url is None:
        raise Bad("DATABASE_URL and REDIS_URL must be set")
    return f"environment {config.env.value}, data in {config.data_dir.absolute()}"


async def _keys(config: Settings) -> str:
    try:
        ring = key_ring(config)
    except SystemExit:  # it has said the reason on standard error
        raise Bad("QINGYI_KEYS is wrong") from None
    return f"{len(ring.roots)}, the newest is {ring.newest.id}"


async def _ask(config: Settings, question: str) -> tuple[object, ...]:
    engine = create_async_engine(config.database_url or "", poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            return tuple((await connection.execute(text(question))).one())
    finally:
        await engine.dispose()


async def _database(config: Settings) -> str:
    version, encoding = await _ask(
        config,
        "SELECT current_setting('server_version_num')::int, current_setting('server_encoding')",
    )
    if not isinstance(version, int) or version < OLDEST_POSTGRES:
        raise Bad(f"Postgres {OLDEST_POSTGRES // 10_000} or newer is needed, this is {version}")
    if encoding != "UTF8":
        raise Bad(f"the database's encoding must be UTF8, it is {encoding}")
    # With a plain C ctype Postgres knows no letters beyond ASCII, and pg_trgm sees no Chinese.
    (letters,) = await _ask(config, "SELECT '驿' ~ '[[:alpha:]]'")
    if not letters:
        raise Bad("the database's locale knows no Chinese letters: create it with a UTF-8 locale")
    return f"Postgres {version // 10_000}.{version % 10_000}, {encoding}"


async def _migrations(config: Settings) -> str:
    current, newest = await asyncio.to_thread(current_and_head, config.database_url or "")
    if current != newest:
        raise Bad(f"the database is at {current or 'nothing'}, this code at {newest}: run `qingyi migrate`")
    return f"at {current}"


async def _cache(config: Settings) -> str:
    async with Redis.from_url((config.redis_url or "").replace("valkey://", "redis://")) as redis:
        await redis.ping()
        information = await redis.info("server")
    return f"answers, version {information.get('valkey_version') or information.get('redis_version')}"


async def _clock(config: Settings) -> str:
    before = time.time()
    (now,) = await _ask(config, "SELECT extract(epoch FROM clock_timestamp())::float8")
    after = time.time()
    if not isinstance(now, float):
        raise Bad("the database does not tell the time")
    skew = max(before - now, now - after, 0.0)
    if skew > CLOCK_SKEW_SECONDS:
        raise Bad(f"database and this machine differ by {skew:.1f} s")
    return f"differs by {skew:.1f} s at most"

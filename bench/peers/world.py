"""The world that is asked about: a database of its own with a hundred thousand listings, and youths who ask."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import asyncpg
import uvloop

from api.running.state import connect_arguments
from infra.migrate import upgrade

TOKENS = 200
DATABASE = "bench_peers"
KEYS = "bench:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations" / "versions"
# Nobody is refused: what is measured is counting.
PLENTY = {
    f"QINGYI_LIMIT_{whose}_{what}": "1000000"
    for whose in ("ADDRESS", "PRINCIPAL")
    for what in ("BURST", "RATE")
}


@dataclass(frozen=True, slots=True)
class World:
    database_url: str
    redis_url: str
    environment: Mapping[str, str]
    tokens: tuple[str, ...]


def beside(url: str, name: str) -> str:
    """The address of another database of the same server."""
    address, _, query = url.partition("?")
    return f"{address.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")


def world(script: Path) -> World:
    """Made once, and anew when the script or a migration is another."""
    url, redis_url = os.environ["DATABASE_URL"], os.environ["REDIS_URL"]
    mine, made_by = beside(url, DATABASE), version(script.read_text(encoding="utf-8"))
    if uvloop.run(commented(url, DATABASE)) != made_by:
        print("  making 100,000 listings", flush=True)
        run(url, f'DROP DATABASE IF EXISTS "{DATABASE}" WITH (FORCE)', f'CREATE DATABASE "{DATABASE}"')
        upgrade("postgresql+asyncpg://" + mine.partition("://")[2])
        run(mine, script.read_text(encoding="utf-8"))
        run(mine, "VACUUM ANALYZE", comment(DATABASE, made_by), "CHECKPOINT")
    environment = {**os.environ, **PLENTY, "DATABASE_URL": mine, "QINGYI_KEYS": KEYS}
    return World(mine, redis_url, environment, youths(environment, TOKENS))


def youths(environment: Mapping[str, str], count: int, *more: str) -> tuple[str, ...]:
    """Tokens of so many new youths."""
    granted = subprocess.run(
        [sys.executable, "-m", "api.cli", "grant", "youth", "--count", str(count), *more],
        env={**environment, "QINGYI_ENV": "development"},
        check=True,
        capture_output=True,
        text=True,
    )
    return tuple(json.loads(line)["accessToken"] for line in granted.stdout.splitlines())


def version(data: str) -> str:
    """Of these data in tables as the migrations make them: another one must be made anew."""
    names = "".join(sorted(path.name for path in MIGRATIONS.glob("*.py")))
    return sha256((data + names).encode()).hexdigest()[:16]


def comment(database: str, text: str) -> str:
    return f"COMMENT ON DATABASE \"{database}\" IS '{text}'"


async def commented(url: str, database: str) -> str | None:
    """What `comment` has left at a database; None when there is none."""
    connection = await asyncpg.connect(**connect_arguments(url))
    try:
        found: str | None = await connection.fetchval(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1", database
        )
        return found
    finally:
        await connection.close()


def run(url: str, *statements: str) -> None:
    """Each as a transaction of its own."""

    async def all_of_them() -> None:
        connection = await asyncpg.connect(**connect_arguments(url))
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    uvloop.run(all_of_them())

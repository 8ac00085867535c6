"""
How fast a change of keys goes: youths with sealed number, name and identity number, made under one key, then
`qingyi keys rotate` with a new one in front, again with nothing left to do, `status` and `prune`.

QINGYI_BENCH_YOUTHS says how many, 100,000 by default.
"""

import asyncio
import os
import time
from collections.abc import Awaitable
from typing import TypeVar
from uuid import uuid4

import asyncpg
from uuid_utils.compat import uuid7

import domain.models  # noqa: F401 - every sealed column
from infra.database import EngineDatabase, make_engine
from infra.keys import new_key, parse_keys
from infra.migrate import upgrade
from infra.rotation.pruning import prune
from infra.rotation.resealing import rotate
from infra.rotation.usage import usage
from infra.sealing import RingSealer

YOUTHS = int(os.environ.get("QINGYI_BENCH_YOUTHS", "100000"))
AT_ONCE = 10_000
T = TypeVar("T")


def quiet(what: str, done: int, of: int) -> None:
    """Nobody watches."""


async def fill(url: str, sealer: RingSealer) -> None:
    connection = await asyncpg.connect(url)
    try:
        for start in range(0, YOUTHS, AT_ONCE):
            youths, index = [], []
            for number in range(start, min(start + AT_ONCE, YOUTHS)):
                identity, phone, citizen = uuid7(), f"+86140{number:08d}", f"{number:018d}"
                sealed = [
                    sealer.seal(text, f"accounts_youth.{column}:{identity}")
                    for column, text in (("phone", phone), ("legal_name", "陈小明"), ("identity", citizen))
                ]
                youths.append((identity, *sealed, "VERIFIED", []))
                index += [
                    (purpose, digest, key_id, identity)
                    for purpose, text in (("phone", phone), ("identity", citizen))
                    for key_id, digest in sealer.blinds(text, purpose).items()
                ]
            await connection.executemany(
                "INSERT INTO accounts_youth (id, phone_sealed, legal_name_sealed, identity_sealed,"
                " real_name_status, tracks, created_at) VALUES ($1, $2, $3, $4, $5, $6, now())",
                youths,
            )
            await connection.copy_records_to_table("core_blind_index", records=index)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


async def timed(what: str, work: Awaitable[T]) -> T:
    start = time.perf_counter()
    done = await work
    seconds = time.perf_counter() - start
    print(f"{what:<40} {seconds:8.1f} s {YOUTHS / seconds:10,.0f} youths/s")
    return done


async def measure(url: str) -> None:
    old, new = new_key("old"), new_key("new")
    before, both, after = (RingSealer(parse_keys(ring)) for ring in (old, f"{new},{old}", new))
    await fill(url, before)
    database = EngineDatabase(make_engine(url.replace("postgresql://", "postgresql+asyncpg://")))
    done = await timed("rotate", rotate(database, both, quiet))
    assert (done.resealed, done.indexed, done.complete) == (3 * YOUTHS, 2 * YOUTHS, True), done
    await timed("rotate again, nothing to do", rotate(database, both, quiet))
    await timed("status", usage(database, both.key_ids))
    removed, _ = await timed("prune", prune(database, after.key_ids, quiet))
    assert removed == 2 * YOUTHS
    await database.engine.dispose()


def main() -> None:
    server = os.environ["DATABASE_URL"].replace("postgresql+asyncpg://", "postgresql://")
    address, _, query = server.partition("?")
    name = f"bench_{uuid4().hex[:8]}"
    url = f"{address.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")

    async def execute(statement: str) -> None:
        connection = await asyncpg.connect(server)
        await connection.execute(statement)
        await connection.close()

    asyncio.run(execute(f"CREATE DATABASE {name}"))
    try:
        upgrade(url.replace("postgresql://", "postgresql+asyncpg://"))
        asyncio.run(measure(url))
    finally:
        asyncio.run(execute(f"DROP DATABASE {name} WITH (FORCE)"))


main()

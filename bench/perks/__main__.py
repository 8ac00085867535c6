"""
A hot perk: how long a stock of 500 takes when 20,000 volunteers want it at once, against plain SQL; and the same over HTTP.

    DATABASE_URL=postgresql://… REDIS_URL=redis://… python -m bench.perks [gathered] [served]

`gathered`: ours is the domain's own action: keys of idempotency, eligibility with every reason, stock, limit, points with what has
lapsed, an entry in each chain, sealed codes, history, outbox; requests wait in the lines of two gatherings, as in two server
processes, each with a pool of its own. Against it plain SQL (`plain.py`), bare and with the same work, each with several numbers
of connections, of which the best counts. All commit durably, on one event loop of the same kind with garbage collected as the
server does. Three interleaved rounds, each with a new perk; afterwards everything is asked whether it is right, `qingyi ledger
verify` included. `served`: see there. Makes a database of its own on that server and drops it at the end.
"""

import asyncio
import os
import statistics
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random
from uuid import UUID

import asyncpg
import uvloop

from api.running.target import collect_seldom
from bench.crowd import SEALER, Timed, own_database, plain
from bench.perks.plain import Wish, bare, crowded, whole
from bench.perks.served import served
from bench.perks.shop import Shop, opened
from domain.core.actors import YouthActor
from domain.core.clock import day_of
from domain.core.gathering import Gatherings
from domain.core.idempotency import Once
from domain.volunteering.perks.redeeming import REDEEMING, asked
from infra.database import EngineDatabase, make_engine

CROWD, STOCK, ROUNDS = 20_000, 500, 3
PEERS = {
    "plain SQL, bare": (bare, (4, 8, 16, 32)),
    "plain SQL, the same work": (whole, (16, 32, 64)),  # with fewer each waits for its commit
}
STRICT = (0, 1000, 5, "440300")
"""A perk with nothing left that asks for more than most have."""


async def ours(processes: Sequence[Timed], perk: UUID, crowd: Sequence[UUID]) -> float:
    """Seconds until everybody is answered."""
    gatherings = [Gatherings(one) for one in processes]

    async def ask(number: int, youth: UUID) -> None:
        wish = asked(YouthActor(youth), Once(f"{perk.hex}{youth.hex}", b"0" * 32), perk, SEALER)
        await gatherings[number % len(gatherings)].ask(REDEEMING, wish)

    began = time.perf_counter()
    await asyncio.gather(*(ask(number, youth) for number, youth in enumerate(crowd)))
    return time.perf_counter() - began


async def say_the_same(
    shop: Shop, processes: Sequence[Timed], looking: asyncpg.Connection, people: Sequence[UUID]
) -> None:
    """Who is told that they may not is told the same by ours and by plain SQL, word for word."""
    mine, theirs = [await shop.perk(*STRICT) for _ in range(2)]
    await ours(processes, mine, people)
    for youth in people:
        await whole(looking, Wish(theirs, shop.merchant, youth, f"{theirs.hex}{youth.hex}"))
    kept = "SELECT count(DISTINCT refusals), count(*) FROM core_idempotency_key GROUP BY caller HAVING count(*) > 1"
    alike = [tuple(row) for row in await looking.fetch(kept)]
    assert alike == [(1, 2)] * len(people), "refused in other words"
    reasons = await looking.fetchval("SELECT avg(jsonb_array_length(refusals)) FROM core_idempotency_key")
    print(f"{len(people)} people refused alike, with {reasons:.1f} reasons each")


async def gathered(shop: Shop) -> None:
    processes = [Timed(EngineDatabase(make_engine(shop.url, pool=10))) for _ in range(2)]
    looking = await asyncpg.connect(plain(shop.url))
    took: dict[tuple[str, int], list[float]] = {}
    chance, perks = Random(7), []
    await say_the_same(shop, processes, looking, shop.people[:200])
    await ours(processes, await shop.perk(STOCK), shop.people[: 2 * STOCK])  # composed and prepared by now
    collect_seldom()
    for _ in range(ROUNDS):
        crowd = chance.sample(shop.people, len(shop.people))
        perks.append(await shop.perk(STOCK))
        took.setdefault(("ours", 0), []).append(await ours(processes, perks[-1], crowd))
        for name, (redeem, several) in PEERS.items():
            for connections in several:
                perks.append(await shop.perk(STOCK))
                seconds = await crowded(shop.url, redeem, perks[-1], shop.merchant, crowd, connections)
                took.setdefault((name, connections), []).append(seconds)
    middles = {who: statistics.median(seconds) for who, seconds in took.items()}
    for (name, connections), each in took.items():
        shown = ", ".join(f"{one:.2f}" for one in each)
        print(f"{name:26} {connections or '':2} {middles[name, connections]:6.2f} s (of {shown})")
    for name, (_, several) in PEERS.items():
        best = min(middles[name, connections] for connections in several)
        print(f"ours takes {middles['ours', 0] / best:.2f} of {name}, at its best")
    print(f"{sum(one.count for one in processes)} transactions of ours, {ROUNDS} rounds")
    await shop.check(looking, perks)
    await looking.close()
    for timed in processes:
        await timed.inner.engine.dispose()


async def main(chosen: Sequence[str]) -> None:
    print(f"{day_of(datetime.now(UTC))}  load average {os.getloadavg()}")
    async with own_database() as url:
        database = EngineDatabase(make_engine(url))
        shop = await opened(url, database, CROWD)
        for part in (gathered, served):
            if not chosen or part.__name__ in chosen:
                await part(shop)
        await database.engine.dispose()
    print(f"load average {os.getloadavg()}")


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1:]))

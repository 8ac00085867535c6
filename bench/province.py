"""
Do reads stay as fast with 7.4 million volunteers and 20 million entries as with few?

    DATABASE_URL=postgresql://… PYTHONPATH=. python bench/province.py [blocks]

Loads a village of 7,400 volunteers and, as `qingyi demo --scale province` does, the province (or so many blocks of 74 volunteers),
each into a database of its own, with 200 perks each. Then it asks both in turn, as the domain's queries do, for volunteers chosen
by chance, and prints medians, 99th percentiles and the ratio of the medians: neither GraphQL nor HTTP, by one client. What
is read is seldom in the database's memory. Drops both databases at the end.
"""

import asyncio
import os
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from uuid import UUID

import asyncpg

from bench.crowd import RING, SEALER, own_database, plain
from domain.accounts.reviews import Review, ReviewKind, waiting
from domain.core.actors import StaffActor, StaffRole
from domain.core.clock import day_of
from domain.core.db import Read
from domain.core.keyset import PageAsked, page
from domain.volunteering import entries, reviews
from domain.volunteering.entries import Entry
from domain.volunteering.lapsing import spendable
from domain.volunteering.perks import eligibility, finding
from domain.volunteering.perks.perk import NEWEST, Perk, perks
from infra.database import EngineDatabase, make_engine
from infra.demo.bulk.loading import load_province
from infra.demo.bulk.shape import PROVINCE, Shape
from infra.demo.volunteering import load_perks
from infra.grants import grant_staff

VILLAGE = Shape(organizations=40, blocks=100)
PERKS, ROUNDS, WARMING = 200, 500, 50
assert ReviewKind.SERVICE_RECORD in reviews.SOURCES


@dataclass(slots=True)
class Place:
    """A loaded database, and those whose data are read."""

    database: EngineDatabase
    volunteers: Sequence[UUID]
    perk_ids: Sequence[UUID]
    staff: Sequence[StaffActor]


async def account(db: Read, place: Place, chance: Random) -> None:
    await spendable(db, [chance.choice(place.volunteers)])


async def entries_page(db: Read, place: Place, chance: Random) -> None:
    statement, order = entries.of_volunteer(chance.choice(place.volunteers))
    await page(db, statement, Entry, order, PageAsked())


async def next_perk(db: Read, place: Place, chance: Random) -> None:
    key = chance.choice(place.volunteers)
    await finding.next_perk(db, key, (await spendable(db, [key]))[key])


async def within_reach(db: Read, place: Place, chance: Random) -> None:
    statement = await finding.find(
        db, finding.PerkFilter(eligible_only=True), chance.choice(place.volunteers)
    )
    await page(db, statement, Perk, NEWEST, PageAsked())


async def standings(db: Read, place: Place, chance: Random) -> None:
    key, wanted = chance.choice(place.volunteers), chance.sample(place.perk_ids, 20)
    known = await eligibility.standings(db, wanted, [key])
    for perk_id, perk in (await perks(db, wanted)).items():
        list(eligibility.faults(perk, known[perk_id, key], db.today))


async def of_province(db: Read, place: Place, _: Random) -> None:
    statement, order = waiting(place.staff[0], [ReviewKind.SERVICE_RECORD])
    await page(db, statement, Review, order, PageAsked())


async def of_county(db: Read, place: Place, _: Random) -> None:
    statement, order = waiting(place.staff[1], [ReviewKind.SERVICE_RECORD])
    await page(db, statement, Review, order, PageAsked())


READS: dict[str, Callable[[Read, Place, Random], Awaitable[None]]] = {
    "balance and stars": account,
    "first page of entries": entries_page,
    "nearest perk": next_perk,
    "perks within reach": within_reach,
    "reasons of 20 perks": standings,
    "decisions waiting, province": of_province,
    "decisions waiting, county": of_county,
}


def shown() -> Callable[[str, int, int], None]:
    """A line every twenty seconds."""
    said = 0.0

    def show(what: str, done: int, of: int) -> None:
        nonlocal said
        if time.monotonic() - said > 20:
            said = time.monotonic()
            print(f"  {what}: {done:,} of {of:,}", flush=True)

    return show


async def build(url: str, shape: Shape) -> Place:
    began = time.perf_counter()
    owners = await load_province(url, RING, shape, datetime.now(UTC), shown())
    took = time.perf_counter() - began
    connection = await asyncpg.connect(plain(url))
    size = await connection.fetchval("SELECT pg_database_size(current_database())")
    print(
        f"{shape.volunteers:,} volunteers, {shape.organizations:,} organizations, {shape.entries:,} entries in {took:.1f} s,"
        f" {size / 2**30:.2f} GiB, load average {os.getloadavg()}",
        flush=True,
    )
    database = EngineDatabase(make_engine(url))
    made = await load_perks(database, SEALER, PERKS, Random(3), owners, lambda *_: None)
    staff = []
    for code in ("440000", "440106"):
        [member] = await grant_staff(database, SEALER, [StaffRole.PROGRAMME_MANAGER], code, 1)
        staff.append(StaffActor(member.id, member.unit_id, frozenset({StaffRole.PROGRAMME_MANAGER})))
    share = min(100.0, 100 * 20_000 / shape.volunteers)
    chosen = await connection.fetch(
        f"SELECT id FROM accounts_youth TABLESAMPLE SYSTEM ({share}) REPEATABLE (1)"
    )
    await connection.execute("ANALYZE volunteering_perk")
    await connection.close()
    return Place(database, [row[0] for row in chosen], made, staff)


async def compare(places: Sequence[Place]) -> None:
    took: dict[str, list[list[float]]] = {name: [[] for _ in places] for name in READS}
    chance = Random(5)
    for number in range(ROUNDS + WARMING):
        for name, read in READS.items():
            for place, times in zip(places, took[name], strict=True):
                async with place.database.read() as db:
                    began = time.perf_counter()
                    await read(db, place, chance)
                    if number >= WARMING:
                        times.append((time.perf_counter() - began) * 1000)
    for name, each in took.items():
        medians = [statistics.median(times) for times in each]
        tails = [sorted(times)[int(len(times) * 0.99) - 1] for times in each]
        seen = ", ".join(
            f"{middle:6.2f} ms (p99 {tail:6.2f})" for middle, tail in zip(medians, tails, strict=True)
        )
        print(f"{name:28} {seen}  ratio {medians[-1] / medians[0]:.2f}")


async def main() -> None:
    blocks = int(sys.argv[1]) if len(sys.argv) > 1 else PROVINCE.blocks
    large = Shape(-(-PROVINCE.organizations * blocks // PROVINCE.blocks), blocks)
    print(f"{day_of(datetime.now(UTC))}  load average {os.getloadavg()}")
    async with AsyncExitStack() as stack:
        places = [
            await build(await stack.enter_async_context(own_database()), shape) for shape in (VILLAGE, large)
        ]
        await compare(places)
        for place in places:
            await place.database.engine.dispose()
    print(f"load average {os.getloadavg()}")


if __name__ == "__main__":
    asyncio.run(main())

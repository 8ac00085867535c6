"""
How fast rentals are posted and found, in the database, among 10,000 flats.

    DATABASE_URL=postgresql://… python bench/rentals.py

Makes a database of its own on that server, posts made-up flats by the domain's own action, 500 a call, and prints how long a
call took; then the median and the 99th percentile of a first page, and of a page from its middle, for each order, a hundred
times, each time for another point or sum. It drops the database at the end. One client, neither GraphQL nor HTTP.
"""

import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import islice
from random import Random
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import sqlalchemy as sa

from domain.core.actors import PartnerActor, Scope
from domain.core.counting import count
from domain.core.db import Read
from domain.core.divisions import DivisionLevel, reference
from domain.core.geo import Point
from domain.core.keyset import PageAsked
from domain.core.paging import page
from domain.core.upserts import BATCH_MOST
from domain.hostels.rentals import posting
from domain.hostels.rentals.finding import RentalFilter, RentalOrder, find
from domain.hostels.rentals.rental import Rental
from domain.partners import organizations
from infra.database import EngineDatabase, make_engine
from infra.demo.listings import organizations as demo_organizations
from infra.demo.rentals import rentals
from infra.grants import GRANTS
from infra.migrate import upgrade

FLATS, RUNS, PAGE = 10_000, 100, 20
SEED = 44


async def on_server(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url.replace("postgresql+asyncpg://", "postgresql://"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def told(what: str, milliseconds: list[float]) -> None:
    ordered = sorted(milliseconds)
    print(
        f"{what:44} median {statistics.median(ordered):7.2f} ms"
        f"  p99 {ordered[max(0, int(len(ordered) * 0.99) - 1)]:7.2f} ms  ({len(ordered)} runs)"
    )


async def timed(act: Callable[[], Awaitable[Any]]) -> tuple[float, Any]:
    begun = time.perf_counter()
    answer = await act()
    return (time.perf_counter() - begun) * 1000, answer


async def landlord(database: EngineDatabase, chance: Random) -> UUID:
    async with database.write(GRANTS) as tx:
        [fields] = demo_organizations(1, chance)
        key = await organizations.create(tx, fields)
        await organizations.verify(tx, key, verified=True, note=None)
    return key


async def post(database: EngineDatabase, chance: Random) -> None:
    async with database.read() as db:
        flats = rentals(FLATS, chance, db.today)
    batches = [list(islice(flats, BATCH_MOST)) for _ in range(FLATS // BATCH_MOST)]
    owners = [await landlord(database, chance) for _ in batches]
    for what in ("500 flats created", "500 flats again, unchanged", "500 flats changed"):
        times = []
        for number, owner in enumerate(owners):
            if what.endswith("changed") and "un" not in what:
                batches[number] = [replace(flat, bedrooms=None) for flat in batches[number]]
            actor = PartnerActor(owner, owner, frozenset({Scope.RENTALS_WRITE}))
            begun = time.perf_counter()
            async with database.write(actor) as tx:
                await posting.upsert(tx, batches[number])
            times.append((time.perf_counter() - begun) * 1000)
        told(what, times)


def filters(chance: Random) -> dict[str, Callable[[], RentalFilter]]:
    """What is asked for: near points where people live, within some kilometres of the seats of counties."""
    seats = [row for row in reference() if row["level"] is DivisionLevel.COUNTY]

    def near(prefix: str = "44") -> Point:
        seat = chance.choice([row for row in seats if row["id"].startswith(prefix)])
        return Point(seat["latitude"] + chance.gauss(0, 0.05), seat["longitude"] + chance.gauss(0, 0.05))

    return {
        "nearest first": lambda: RentalFilter(near=near()),
        "nearest first within 5 km": lambda: RentalFilter(near=near(), within_meters=5_000),
        "nearest first within 50 km": lambda: RentalFilter(near=near(), within_meters=50_000),
        "nearest first, in a city, by price": lambda: RentalFilter(
            near=near("4401"),
            division_codes=("440100",),
            max_monthly_rent_fen=chance.randrange(1_000_00, 3_000_00),
        ),
        "cheapest first": lambda: RentalFilter(order_by=RentalOrder.RENT),
        "cheapest first, within 20 km": lambda: RentalFilter(
            near=near(), within_meters=20_000, order_by=RentalOrder.RENT
        ),
        "largest discount first": lambda: RentalFilter(
            order_by=RentalOrder.DISCOUNT, max_monthly_rent_fen=chance.randrange(1_000_00, 3_000_00)
        ),
        "newest first": RentalFilter,
        "by words": lambda: RentalFilter(
            text=chance.choice(("广州 公寓", "天河 近地铁", "两房一厅", "青年社区"))
        ),
    }


async def search(db: Read, what: str, asked: Callable[[], RentalFilter]) -> None:
    firsts, middles, counts = [], [], []
    for _ in range(RUNS):
        found = find(asked())
        first, rows = await timed(
            lambda found=found: page(db, found.statement, Rental, found.order, PageAsked(PAGE))
        )
        firsts.append(first)
        if rows.has_next:
            after = PageAsked(PAGE, after=rows.positions[PAGE // 2])
            middles.append(
                (
                    await timed(
                        lambda found=found, after=after: page(db, found.statement, Rental, found.order, after)
                    )
                )[0]
            )
        counts.append((await timed(lambda found=found: count(db, found.statement)))[0])
    told(what, firsts)
    if middles:
        told(f"{what}, a page on", middles)
    told(f"{what}, count", counts)


async def measure(url: str) -> None:
    engine = make_engine(url)
    database, chance = EngineDatabase(engine), Random(SEED)
    try:
        await post(database, chance)
        async with engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(sa.text("VACUUM ANALYZE hostel_rental, partners_organization"))
        async with database.read() as db:
            for what, asked in filters(chance).items():
                await search(db, what, asked)
    finally:
        await engine.dispose()


def main() -> None:
    server = os.environ["DATABASE_URL"]
    name = f"bench_rentals_{uuid4().hex[:8]}"
    address, _, query = server.partition("?")
    own = f"{address.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")
    asyncio.run(on_server(server, f'CREATE DATABASE "{name}"'))
    try:
        upgrade(own)
        asyncio.run(measure(own.replace("postgresql://", "postgresql+asyncpg://")))
    finally:
        asyncio.run(on_server(server, f'DROP DATABASE "{name}" WITH (FORCE)'))


if __name__ == "__main__":
    main()
